"""Models of placements: each try to place a person in a program, and each thing that was recorded about it."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from carenav.plumbing.crypto import EncryptedTextField
from recommend.desk.models.case import Case, both_or_neither
from recommend.desk.models.work import StaffAction
from recommend.programs.models import Program


class PlacementState(models.TextChoices):
    """How far a try to place a person has come."""

    OFFERED = "offered", "Offered"
    ACCEPTED = "accepted", "Accepted"
    WAITLISTED = "waitlisted", "On the waitlist"
    START_SET = "start_set", "Start date set"
    ARRIVED = "arrived", "Arrived"
    DECLINED = "declined", "Declined"
    NO_SHOW = "no_show", "Did not arrive"
    FINISHED = "finished", "Finished"


CURRENT_STATES = (
    PlacementState.OFFERED,
    PlacementState.ACCEPTED,
    PlacementState.WAITLISTED,
    PlacementState.START_SET,
    PlacementState.ARRIVED,
)
"""The states of a placement that has not ended. A case has at most one such placement."""

WITH_A_START = (
    PlacementState.START_SET,
    PlacementState.ARRIVED,
    PlacementState.NO_SHOW,
    PlacementState.FINISHED,
)


class PlacementReason(models.TextChoices):
    """Why a placement was declined, or why the person did not arrive."""

    NO_PLACE = "no_place", "No place, or the wait is too long"
    NOT_SUITED = "not_suited", "The program says it does not fit"
    NO_REPLY = "no_reply", "The program did not reply"
    PREFERENCE = "preference", "The person does not want it"
    HOURS = "hours", "Hours, distance or transport"
    COST = "cost", "Insurance or cost"
    OTHER_CARE = "other_care", "Other care, or a hospital stay"
    OTHER_PROGRAM = "other_program", "Another program instead"
    CASE_CLOSED = "case_closed", "The case was closed"
    OTHER = "other", "Another reason"


class PlacementQuerySet(models.QuerySet["Placement"]):
    def counted(self) -> "PlacementQuerySet":
        """Return the placements without those marked as entered in error."""
        return self.filter(error_at__isnull=True)

    def current(self) -> "PlacementQuerySet":
        """Return the placements that have not ended."""
        return self.counted().filter(state__in=CURRENT_STATES)


class Placement(models.Model):
    """One try to place a person in a program, from the offer to the end.

    Attributes:
        program: the program; None for a place outside the clinic's list.
        name: the program's name at that time; "" for a place outside the list.
        elsewhere: the name of a place outside the list in words, encrypted; NULL for a program of the list.
        state: how far it has come; each change is a :class:`PlacementStep`.
        start_on: the first day; None as long as it is not set.
        ends_on: the day on which it is expected to end; None as long as the person has not arrived.
        error_at: when it was marked as entered in error. It then stays in the history but counts nowhere.
        error_by: who marked it.
        error_reason: why, encrypted.
    """

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="placements")
    program = models.ForeignKey(Program, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    name = models.CharField(max_length=120, blank=True)
    elsewhere = EncryptedTextField(null=True, blank=True)
    state = models.CharField(max_length=12, choices=PlacementState)
    start_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    at = models.DateTimeField(default=timezone.now)
    error_at = models.DateTimeField(null=True, blank=True)
    error_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    error_reason = EncryptedTextField(blank=True)

    objects = PlacementQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["program", "state"], name="placement_by_program")]
        constraints = [
            models.UniqueConstraint(
                fields=["case"],
                condition=Q(state__in=CURRENT_STATES, error_at__isnull=True),
                name="placement_one_current",
            ),
            models.CheckConstraint(
                condition=Q(state__in=PlacementState.values), name="placement_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(program__isnull=False, elsewhere__isnull=True)
                | Q(program__isnull=True, elsewhere__isnull=False),
                name="placement_is_somewhere",
            ),
            models.CheckConstraint(
                condition=Q(start_on__isnull=False) | ~Q(state__in=WITH_A_START),
                name="placement_starts_on_a_day",
            ),
            models.CheckConstraint(
                condition=both_or_neither("error_at", "error_by"), name="placement_error_by_whom_and_when"
            ),
        ]

    def __str__(self) -> str:
        return f"placement {self.pk}"  # without the case: the admin names it to who may not see cases

    @property
    def where(self) -> str:
        """The name of the program, or of the place outside the list."""
        return self.name or self.elsewhere or ""

    @property
    def is_current(self) -> bool:
        """Whether it has not ended."""
        return self.error_at is None and self.state in CURRENT_STATES


class PlacementStep(StaffAction):
    """One thing that was recorded about a placement. The newest step of a placement has its state.

    Attributes:
        state: the state that it was given.
        day: the start, for ``START_SET``; the expected end, for ``ARRIVED``; else None.
        reason: why it was declined, or why the person did not arrive; "" for the other states.
    """

    placement = models.ForeignKey(Placement, on_delete=models.CASCADE, related_name="steps")
    state = models.CharField(max_length=12, choices=PlacementState)
    day = models.DateField(null=True, blank=True)
    reason = models.CharField(max_length=16, choices=PlacementReason, blank=True)

    class Meta(StaffAction.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=PlacementState.values), name="placement_step_state_is_known"
            ),
            models.CheckConstraint(
                condition=~Q(state=PlacementState.DECLINED) | ~Q(reason=""),
                name="placement_declined_with_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"step of {self.placement}"
