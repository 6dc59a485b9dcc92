"""Set the next step of an open case, which says what is done when."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from recommend.desk import next_steps, reaching
from recommend.desk.models import Case, CaseChange
from recommend.desk.next_steps import NextStep
from recommend.desk.workflow.attention import acknowledge
from recommend.desk.workflow.change import (
    TransitionNotAllowed,
    What,
    apply_change,
    check_open,
    has_been_reached,
    history_line,
)

NOTHING_NEXT: Mapping[str, Any] = {"next_action": "", "next_action_at": None}
"""The fields of the next step of a finished case."""


@transaction.atomic
def plan(case: Case, by: User, then: NextStep) -> None:
    """Set the next step of an open case, which also acknowledges it.

    Raises:
        TransitionNotAllowed: the case is finished, or the time is in the past or too far ahead.
        EditConflict: the case has changed since the user saw it.
    """
    check_open(case, "next_when")
    acknowledge(case, by)
    lines: list[CaseChange] = []
    fields = planned_fields(case, by, then, lines, has_been_reached(case))
    if lines:
        apply_change(case, lines, **fields)


def planned_fields(
    case: Case, by: User, then: NextStep, lines: list[CaseChange], reached: bool, placed: bool | None = None
) -> dict[str, Any]:
    """Return the fields of the case that a next step sets, and append the change for the history to ``lines``.

    Args:
        case: the case.
        by: the user who sets it.
        then: the next step.
        lines: the list to which the change is appended, if there is one.
        reached: whether the person was reached; if not, the time must be within ``reaching.latest_step``.
        placed: whether the case will be placed; None if its status stays as it is.

    Raises:
        TransitionNotAllowed: the time is in the past or too far ahead, or the case cannot have this action.
    """
    now = timezone.now()
    placed = case.is_followed_up if placed is None else placed
    if not next_steps.is_for(then.action, placed):
        raise TransitionNotAllowed(
            "next_action", "Choose another next step: that one does not fit the status."
        )
    if then.at <= now:
        raise TransitionNotAllowed("next_at", "That time is past. Choose a later one.")
    if then.at > next_steps.latest(then.action, now):
        days = (next_steps.latest(then.action, now) - now).days
        raise TransitionNotAllowed("next_at", f"Choose a time in the next {days} days.")
    latest = reaching.latest_step(case.tier, now)
    if not reached and not placed and then.at > latest:
        said = next_steps.moment(latest, now)
        raise TransitionNotAllowed("next_at", f"Nobody has reached this person yet. Choose a time by {said}.")
    before, after = (
        stored_step(case.next_action, case.next_action_at),
        stored_step(then.action, then.at),
    )
    if before != after:
        lines.append(history_line(case, by, What.NEXT, before, after))
    return {"next_action": then.action, "next_action_at": then.at}


def stored_step(action: str, at: datetime | None) -> str:
    """Return a next step as the history stores it: its action and its time, separated by a blank."""
    return f"{action} {at.isoformat(timespec='minutes')}" if at else action
