"""Select the content of the call sheet: one printed page about a case, for a call away from the screen.

It says whom to call and how, why the case is urgent, what to ask, what was tried and what is next, and has room to
write. The person's free text is left out, because paper may be seen by others. The sheet says how much is left out.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from recommend.desk import next_steps
from recommend.desk.call_guide.of_case import Group
from recommend.desk.history import History, tried
from recommend.desk.models import ContactAttempt
from recommend.desk.pages.answers_in_order import AnswersInOrder

MOST_ASKED, MOST_CONCERNS, MOST_TRIED = 4, 5, 3
"""The most questions, answers and contact attempts. They fit on one Letter page with the longest questions in two
languages, and leave room to write."""


@dataclass(frozen=True)
class Part:
    """The first items of a list, and the number of items left out."""

    shown: list[Any]
    left: int


@dataclass(frozen=True)
class CallSheet:
    """The content of a call sheet, cut to one page.

    Attributes:
        ask: the first questions of the call guide, safety questions without a known answer first.
        is_unsigned: whether no clinical lead has approved some guide of the case.
        concerns: the first answers that matter to the rules, those about danger first.
        tried: the newest contact attempts in words.
        tried_before: the number of older attempts.
    """

    ask: Part
    is_unsigned: bool
    concerns: Part
    tried: list[str]
    tried_before: int


def call_sheet(guide: Iterable[Group], answers: AnswersInOrder, history: History) -> CallSheet:
    """Return the call sheet of a case.

    Args:
        guide: the call guide of the case.
        answers: the answers of the case, in order.
        history: the history of the case.
    """
    groups = list(guide)
    counted = [each for each in history.attempts if each.error_at is None]
    return CallSheet(
        first_of([item for group in groups for item in group.items], MOST_ASKED),
        any(group.is_guide and not group.signed_off for group in groups),
        first_of(answers.raised, MOST_CONCERNS),
        [attempt_line(each) for each in counted[:MOST_TRIED]],
        len(counted[MOST_TRIED:]),
    )


def first_of(lines: list[Any], most: int) -> Part:
    return Part(lines[:most], len(lines[most:]))


def attempt_line(attempt: ContactAttempt) -> str:
    """Return time, staff user and outcome of a contact attempt, without its note."""
    when = next_steps.moment(attempt.at, timezone.now())
    return f"{when}, {attempt.by.get_username()}: {tried(attempt)}"
