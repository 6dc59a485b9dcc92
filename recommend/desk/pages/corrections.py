"""What can be marked as entered in error in the form of a case: contact attempts and placements."""

from collections.abc import Iterable
from functools import partial

from django.utils import timezone

from recommend.desk import next_steps, workflow
from recommend.desk.models import ContactAttempt, Placement
from recommend.desk.workflow import Transition

PLACEMENT = "placement-"
"""The beginning of the values that are placements; the id follows. The others are ids of contact attempts."""


def what_can_be_wrong(
    attempts: Iterable[ContactAttempt], placements: Iterable[Placement]
) -> list[tuple[str, str]]:
    """Return the choices: what is not marked yet, as pairs of value and words."""
    contacts = [(str(each.pk), named(each)) for each in attempts if each.error_at is None]
    places = [
        (f"{PLACEMENT}{each.pk}", f"{each.where}: {each.get_state_display()}")
        for each in placements
        if each.error_at is None
    ]
    return [*contacts, *places]


def correction(value: str, reason: str) -> Transition:
    """Return the step of the workflow that marks a choice as entered in error."""
    if value.startswith(PLACEMENT):
        placement = int(value.removeprefix(PLACEMENT))
        return partial(workflow.mark_placement_in_error, placement=placement, reason=reason)
    return partial(workflow.mark_entered_in_error, attempt=int(value), reason=reason)


def named(attempt: ContactAttempt) -> str:
    """Return a contact attempt in words: time, user, way and outcome."""
    when = next_steps.moment(attempt.at, timezone.now())
    return f"{when}, {attempt.by.get_username()}: {attempt}"
