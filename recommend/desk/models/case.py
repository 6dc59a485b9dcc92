"""The case that the intake team works on, and the conditions for an open, acknowledged, due or overdue case."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from carenav.clinic.in_force import clinic
from intake.models import Submission
from recommend.desk import office_time
from recommend.levels.choices import KNOWN_LEVEL, LevelOfCare


class CaseStatus(models.TextChoices):
    """How far the desk has come with a case."""

    NEW = "new", _("New")
    IN_CONTACT = "in_contact", _("In contact")
    ASSESSED = "assessed", _("Assessed")
    PLACED = "placed", _("Placed")
    CLOSED = "closed", _("Closed")


OPEN_STATUSES = (CaseStatus.NEW, CaseStatus.IN_CONTACT, CaseStatus.ASSESSED)
FINISHED_STATUSES = (CaseStatus.PLACED, CaseStatus.CLOSED)


class CaseOutcome(models.TextChoices):
    """Why a case was closed without a placement."""

    OTHER_CARE = "other_care", _("Found care elsewhere")
    EMERGENCY_CARE = "emergency_care", _("In emergency or hospital care")
    DECLINED = "declined", _("Declined services")
    NOT_REACHED = "not_reached", _("Could not be reached")
    NOT_FOR_US = "not_for_us", _("Referred out (outside our service area)")
    DUPLICATE = "duplicate", _("Duplicate")
    OTHER = "other", _("Another reason")
    ERASED = "erased", _("Deleted by the person")


class NextAction(models.TextChoices):
    """What is to be done next on an open case, or on a placed one (``FOLLOW_UPS``)."""

    FIRST_CONTACT = "first_contact", _("First contact")
    TRY_AGAIN = "try_again", _("Try again")
    CALL_BACK = "call_back", _("Call back")
    CHECK_PLACEMENT = "check_placement", _("Check placement")
    REVIEW = "review", _("Review")
    LEAD_REVIEW = "lead_review", _("Lead to review")
    ARRIVAL = "arrival", _("Did they arrive?")
    WHAT_NEXT = "what_next", _("What next?")


FOLLOW_UPS = (NextAction.ARRIVAL, NextAction.WHAT_NEXT)
"""The next actions of a placed case: asked once the program has begun, and when it ends. Open cases have the others."""

OPEN_ACTIONS = [action.value for action in NextAction if action not in FOLLOW_UPS]


class Tier(models.IntegerChoices):
    """How soon staff must act on a case; see ``recommend/desk/tiers.py``."""

    NOW = 1, _("Now")
    TODAY = 2, _("Today")
    SOON = 3, _("Soon")
    ROUTINE = 4, _("Routine")


URGENT_TIERS = (Tier.NOW, Tier.TODAY)


class StaleReason(models.TextChoices):
    """Why the desk must look at a case again."""

    ANSWERS = "answers", _("The person changed their answers")
    RULES = "rules", _("The rules changed, and with them the recommendation")


def both_or_neither(one: str, other: str) -> Q:
    """Return a condition that both fields are set or both are NULL, such as who did something and when."""
    return Q(**{f"{one}__isnull": True, f"{other}__isnull": True}) | Q(
        **{f"{one}__isnull": False, f"{other}__isnull": False}
    )


AT_DESK = Q(erased_at__isnull=True) & (Q(next_action_at__isnull=False) | Q(stale_since__isnull=False))
"""Cases that still need work: those with a next action (open, or placed and followed up), and stale ones (decided on
answers or rules that have changed since)."""

DIFFERS = ~Q(chosen="") & ~Q(level="") & ~Q(chosen=F("level"))
"""Cases for which the team chose another level than the recommended one."""


# Each condition exists as a query here and as a method or property of the model; tests compare the two.


def unacknowledged(since: str = "opened_at", case: str = "") -> Q:
    """Return a condition for cases that nobody has acknowledged since they were last sent.

    Args:
        since: the name of the field with the time of sending.
        case: the lookup path to the case with "__" at its end, for a query on another model.
    """
    return Q(**{f"{case}acknowledged_at__isnull": True}) | Q(**{f"{case}acknowledged_at__lt": F(since)})


def unacknowledged_urgent() -> Q:
    """Return a condition for unacknowledged urgent cases, open or not."""
    return unacknowledged() & Q(urgent=True)


def unacknowledged_crisis() -> Q:
    """Return a condition for open cases in the tier Now that nobody has acknowledged."""
    return unacknowledged() & Q(tier=Tier.NOW, status__in=OPEN_STATUSES)


def due(now: datetime) -> Q:
    """Return a condition for cases whose next action is due."""
    return Q(next_action_at__lte=now)


def contact_overdue(now: datetime) -> Q:
    """Return a condition for open cases without a first contact whose time limit for it has passed."""
    return Q(first_contact_at__isnull=True, contact_by__lte=now, finished_at__isnull=True)


def action_overdue(now: datetime) -> Q:
    """Return a condition for cases whose next action has been due since before the last office day.

    The assigned user may be away.
    """
    return Q(next_action_at__lte=office_time.previous_office_day(now))


def escalated(now: datetime) -> Q:
    """Return a condition for cases that are due and need the lead: past a time limit, or passed to the lead.

    A case whose next action is planned for later does not match until then.
    """
    for_the_lead = Q(next_action=NextAction.LEAD_REVIEW)
    return due(now) & (contact_overdue(now) | action_overdue(now) | for_the_lead)


def overdue(now: datetime) -> Q:
    """Return a condition for cases that are overdue for acknowledgment, a first contact or the next action.

    The settings URGENT_LATE_MINUTES and CONTACT_POLICY give the time limits.
    """
    late = now - timedelta(minutes=clinic().urgent_late_minutes)
    acknowledge = Q(opened_at__lte=late, finished_at__isnull=True)
    return (unacknowledged_urgent() & acknowledge) | contact_overdue(now) | action_overdue(now)


class Case(models.Model):
    """One person's request for care, as the intake team works on it.

    Attributes:
        submission: the person's latest submission; its ``replaces`` leads to earlier ones.
        reference: the number that the person quotes on the phone, the same for all their submissions.
        level: the level recommended for the latest submission; "" if staff must review it or the person deleted it.
        chosen: the level of the latest disposition, copied here for filters; "" if there is none. Only the workflow
            writes it.
        tier: how soon staff must act on it, worked out when it is sent.
        urgent: whether the tier is Now or Today.
        urgent_because: the kinds of danger that make it urgent, separated by commas, so that lists need no answers.
        language: the code of the language in which the person answered.
        next_action: what is to be done next. Open cases have one, placed ones until the program has ended; else "".
        next_action_at: when the next action is due; None if there is none.
        opened_at: when it was sent, or sent again after staff had begun work. Waiting times count from here.
        contact_by: when the first contact is due, by the contact policy of its tier.
        lead_told_at: when leads last got an e-mail that the case needs them; None if they got none.
        flood: the id of the group of cases that came at once and may have been sent by a program; "" for no group.
        version: a number that grows with each change at the desk; saving an older version is refused.
        stale_since: when it became stale (see ``StaleReason``); None if it is not stale.
        merged_into: the case of the same person that stays, if this one is a duplicate; None if it is not merged.
        erased_at: when the person deleted their submission; the case remains, without answers. None if they did not.
    """

    submission = models.OneToOneField(Submission, on_delete=models.PROTECT, related_name="case")
    reference = models.CharField(max_length=12, unique=True)
    level = models.CharField(max_length=12, choices=LevelOfCare, blank=True)
    chosen = models.CharField(max_length=12, choices=LevelOfCare, blank=True, default="")
    tier = models.PositiveSmallIntegerField(choices=Tier, default=Tier.ROUTINE)
    urgent = models.BooleanField()
    urgent_because = models.CharField(max_length=150, blank=True)
    language = models.CharField(max_length=12, blank=True)
    status = models.CharField(max_length=12, choices=CaseStatus, default=CaseStatus.NEW)
    opened_at = models.DateTimeField(default=timezone.now)
    next_action = models.CharField(
        max_length=16, choices=NextAction, blank=True, default=NextAction.FIRST_CONTACT
    )
    next_action_at = models.DateTimeField(null=True, blank=True, default=timezone.now)
    contact_by = models.DateTimeField(default=timezone.now)
    lead_told_at = models.DateTimeField(null=True, blank=True)
    flood = models.CharField(max_length=16, blank=True, default="")
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
    merged_into = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="merged"
    )
    stale_since = models.DateTimeField(null=True, blank=True)
    stale_because = models.CharField(max_length=8, choices=StaleReason, blank=True)
    erased_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        permissions = [("lead_case", "Can see to escalated cases")]
        indexes = [
            models.Index(fields=["tier", "opened_at"], name="case_worklist"),
            models.Index(fields=["opened_at"], name="case_by_age"),
            models.Index(fields=["status", "tier", "opened_at"], name="case_by_status"),
            models.Index(fields=["assignee", "status", "tier", "opened_at"], name="case_of_somebody"),
            models.Index(fields=["level", "tier", "opened_at"], name="case_by_level"),
            models.Index(
                fields=["tier", "opened_at"], name="case_stale", condition=Q(stale_since__isnull=False)
            ),
            models.Index(fields=["tier", "next_action_at"], name="case_at_desk", condition=AT_DESK),
            models.Index(fields=["next_action_at"], name="case_by_next_action", condition=AT_DESK),
            models.Index(fields=["tier", "opened_at"], name="case_differs", condition=DIFFERS),
            models.Index(fields=["chosen", "tier", "opened_at"], name="case_by_chosen"),
            models.Index(fields=["language", "tier", "opened_at"], name="case_by_language"),
            models.Index(fields=["assignee", "tier", "opened_at"], name="case_of_anybody"),
            models.Index(fields=["flood", "tier", "opened_at"], name="case_flood", condition=~Q(flood="")),
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
                condition=Q(tier__in=URGENT_TIERS, urgent=True)
                | Q(tier__in=(Tier.SOON, Tier.ROUTINE), urgent=False),
                name="case_urgent_by_its_tier",
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
                condition=Q(
                    status__in=OPEN_STATUSES, next_action__in=OPEN_ACTIONS, next_action_at__isnull=False
                )
                | Q(status=CaseStatus.PLACED, next_action__in=FOLLOW_UPS, next_action_at__isnull=False)
                | Q(status__in=FINISHED_STATUSES, next_action="", next_action_at__isnull=True),
                name="case_open_has_a_next_action",
            ),
            models.CheckConstraint(
                condition=Q(status=CaseStatus.CLOSED, outcome__in=CaseOutcome.values)
                | (~Q(status=CaseStatus.CLOSED) & Q(outcome="")),
                name="case_closed_with_an_outcome",
            ),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | Q(outcome=CaseOutcome.DUPLICATE),
                name="case_merged_is_a_duplicate",
            ),
            models.CheckConstraint(
                condition=Q(stale_since__isnull=True, stale_because="")
                | Q(stale_since__isnull=False, stale_because__in=StaleReason.values),
                name="case_stale_since_when_and_why",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def is_open(self) -> bool:
        """Whether its status is one of an open case."""
        return self.status in OPEN_STATUSES

    @property
    def is_followed_up(self) -> bool:
        """Whether it is placed and waits for the person to arrive, or for the program to end."""
        return self.status == CaseStatus.PLACED and self.next_action != ""

    @property
    def has_next_step(self) -> bool:
        """Whether staff still work on it: it is open, or followed up."""
        return self.is_open or self.is_followed_up

    @property
    def is_acknowledged(self) -> bool:
        """Whether a staff user has acknowledged it since it was last sent."""
        return self.acknowledged_at is not None and self.acknowledged_at >= self.opened_at

    @property
    def is_unacknowledged_crisis(self) -> bool:
        """Whether it is open, in the tier Now, and nobody has acknowledged it."""
        return self.tier == Tier.NOW and self.is_open and not self.is_acknowledged

    @property
    def attempts_count_from(self) -> datetime:
        """The time from which contact attempts count: when it was last sent, rounded down to minutes as in forms."""
        return self.opened_at.replace(second=0, microsecond=0)

    def is_due(self, now: datetime) -> bool:
        """Return whether its next action is due."""
        return self.next_action_at is not None and self.next_action_at <= now

    def is_acknowledgement_overdue(self, now: datetime) -> bool:
        """Return whether an urgent open case has waited too long to be acknowledged."""
        limit = timedelta(minutes=clinic().urgent_late_minutes)
        return self.is_open and self.urgent and not self.is_acknowledged and now - self.opened_at >= limit

    def is_first_contact_overdue(self, now: datetime) -> bool:
        """Return whether an open case has waited too long for a first contact."""
        return self.is_open and self.first_contact_at is None and self.contact_by <= now

    def is_next_action_overdue(self, now: datetime) -> bool:
        """Return whether the next action has been due since before the last office day; see ``action_overdue``."""
        return self.next_action_at is not None and self.next_action_at <= office_time.previous_office_day(now)

    def is_escalated(self, now: datetime) -> bool:
        """Return whether it is due and needs the lead; see ``escalated``."""
        late = self.is_first_contact_overdue(now) or self.is_next_action_overdue(now)
        return self.is_due(now) and (late or self.next_action == NextAction.LEAD_REVIEW)
