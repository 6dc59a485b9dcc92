"""The access log: one signed row per staff request, in a chain."""

from django.conf import settings
from django.db import models
from django.db.models import Q


class AccessEvent(models.Model):
    """One request of one member of the team: who, what, when, from where. Never an answer, a name or what was typed.

    Written by `recommend.desk.audit.recorder` alone. A trigger refuses to change or delete a row; ``hash`` covers the row and
    the hash before it.
    """

    class Verb(models.TextChoices):
        READ = "read", "Read a case"
        REVEAL = "reveal", "Revealed free text"
        PRINT = "print", "Printed a case"
        EXPORT = "export", "Exported cases"
        LIST = "list", "Opened a list"
        SEARCH = "search", "Searched"
        CHANGE = "change", "Sent a form"
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

    number = models.BigIntegerField(primary_key=True)  # 1, 2, 3 ... without a gap
    at = models.DateTimeField()
    who = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )  # nobody: not signed in
    verb = models.CharField("did", max_length=16, choices=Verb)
    what = models.CharField(max_length=100, blank=True)  # a reference, an export, or the name of a page
    address = models.CharField("from", max_length=45, blank=True)
    hash = models.CharField(max_length=64)

    class Meta:
        ordering = ["-number"]
        verbose_name_plural = "accesses"
        verbose_name = "access"
        indexes = [
            models.Index(fields=["what", "-number"], name="access_to_what"),
            models.Index(fields=["who", "-number"], name="access_by_whom"),
            # of its own: PostgreSQL does not read the one above in order for NULL
            models.Index(fields=["-number"], name="access_by_nobody", condition=Q(who__isnull=True)),
            models.Index(fields=["verb", "-number"], name="access_by_verb"),
            models.Index(fields=["at"], name="access_when"),
        ]

    def __str__(self) -> str:
        return f"{self.number}"


class AuditHead(models.Model):
    """Where the chain of access events ends: how many there are, and the hash of the last. One row."""

    count = models.BigIntegerField()
    hash = models.CharField(max_length=64, blank=True)
    seal = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"{self.count} access events"
