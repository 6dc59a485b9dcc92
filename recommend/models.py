"""What the rules said to a submission, the case that the intake team works on, messages to send, and programs."""

from datetime import date

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from intake.crisis_lines import STALE_AFTER, dialled
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
FINISHED_STATUSES = (CaseStatus.PLACED, CaseStatus.CLOSED)


class CaseOutcome(models.TextChoices):
    """Why a case was closed without a place."""

    OTHER_CARE = "other_care", _("Found care elsewhere")
    EMERGENCY_CARE = "emergency_care", _("In emergency or hospital care")
    DECLINED = "declined", _("Did not want to go on")
    NOT_REACHED = "not_reached", _("Could not be reached")
    NOT_FOR_US = "not_for_us", _("Referred elsewhere: not in our reach")
    DUPLICATE = "duplicate", _("The same person has another case")
    OTHER = "other", _("Another reason")
    ERASED = "erased", _("Deleted by the person")


class Stale(models.TextChoices):
    """Why what the desk decided must be looked at again."""

    ANSWERS = "answers", _("The person changed their answers")
    RULES = "rules", _("The rules changed, and with them the recommendation")


def both_or_neither(one: str, other: str) -> Q:
    """Who and when belong together."""
    return Q(**{f"{one}__isnull": True, f"{other}__isnull": True}) | Q(
        **{f"{one}__isnull": False, f"{other}__isnull": False}
    )


AT_DESK = Q(erased_at__isnull=True) & (Q(status__in=OPEN_STATUSES) | Q(stale_since__isnull=False))
"""What is not done: open, or decided on what is no longer so."""

DIFFERS = ~Q(chosen="") & ~Q(level="") & ~Q(chosen=F("level"))
"""Another level was chosen than the one recommended."""


class Case(models.Model):
    """One person's request for care, at the desk of the intake team.

    ``submission`` is the latest that the person sent; earlier ones are found by its ``replaces``. ``version`` grows
    with every change at the desk: whoever saves an older one is refused.
    """

    submission = models.OneToOneField(Submission, on_delete=models.PROTECT, related_name="case")
    reference = models.CharField(max_length=12, unique=True)
    level = models.CharField(max_length=12, choices=LevelOfCare, blank=True)
    # The level of the latest disposition, so that lists can filter by it; only the desk's workflow writes it.
    chosen = models.CharField(max_length=12, choices=LevelOfCare, blank=True, default="")
    urgent = models.BooleanField()  # a crisis or urgent mark, or no level: whoever it is comes first
    status = models.CharField(max_length=12, choices=CaseStatus, default=CaseStatus.NEW)
    opened_at = models.DateTimeField(default=timezone.now)  # or sent again: waiting is counted from here
    version = models.PositiveIntegerField(default=1)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="cases"
    )
    assigned_at = models.DateTimeField(null=True, blank=True)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    first_contact_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=16, choices=CaseOutcome, blank=True)
    stale_since = models.DateTimeField(null=True, blank=True)
    stale_because = models.CharField(max_length=8, choices=Stale, blank=True)
    erased_at = models.DateTimeField(
        null=True, blank=True
    )  # the person deleted what they sent; the shell stays

    class Meta:
        indexes = [
            models.Index(fields=["-urgent", "opened_at"], name="case_worklist"),
            models.Index(fields=["opened_at"], name="case_by_age"),
            models.Index(fields=["status", "-urgent", "opened_at"], name="case_by_status"),
            models.Index(fields=["assignee", "status", "-urgent", "opened_at"], name="case_of_somebody"),
            models.Index(fields=["level", "-urgent", "opened_at"], name="case_by_level"),
            models.Index(
                fields=["-urgent", "opened_at"], name="case_stale", condition=Q(stale_since__isnull=False)
            ),
            models.Index(fields=["-urgent", "opened_at"], name="case_at_desk", condition=AT_DESK),
            models.Index(fields=["-urgent", "opened_at"], name="case_differs", condition=DIFFERS),
            models.Index(fields=["chosen", "-urgent", "opened_at"], name="case_by_chosen"),
            models.Index(fields=["assignee", "-urgent", "opened_at"], name="case_of_anybody"),
            models.Index(
                fields=["-finished_at"], name="case_finished", condition=Q(finished_at__isnull=False)
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=KNOWN_LEVEL, name="case_level_is_known"),
            models.CheckConstraint(
                condition=Q(chosen__in=["", *LevelOfCare.values]), name="case_chosen_is_known"
            ),
            models.CheckConstraint(condition=Q(status__in=CaseStatus.values), name="case_status_is_known"),
            models.CheckConstraint(
                condition=~Q(level="") | Q(urgent=True) | Q(erased_at__isnull=False),
                name="case_without_level_is_urgent",
            ),
            models.CheckConstraint(
                condition=both_or_neither("assignee", "assigned_at"), name="case_assigned_to_whom_and_when"
            ),
            models.CheckConstraint(
                condition=both_or_neither("acknowledged_by", "acknowledged_at"),
                name="case_acknowledged_by_whom_and_when",
            ),
            models.CheckConstraint(
                condition=Q(status__in=FINISHED_STATUSES, finished_at__isnull=False)
                | Q(status__in=OPEN_STATUSES, finished_at__isnull=True),
                name="case_finished_when",
            ),
            models.CheckConstraint(
                condition=Q(status=CaseStatus.CLOSED, outcome__in=CaseOutcome.values)
                | (~Q(status=CaseStatus.CLOSED) & Q(outcome="")),
                name="case_closed_with_an_outcome",
            ),
            models.CheckConstraint(
                condition=Q(stale_since__isnull=True, stale_because="")
                | Q(stale_since__isnull=False, stale_because__in=Stale.values),
                name="case_stale_since_when_and_why",
            ),
        ]

    def __str__(self) -> str:
        return self.reference


class OutboxMessage(models.Model):
    """A message to the team that waits to be sent. It says that a case waits, never anything about health.

    ``due_at`` is when it may be tried next; whoever tries it moves that on first, so that nobody else does.
    """

    class Kind(models.TextChoices):
        CASE = "case", _("A case is waiting")
        URGENT_CASE = "urgent_case", _("An urgent case is waiting")

    kind = models.CharField(max_length=12, choices=Kind)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="messages")
    created_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(default=timezone.now)
    tries = models.PositiveIntegerField(default=0)  # that failed
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], name="outbox_waiting", condition=Q(sent_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.case}"


class Weekday(models.IntegerChoices):
    """The days of a week, in its order."""

    MONDAY = 0, WEEKDAYS[0]
    TUESDAY = 1, WEEKDAYS[1]
    WEDNESDAY = 2, WEEKDAYS[2]
    THURSDAY = 3, WEEKDAYS[3]
    FRIDAY = 4, WEEKDAYS[4]
    SATURDAY = 5, WEEKDAYS[5]
    SUNDAY = 6, WEEKDAYS[6]


class Program(models.Model):
    """A program that the intake team knows. It is shown with a result of its level and never changes one."""

    name = models.CharField(_("name"), max_length=120, unique=True)
    level = models.CharField(_("level"), max_length=12, choices=LevelOfCare)
    place = models.CharField(_("place"), max_length=200, blank=True, help_text=_("Where people go."))
    online = models.BooleanField(_("online"), default=False, help_text=_("People can take part online."))
    languages = models.CharField(
        _("languages"), max_length=200, blank=True, help_text=_("Separated by commas: English, Spanish")
    )
    insurance = models.CharField(_("insurance"), max_length=300, blank=True, help_text=_("What it takes."))
    substance_use_track = models.BooleanField(
        _("track for substance use"),
        default=False,
        help_text=_("It also treats the use of alcohol or drugs."),
    )
    phone = models.CharField(
        _("phone"),
        max_length=40,
        validators=[RegexValidator(r"^\+?[0-9(][0-9 ().-]{4,}$", _("Digits, as people dial them."))],
    )
    checked_on = models.DateField(
        _("checked on"),
        default=timezone.localdate,
        help_text=_(
            "When somebody last made sure that all of this is true. After 180 days patients are told to ask."
        ),
    )
    active = models.BooleanField(_("shown to patients"), default=True)

    class Meta:
        ordering = ["level", "name"]
        constraints = [
            models.CheckConstraint(condition=Q(level__in=LevelOfCare.values), name="program_level_is_known"),
            models.CheckConstraint(
                condition=~Q(place="") | Q(online=True),
                name="program_is_somewhere",
                violation_error_message=_("Give a place, or tick online."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        if self.checked_on and self.checked_on > timezone.localdate():
            raise ValidationError({"checked_on": _("This day is still to come.")})

    @property
    def tel(self) -> str:
        """The address that dials its number."""
        return f"tel:{dialled(self.phone)}"

    def stale(self, today: date) -> bool:
        """Whether the last check is too long ago."""
        return today - self.checked_on > STALE_AFTER


class ProgramSession(models.Model):
    """A time in every week when a program meets."""

    program = models.ForeignKey(Program, on_delete=models.CASCADE, related_name="sessions")
    day = models.PositiveSmallIntegerField(_("day"), choices=Weekday)
    starts = models.TimeField(_("starts"))
    ends = models.TimeField(_("ends"))

    class Meta:
        ordering = ["day", "starts"]
        constraints = [
            models.CheckConstraint(condition=Q(day__in=Weekday.values), name="session_day_is_known"),
            models.CheckConstraint(
                condition=Q(ends__gt=F("starts")),
                name="session_ends_after_it_starts",
                violation_error_message=_("It ends before it starts."),
            ),
            models.UniqueConstraint(
                fields=["program", "day", "starts"],
                name="session_once",
                violation_error_message=_("This time stands twice."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_day_display()} {self.starts:%H:%M} to {self.ends:%H:%M}"
