"""Steps about placements: offer a program, place the person, say whether they arrived, and end it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from recommend.desk import next_steps, reaching
from recommend.desk.models import (
    Case,
    CaseChange,
    CaseStatus,
    NextAction,
    Placement,
    PlacementReason,
    PlacementState,
    PlacementStep,
)
from recommend.desk.next_steps import NextStep
from recommend.desk.workflow.attention import acknowledge
from recommend.desk.workflow.change import (
    TransitionNotAllowed,
    What,
    apply_change,
    check_may_end,
    check_open,
    has_been_reached,
    history_line,
    mark_wrong,
)
from recommend.desk.workflow.next_step import NOTHING_NEXT, planned_fields
from recommend.programs.models import Program

State = PlacementState

BEGINS = (State.OFFERED, State.ACCEPTED, State.WAITLISTED, State.START_SET, State.DECLINED)

AFTER: Mapping[str, tuple[PlacementState, ...]] = {
    State.OFFERED: (State.ACCEPTED, State.WAITLISTED, State.START_SET, State.DECLINED),
    State.ACCEPTED: (State.WAITLISTED, State.START_SET, State.DECLINED),
    State.WAITLISTED: (State.OFFERED, State.ACCEPTED, State.START_SET, State.DECLINED),
    State.START_SET: (State.ARRIVED, State.NO_SHOW, State.START_SET, State.DECLINED),
    State.ARRIVED: (State.FINISHED, State.ARRIVED),
}
"""The states that can follow each current state; ``BEGINS`` has those with which a placement can begin."""

BACK_TO_WORK = (State.DECLINED, State.NO_SHOW)
UNFINISHED = (State.OFFERED, State.ACCEPTED, State.WAITLISTED, State.START_SET)


@dataclass(frozen=True)
class Place:
    """Where a person may be placed: a program of the list, or a place outside it, in words."""

    program: Program | None = None
    elsewhere: str = ""

    def is_of(self, placement: Placement) -> bool:
        """Return whether a placement is at this place."""
        if self.program:
            return placement.program_id == self.program.pk
        return placement.program_id is None and placement.elsewhere == self.elsewhere


@transaction.atomic
def record_placement(
    case: Case,
    by: User,
    state: str,
    place: Place | None = None,
    day: date | None = None,
    reason: str = "",
    then: NextStep | None = None,
    go_on: bool = False,
) -> None:
    """Record how it goes with a placement, set the next step, and acknowledge the case.

    With a start date, the case is placed. If the person is declined or does not arrive, a placed case is open again.

    Args:
        case: the case.
        by: the user who records it.
        state: a value of ``PlacementState``.
        place: where; None for the place of the current placement. Another place ends the current placement.
        day: the start, for ``START_SET``; the expected end, for ``ARRIVED``.
        reason: a value of ``PlacementReason``; required for ``DECLINED``.
        then: the next step; None for the usual one.
        go_on: with ``FINISHED``, whether the person needs another place; if not, the case is done.

    Raises:
        TransitionNotAllowed: the case is new or finished, something that the state needs is missing, or the state does
            not follow the current one.
        EditConflict: the case has changed since the user saw it.
    """
    check_open(case, "placement")
    if case.status == CaseStatus.NEW:
        raise TransitionNotAllowed("placement", "Log a contact first, then record the placement.")
    current = Placement.objects.current().filter(case=case).first()
    placement = at_place(case, by, current, place)
    check_follows(placement, state)
    check_complete(state, day, reason)
    lines = [history_line(case, by, What.PLACEMENT, placement.state, state)]
    fields = fields_after(case, by, State(state), day, then, lines, go_on)
    acknowledge(case, by)
    apply_change(case, lines, **fields)
    store(placement, by, State(state), day, reason)


def at_place(case: Case, by: User, current: Placement | None, place: Place | None) -> Placement:
    """Return the placement to record something about: the current one, or a new one that is not stored yet.

    The current placement at another place is ended.

    Raises:
        TransitionNotAllowed: there is neither a current placement nor a place, or the person has already begun at
            another place.
    """
    if current and (place is None or place.is_of(current)):
        return current
    if place is None:
        raise TransitionNotAllowed("program", "Choose the program.")
    if current and case.is_followed_up:
        raise TransitionNotAllowed("placement", f"First say how it went at {current.where}.")
    if current:
        has_begun = current.state == State.ARRIVED
        store(
            current, by, State.FINISHED if has_begun else State.DECLINED, None, PlacementReason.OTHER_PROGRAM
        )
    name = place.program.name if place.program else ""
    return Placement(case=case, program=place.program, name=name, elsewhere=place.elsewhere or None)


def check_follows(placement: Placement, state: str) -> None:
    """Check that the state can follow that of the placement.

    Raises:
        TransitionNotAllowed: it cannot.
    """
    if state not in AFTER.get(placement.state, BEGINS):
        before = State(placement.state).label if placement.state else "A new placement"
        raise TransitionNotAllowed("placement", f"{before} does not lead to {State(state).label}.")


def check_complete(state: str, day: date | None, reason: str) -> None:
    """Check that what the state needs was given.

    Raises:
        TransitionNotAllowed: the day or the reason is missing.
    """
    if state == State.START_SET and day is None:
        raise TransitionNotAllowed("starts_on", "Enter the day on which they start.")
    if state == State.ARRIVED and day is None:
        raise TransitionNotAllowed("ends_on", "Enter the day on which the program is expected to end.")
    if state == State.DECLINED and not reason:
        raise TransitionNotAllowed("declined_because", "Choose why it was declined.")


def fields_after(
    case: Case,
    by: User,
    state: PlacementState,
    day: date | None,
    then: NextStep | None,
    lines: list[CaseChange],
    go_on: bool,
) -> dict[str, Any]:
    """Return the fields of the case that follow from a state; see :func:`record_placement` for the arguments.

    Changes for the history are appended to ``lines``.
    """
    now = timezone.now()
    if state == State.FINISHED and case.is_followed_up and not go_on:
        return {**NOTHING_NEXT}
    then = then or next_steps.after_placement(case, state, day, now)
    if state in (State.START_SET, State.ARRIVED):
        return placed_fields(case, by, then, lines)
    reopened: dict[str, Any] = {}
    if case.is_followed_up:
        lines.append(history_line(case, by, What.STATUS, case.status, CaseStatus.ASSESSED))
        reopened = {
            "status": CaseStatus.ASSESSED,
            "finished_at": None,
            "contact_by": reaching.contact_by(case.tier, now),
        }
    reached = bool(reopened) or has_been_reached(case)
    return reopened | planned_fields(case, by, then, lines, reached, placed=False)


def placed_fields(case: Case, by: User, then: NextStep, lines: list[CaseChange]) -> dict[str, Any]:
    """Return the fields of a case that is placed, or already was.

    Raises:
        TransitionNotAllowed: an open case has no level that is still valid, or it is urgent and has no contact attempt.
    """
    fields: dict[str, Any] = {}
    if case.is_open:
        check_may_end(case, "status")
        if case.status != CaseStatus.ASSESSED or not case.chosen:
            raise TransitionNotAllowed("level", "Choose the level before you place the case.")
        if case.stale_since:
            raise TransitionNotAllowed(
                "level", f"{case.get_stale_because_display()}. Choose the level again first."
            )
        lines.append(history_line(case, by, What.STATUS, case.status, CaseStatus.PLACED))
        fields = {"status": CaseStatus.PLACED, "finished_at": timezone.now()}
    return fields | planned_fields(case, by, then, lines, reached=True, placed=True)


def store(placement: Placement, by: User, state: PlacementState, day: date | None, reason: str) -> None:
    """Store a new state of a placement, and a step that says who gave it."""
    placement.state = state
    if state == State.START_SET:
        placement.start_on = day
    if state == State.ARRIVED:
        placement.ends_on = day
    placement.save()
    PlacementStep.objects.create(
        case_id=placement.case_id, placement=placement, by=by, state=state, day=day, reason=reason
    )


def end_unfinished(case: Case, by: User) -> None:
    """Decline what was offered but did not begin, because the case is closed."""
    for placement in Placement.objects.current().filter(case=case, state__in=UNFINISHED):
        store(placement, by, State.DECLINED, None, PlacementReason.CASE_CLOSED)


@transaction.atomic
def mark_placement_in_error(case: Case, by: User, placement: int, reason: str) -> None:
    """Mark a placement as entered in error, so that it stays in the history but no longer counts.

    If the case is placed with it, the case is open again. The next step of an open case is due now.

    Args:
        case: the case.
        by: the user who corrects it.
        placement: the id of the placement.
        reason: why it is wrong, stored encrypted.

    Raises:
        TransitionNotAllowed: the case has no such placement, it is marked already, or the reason is missing.
        EditConflict: the case has changed since the user saw it.
    """
    wrong = Placement.objects.counted().filter(case=case, pk=placement).first()
    if wrong is None:
        raise TransitionNotAllowed("wrong", "This placement is marked already.")
    was_current = wrong.is_current
    mark_wrong(wrong, by, reason)
    lines = [history_line(case, by, What.CORRECTED, f"Placement: {State(wrong.state).label}", "")]
    fields: dict[str, Any] = {}
    if case.is_followed_up and was_current:
        lines.append(history_line(case, by, What.STATUS, case.status, CaseStatus.ASSESSED))
        fields = {"status": CaseStatus.ASSESSED, "finished_at": None}
    if case.is_open or fields:
        fields |= {"next_action": NextAction.REVIEW, "next_action_at": timezone.now()}
    apply_change(case, lines, **fields)
