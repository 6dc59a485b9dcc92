"""What the rules said to a submission, the case that the intake team works on, and messages to send."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from intake.models import Submission


class LevelOfCare(models.TextChoices):
    """The levels of the engine, with the words of the desk."""

    OUTPATIENT = "outpatient", _("Outpatient")
    IOP = "iop", _("IOP")
    PHP = "php", _("PHP")
    INPATIENT = "inpatient", _("Inpatient evaluation")


KNOWN_LEVEL = Q(level__in=["", *LevelOfCare.values])


class Recommendation(models.Model):
    """What was recommended and why, as it was shown. Never changed; a new submission gets a new one.

    Without a level the engine failed, and a person must look.
    """

    submission = models.OneToOneField(Submission, on_delete=models.CASCADE, related_name="recommendation")
    level = models.CharField(max_length=12, choices=LevelOfCare, blank=True)
    outcome = models.JSONField()
    ruleset = models.CharField(max_length=20)
    ruleset_digest = models.CharField(max_length=64)
    questionnaire = models.CharField(max_length=20)
    questionnaire_digest = models.CharField(max_length=64)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=KNOWN_LEVEL, name="recommendation_level_is_known"),
        ]

    def __str__(self) -> str:
        return f"recommendation for {self.submission}"


class CaseStatus(models.TextChoices):
    """Where a case stands at the desk."""

    NEW = "new", _("New")
    IN_CONTACT = "in_contact", _("In contact")
    ASSESSED = "assessed", _("Assessed")
    PLACED = "placed", _("Placed")
    CLOSED = "closed", _("Closed")


OPEN_STATUSES = (CaseStatus.NEW, CaseStatus.IN_CONTACT, CaseStatus.ASSESSED)


class Case(models.Model):
    """One person's request for care, at the desk of the intake team."""

    submission = models.OneToOneField(Submission, on_delete=models.PROTECT, related_name="case")
    reference = models.CharField(max_length=12, unique=True)
    level = models.CharField(max_length=12, choices=LevelOfCare, blank=True)
    urgent = models.BooleanField()  # a crisis or urgent mark, or no level: whoever it is comes first
    status = models.CharField(max_length=12, choices=CaseStatus, default=CaseStatus.NEW)
    opened_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["-urgent", "opened_at"], name="case_worklist")]
        constraints = [
            models.CheckConstraint(condition=KNOWN_LEVEL, name="case_level_is_known"),
            models.CheckConstraint(condition=Q(status__in=CaseStatus.values), name="case_status_is_known"),
            models.CheckConstraint(
                condition=~Q(level="") | Q(urgent=True), name="case_without_level_is_urgent"
            ),
        ]

    def __str__(self) -> str:
        return self.reference


class OutboxMessage(models.Model):
    """A message to the team that waits to be sent. It says that a case waits, never anything about health."""

    class Kind(models.TextChoices):
        CASE = "case", _("A case is waiting")
        URGENT_CASE = "urgent_case", _("An urgent case is waiting")

    kind = models.CharField(max_length=12, choices=Kind)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="messages")
    created_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.case}"
