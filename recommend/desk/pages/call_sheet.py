"""A case on one sheet of paper, for a call away from the screen.

It has who and how, why it is urgent, what to ask, what was tried, what is next, and room to write. It leaves out the
person's own words on what the team should know, because paper gets left around, and says how much more is in the case.
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
"""What fits on one sheet of Letter with the longest questions in two languages, and leaves room to write."""


@dataclass(frozen=True)
class Part:
    """The first of some lines, and how many are left out."""

    shown: list[Any]
    left: int


@dataclass(frozen=True)
class CallSheet:
    """What the sheet takes from a case, cut to one page.

    Attributes:
        ask: questions of the call guide, unknown safety questions first.
        is_unsigned: whether a clinical lead has yet to sign off some of them.
        concerns: answers that raised something, danger first.
        tried: the newest attempts in words.
        tried_before: how many older ones there are.
    """

    ask: Part
    is_unsigned: bool
    concerns: Part
    tried: list[str]
    tried_before: int


def call_sheet(guide: Iterable[Group], answers: AnswersInOrder, history: History) -> CallSheet:
    """Choose what goes on the sheet of a case."""
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
    """Return when, by whom and how it went; what was said stays in the case."""
    when = next_steps.moment(attempt.at, timezone.now())
    return f"{when}, {attempt.by.get_username()}: {tried(attempt)}"
