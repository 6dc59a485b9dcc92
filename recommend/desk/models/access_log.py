"""Models of the access log: a chain with one signed row for each staff request, and counts of visitors' requests."""

from django.conf import settings
from django.db import models
from django.db.models import Q


class AccessEvent(models.Model):
    """One request of a staff user: who, what, when, and from where. It holds no answers, patients' names or typed text.

    Only ``recommend.desk.audit.chain`` adds rows, and database triggers reject changes to them.

    Attributes:
        number: 1, 2, 3 and so on, without gaps.
        at: when it was.
        who: the user; None if nobody was signed in.
        verb: what the user did.
        what: the object: the reference of a case, an export, or the URL name of a page.
        address: the client's IP address; "" if it is not known.
        hash: a keyed hash of this row and the hash of the row before.
    """

    class Verb(models.TextChoices):
        READ = "read", "Read a case"
        REVEAL = "reveal", "Revealed free text"
        PRINT = "print", "Printed a case"
        EXPORT = "export", "Exported cases"
        LIST = "list", "Opened a list"
        SEARCH = "search", "Searched"
        CHANGE = "change", "Updated a case"
        PAGE = "page", "Opened a page"
        DASHBOARD = "dashboard", "Opened the dashboard"
        AUDIT_READ = "audit_read", "Read this log"
        REFUSED = "refused", "Was refused"
        SIGN_IN = "sign_in", "Signed in"
        SIGN_IN_FAILED = "sign_in_failed", "Failed to sign in"
        SIGN_IN_SLOWED = "sign_in_slowed", "Had to wait to sign in"
        SIGN_OUT = "sign_out", "Signed out"
        STEP_UP = "step_up", "Confirmed with a code"
        STEP_UP_FAILED = "step_up_failed", "Failed to confirm with a code"
        ENROLLED = "enrolled", "Enrolled a second factor"
        FACTOR_RESET = "factor_reset", "Reset a second factor"
        BACKUP_CODES = "backup_codes", "Made new backup codes"
        CLINIC = "clinic", "Changed the clinic’s settings"
        PASSKEY_ADDED = "passkey_added", "Added a passkey"
        PASSKEY_REMOVED = "passkey_removed", "Removed a passkey"

    number = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    who = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    verb = models.CharField("did", max_length=16, choices=Verb)
    what = models.CharField(max_length=100, blank=True)
    address = models.CharField("from", max_length=45, blank=True)
    hash = models.CharField(max_length=64)

    class Meta:
        ordering = ["-number"]
        verbose_name_plural = "accesses"
        verbose_name = "access"
        indexes = [
            models.Index(fields=["what", "-number"], name="access_to_what"),
            models.Index(fields=["who", "-number"], name="access_by_whom"),
            # PostgreSQL does not use access_by_whom to sort rows in which who is NULL.
            models.Index(fields=["-number"], name="access_by_nobody", condition=Q(who__isnull=True)),
            models.Index(fields=["verb", "-number"], name="access_by_verb"),
            models.Index(fields=["at"], name="access_when"),
        ]

    def __str__(self) -> str:
        return f"{self.number}"


class StrangerEvent(models.Model):
    """A count of equal refused or failed requests without a session, from one address within one hour.

    Anybody can cause these, so they are not in the chain; this table has a limited size, and its rows expire.

    Attributes:
        hour: the start of the hour.
        at: when the latest request was.
        verb: ``REFUSED``, ``SIGN_IN_FAILED`` or ``SIGN_IN_SLOWED`` of ``AccessEvent.Verb``.
        what: the URL name of a page, or the user of a sign-in, such as "user 7".
        address: the client's IP address, or its IPv6 network.
        count: the number of requests.
    """

    hour = models.DateTimeField()
    at = models.DateTimeField("latest")
    verb = models.CharField("did", max_length=16, choices=AccessEvent.Verb)
    what = models.CharField(max_length=100, blank=True)
    address = models.CharField("from", max_length=49, blank=True)
    count = models.PositiveIntegerField("times", default=1)

    class Meta:
        ordering = ["-pk"]
        verbose_name = "visit without a session"
        verbose_name_plural = "visits without a session"
        constraints = [
            models.UniqueConstraint(
                fields=["hour", "address", "verb", "what"], name="strangers_counted_by_the_hour"
            )
        ]

    def __str__(self) -> str:
        return f"{self.count} times {self.get_verb_display()}"


class ChainHead(models.Model):
    """The head of the chain of access events. The table has one row.

    Attributes:
        count: the number of events in the chain.
        hash: the hash of the last event; "" if there is none.
        signature: the signature of both, with a key in FIELD_KEYS.
    """

    count = models.BigIntegerField()
    hash = models.CharField(max_length=64, blank=True)
    signature = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"{self.count} access events"
