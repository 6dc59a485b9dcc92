"""What the intake team adds to a case: who tried to reach the person, what was decided and why, and what changed when.

Free text about a person is encrypted. Facts that the person sent stay where they are and are never changed here.
"""

from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone

from intake.crypto import EncryptedTextField
from recommend.models import Case, LevelOfCare

ROWS_AT_ONCE = 1000


class ByStaff(models.Model):
    """Something that one member of the team did to a case at one time."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="%(class)ss")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        abstract = True
        ordering = ["-at", "-pk"]


class ContactAttempt(ByStaff):
    """One try to reach the person, and how it went."""

    class How(models.TextChoices):
        CALL = "call", "Called"
        TEXT = "text", "Text message"
        EMAIL = "email", "E-mail"
        THEY_CALLED = "they_called", "The person called"
        IN_PERSON = "in_person", "In person"

    class Outcome(models.TextChoices):
        REACHED = "reached", "Reached"
        MESSAGE = "message", "Left a message"
        NO_ANSWER = "no_answer", "No answer"
        WRONG = "wrong", "Wrong number or address"

    how = models.CharField(max_length=12, choices=How)
    outcome = models.CharField(max_length=12, choices=Outcome)
    note = EncryptedTextField(blank=True)

    class Meta(ByStaff.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(how__in=["call", "text", "email", "they_called", "in_person"]),
                name="contact_attempt_how_is_known",
            ),
            models.CheckConstraint(
                condition=Q(outcome__in=["reached", "message", "no_answer", "wrong"]),
                name="contact_attempt_outcome_is_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_how_display()}: {self.get_outcome_display()}"


class Note(ByStaff):
    """A note of the team."""

    text = EncryptedTextField()

    def __str__(self) -> str:
        return f"note on {self.case}"


class Disposition(ByStaff):
    """The level that a clinician chose, beside the one recommended then. The latest one counts; all are kept."""

    class Reason(models.TextChoices):
        MORE_KNOWN = "more_known", "What we learned in the talk"
        SAFETY = "safety", "Safety asks for more"
        PREFERENCE = "preference", "The person wants another level"
        NO_PLACE = "no_place", "No place, or the wait is too long"
        ACCESS = "access", "Distance, transport, hours or home"
        COST = "cost", "Insurance or cost"
        IN_CARE = "in_care", "Goes on with the care they are in"
        OTHER = "other", "Another reason"

    recommended = models.CharField(max_length=12, choices=LevelOfCare, blank=True)  # "": a person had to look
    level = models.CharField(max_length=12, choices=LevelOfCare)
    reason = models.CharField(max_length=12, choices=Reason, blank=True)
    # NULL says that there is none: the constraint cannot read what is encrypted.
    text = EncryptedTextField(null=True, blank=True)

    class Meta(ByStaff.Meta):
        permissions = [("view_dashboard", "Can view the dashboard")]
        constraints = [
            models.CheckConstraint(
                condition=Q(level__in=LevelOfCare.values), name="disposition_level_is_known"
            ),
            models.CheckConstraint(
                condition=Q(recommended="")
                | Q(level=F("recommended"))
                | (~Q(reason="") & Q(text__isnull=False)),
                name="disposition_override_has_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_level_display()} for {self.case}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.text = self.text or None
        super().save(*args, **kwargs)

    @property
    def differs(self) -> bool:
        """Whether another level was chosen than the one recommended."""
        return bool(self.recommended) and self.level != self.recommended


class CaseChange(models.Model):
    """One line of a case's history: what changed, from what to what, by whom. Ids and words of the desk, no free text.

    Without ``by`` it was the person themselves, or the system.
    """

    class What(models.TextChoices):
        STATUS = "status", "Status"
        ASSIGNEE = "assignee", "Assigned to"
        ACKNOWLEDGED = "acknowledged", "Acknowledged"
        OUTCOME = "outcome", "Outcome"
        CONTACT = "contact", "Contact attempt"
        NOTE = "note", "Note"
        DISPOSITION = "disposition", "Disposition"
        STALE = "stale", "To be looked at again"
        RESENT = "resent", "Sent again by the person"
        ERASED = "erased", "Deleted by the person"

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="changes")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    at = models.DateTimeField(default=timezone.now)
    what = models.CharField(max_length=14, choices=What)
    before = models.CharField(max_length=150, blank=True)
    after = models.CharField(max_length=150, blank=True)
    reason = EncryptedTextField(
        blank=True
    )  # where the desk asks for one, such as opening a closed case again

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.get_what_display()} of {self.case}"


class StaffMember(models.Model):
    """What the desk knows of a staff user beside their account."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="staff")
    on_duty = models.BooleanField(default=False, help_text="Is told by e-mail that a case is waiting.")

    def __str__(self) -> str:
        return str(self.user)


class Export(models.Model):
    """A file of cases that somebody had made: which ones, when, and with what. Never changed or deleted.

    The log speaks of it in the words of ``str()``.
    """

    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    with_substance_use = models.BooleanField()
    size = models.PositiveIntegerField()  # how many cases
    cases = models.ManyToManyField(Case, related_name="exports")

    def __str__(self) -> str:
        cases = "1 case" if self.size == 1 else f"{self.size} cases"
        return f"export {self.pk}: {cases} {self.said} answers on substance use"

    @property
    def said(self) -> str:
        """Whether answers on substance use are in it, as its name says."""
        return "with" if self.with_substance_use else "without"

    @classmethod
    @transaction.atomic
    def of(cls, cases: models.QuerySet[Case], by: User, with_substance_use: bool) -> "Export":
        """Keep which cases go out, before the first does."""
        keys = list(cases.order_by().values_list("pk", flat=True))
        export = cls.objects.create(by=by, with_substance_use=with_substance_use, size=len(keys))
        row = cls.cases.through
        for start in range(0, len(keys), ROWS_AT_ONCE):
            part = keys[start : start + ROWS_AT_ONCE]
            row.objects.bulk_create(row(export=export, case_id=key) for key in part)
        return export


class AccessEvent(models.Model):
    """One request of one member of the team: who, what, when, from where. Never an answer, a name or what was typed.

    Written by `recommend.desk.audit` alone. A trigger refuses to change or delete a row; ``hash`` covers the row and
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
