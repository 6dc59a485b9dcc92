"""Answers as they are stored, and which questions they open. Knows no draft, page URL or wording."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Self

from intake import content
from intake.pages_file import SHARING, Page
from intake.questionnaire import QuestionItem, Section
from recommend.engine import is_asked
from recommend.engine.answers import Question

Answers = Mapping[str, Any]
"""Answers as drafts and submissions store them: an option id by question, or a list of them."""


def sections() -> tuple[Section, ...]:
    """List the sections that have pages of questions."""
    return tuple(section for section in content.questionnaire().sections if section.id != SHARING)


def pages() -> tuple[Page, ...]:
    """List the pages of questions, in order."""
    return content.pages().questions


def chosen(answers: Answers) -> dict[str, tuple[str, ...]]:
    """Convert stored answers to what the engine reads."""
    return {id: (value,) if isinstance(value, str) else tuple(value) for id, value in answers.items()}


def asked(answers: Answers) -> dict[str, Question]:
    """Return the questions asked of a person with these answers so far.

    This walks through all questions. A page reads ``AnswerState.asked`` instead, which is evaluated once.
    """
    given = chosen(answers)
    found: dict[str, Question] = {}
    so_far: dict[str, tuple[str, ...]] = {}
    for id, question in content.questionnaire().questions.all.items():
        if is_asked(question, so_far):
            found[id] = question
            if id in given:
                so_far[id] = given[id]
    return found


def pruned(answers: Answers) -> dict[str, Any]:
    """Drop the answers to questions that are not asked."""
    return AnswerState.at(answers).pruned.answers


@dataclass(frozen=True)
class AnswerState:
    """Answers so far, with the questions that they open.

    Attributes:
        answers: an option id by question, or a list of them.
        asked: the questions asked of a person with these answers, by id, in order.
    """

    answers: dict[str, Any]
    asked: Mapping[str, Question] = field(repr=False)

    @classmethod
    def at(cls, answers: Answers) -> Self:
        """Evaluate which questions these answers open."""
        return cls(dict(answers), asked(answers))

    def with_answers(self, answers: Answers, *known: "AnswerState") -> Self:
        """Return the state with other answers.

        Args:
            answers: all answers from now on.
            known: states evaluated before; where one has the same answers, nothing is evaluated again.
        """
        given = chosen(answers)
        evaluated: tuple[AnswerState, ...] = (self, *known)
        same = next((each for each in evaluated if each.given == given), None)
        return replace(self, answers=dict(answers), asked=same.asked if same else asked(answers))

    @property
    def pruned(self) -> Self:
        """The state without answers to questions that are not asked; as those open none, ``asked`` stays."""
        return replace(self, answers={id: value for id, value in self.answers.items() if id in self.asked})

    @property
    def given(self) -> dict[str, tuple[str, ...]]:
        """The answers as the engine reads them."""
        return chosen(self.answers)

    def missing(self, page: Page) -> list[str]:
        """List the asked questions of a page that need an answer and have none."""
        open_questions = [self.asked[wording.id] for wording in page.wordings if wording.id in self.asked]
        return [each.id for each in open_questions if not each.optional and each.id not in self.answers]

    def newly_opened(self, page: Page) -> list[str]:
        """List what earlier answers opened on a page, once everything else on it is answered."""
        left = self.missing(page)
        begun = any(wording.id in self.answers for wording in page.wordings)
        return left if begun and all(self.asked[id].ask_if for id in left) else []

    def asked_in(self, part: Section | Page) -> list[QuestionItem]:
        """Return every question of a section or a page that is asked."""
        return [wording for wording in part.wordings if wording.id in self.asked]

    @property
    def asked_by_section(self) -> list[tuple[Section, list[QuestionItem]]]:
        """The questions asked so far, by section."""
        return [(section, self.asked_in(section)) for section in sections()]

    @cached_property
    def first_open_page(self) -> Page | None:
        """The first page that is not finished."""
        return next((page for page in pages() if self.missing(page)), None)

    def can_open(self, page: Page) -> bool:
        """Whether every page before this one is finished."""
        first = self.first_open_page
        return first is None or pages().index(page) <= pages().index(first)
