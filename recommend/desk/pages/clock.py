"""The clock on the page of a case: when its next step is due, and how long ago or how soon that is."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.timesince import timeuntil

from recommend.desk import next_steps
from recommend.desk.models import Case
from recommend.desk.queues import age


@dataclass(frozen=True)
class Clock:
    """Words about the next step at the top of a case page.

    Attributes:
        step: what is due and when, such as "Try again, today 2:00 PM EST".
        left: the time until then, such as "in 20 minutes" or "20 minutes past due".
        is_past: whether the step is due.
    """

    step: str
    left: str
    is_past: bool


def clock_of(case: Case, now: datetime) -> Clock | None:
    """Return the clock of an open case; None for a finished case, which has no next step."""
    if case.next_action_at is None:
        return None
    step = next_steps.in_words(case.next_action, case.next_action_at, now)
    if case.is_due(now):
        return Clock(step, f"{age(case.next_action_at, now)} past due", is_past=True)
    until = timeuntil(case.next_action_at, now, depth=1).replace("\xa0", " ")
    return Clock(step, f"in {until}", is_past=False)
