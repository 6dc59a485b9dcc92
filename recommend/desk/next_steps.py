"""The next step of a case: what is to be done, and when.

Logging a contact attempt sets a usual next step by its outcome, unless the user chooses another one in the form.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import models
from django.utils import timezone
from django.utils.formats import date_format

from recommend.desk import office_time
from recommend.desk.models import FOLLOW_UPS, Case, ContactAttempt, NextAction, PlacementState

FARTHEST = timedelta(days=90)
"""The latest time for a next step. A case that would wait longer should be closed or reviewed."""

FARTHEST_END = timedelta(days=366)
"""The latest time for "What next?", because some programs take most of a year."""


@dataclass(frozen=True)
class NextStep:
    """What is to be done next, and when."""

    action: NextAction
    at: datetime


class When(models.TextChoices):
    """The choices of the form for when the next step is due."""

    TWO_HOURS = "2h", "In 2 hours"
    AFTERNOON = "afternoon", "This afternoon"
    MORNING = "morning", "Tomorrow morning"
    THREE_DAYS = "3d", "In 3 days"
    DATE = "date", "On a date and time"


PRESETS: Mapping[When, Callable[[datetime], datetime]] = {
    When.TWO_HOURS: office_time.in_two_hours,
    When.AFTERNOON: office_time.this_afternoon,
    When.MORNING: office_time.tomorrow_morning,
    When.THREE_DAYS: office_time.in_three_days,
}
"""The functions that work out the time of each choice from the current time; ``When.DATE`` needs none."""

Outcome = ContactAttempt.Outcome

AFTER_CONTACT: Mapping[str, tuple[NextAction, When, When]] = {
    Outcome.REACHED: (NextAction.CALL_BACK, When.AFTERNOON, When.MORNING),
    Outcome.MESSAGE: (NextAction.TRY_AGAIN, When.TWO_HOURS, When.MORNING),
    Outcome.NO_ANSWER: (NextAction.TRY_AGAIN, When.TWO_HOURS, When.AFTERNOON),
    Outcome.WRONG: (NextAction.REVIEW, When.TWO_HOURS, When.AFTERNOON),
}
"""The usual next action after each outcome of a contact attempt, and when: for urgent cases, and for others."""


def after_contact(case: Case, outcome: str, now: datetime) -> NextStep:
    """Return the usual next step after a contact attempt with this outcome. A placed case keeps its next action."""
    action, if_urgent, otherwise = AFTER_CONTACT[outcome]
    if case.is_followed_up:
        action = NextAction(case.next_action)
    return NextStep(action, PRESETS[if_urgent if case.urgent else otherwise](now))


def after_level(now: datetime) -> NextStep:
    """Return the usual next step after the team has chosen a level."""
    return NextStep(NextAction.CHECK_PLACEMENT, office_time.tomorrow_morning(now))


def after_placement(case: Case, state: str, day: date | None, now: datetime) -> NextStep:
    """Return the usual next step after something was recorded about a placement.

    Args:
        case: the case.
        state: the new state, a value of ``PlacementState``, but not ``FINISHED``.
        day: the start, for ``START_SET``; the expected end, for ``ARRIVED``.
        now: the current time.
    """
    if state == PlacementState.START_SET and day:
        return NextStep(NextAction.ARRIVAL, office_time.after_a_start(day, case.urgent, now))
    if state == PlacementState.ARRIVED and day:
        return NextStep(NextAction.WHAT_NEXT, office_time.on_the_day(day, now))
    if state == PlacementState.NO_SHOW:
        return NextStep(NextAction.CALL_BACK, PRESETS[When.TWO_HOURS if case.urgent else When.AFTERNOON](now))
    if state == PlacementState.WAITLISTED:
        return NextStep(NextAction.CHECK_PLACEMENT, office_time.in_three_days(now))
    return NextStep(NextAction.CHECK_PLACEMENT, office_time.tomorrow_morning(now))


def latest(action: NextAction, now: datetime) -> datetime:
    """Return the latest time for a next step with this action."""
    return now + (FARTHEST_END if action == NextAction.WHAT_NEXT else FARTHEST)


def is_for(action: NextAction, placed: bool) -> bool:
    """Return whether a case can have this next action: follow-ups are for placed cases, the others for open ones."""
    return (action in FOLLOW_UPS) == placed


def in_words(action: str, at: datetime | None, now: datetime) -> str:
    """Return a next step in words, such as "Try again, today 2:00 PM EST"; "" if there is none."""
    if not (action and at):
        return ""
    label = str(NextAction(action).label)
    return f"{label}{'' if label.endswith('?') else ','} {moment(at, now)}"


def moment(at: datetime, now: datetime) -> str:
    """Return a time in words, such as "today 2:00 PM EST" or "Mon, Nov. 30 2:00 PM EST"."""
    local, today = timezone.localtime(at), timezone.localtime(now).date()
    return f"{day_name(local.date(), today)} {clock(local)}"


def day_name(day: date, today: date) -> str:
    """Return a day in words: "yesterday", "today", "tomorrow" or such as "Mon, Nov. 30"."""
    near = {
        today - timedelta(days=1): "yesterday",
        today: "today",
        today + timedelta(days=1): "tomorrow",
    }
    return near.get(day) or date_format(day, "D, N j")


def clock(at: datetime) -> str:
    """Return a time of day with its time zone, such as "2:00 PM EST"."""
    return date_format(timezone.localtime(at), "g:i A T")
