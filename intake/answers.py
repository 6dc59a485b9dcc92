"""Answers in their stored form, and which questions are asked because of them.

Nothing here depends on drafts, URLs or what the questions say.
"""

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
"""Answers as drafts and submissions store them: an option id, or a list of option ids, keyed by question id."""


def sections() -> tuple[Section, ...]:
    """Return all sections but sharing, which is asked on a page of its own after the answers are checked."""
    return tuple(section for section in content.questionnaire().sections if section.id != SHARING)


def pages() -> tuple[Page, ...]:
    """Return the pages of questions, in order."""
    return content.pages().questions


def chosen(answers: Answers) -> dict[str, tuple[str, ...]]:
    """Convert stored answers to the form that the engine reads: tuples of option ids, keyed by question id."""
    return {id: (value,) if isinstance(value, str) else tuple(value) for id, value in answers.items()}


def asked(answers: Answers) -> dict[str, Question]:
    """Return the questions asked of a person with these answers so far, keyed by id, in order.

    Goes through all questions at every call. Views read ``AnswerState.asked``, which is worked out once.
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
    """Return the answers without those to questions that are not asked."""
    return AnswerState.at(answers).pruned.answers


@dataclass(frozen=True)
class AnswerState:
    """Answers so far, with the questions that are asked because of them.

    Attributes:
        answers: an option id, or a list of option ids, keyed by question id.
        asked: the questions asked of a person with these answers, keyed by id, in order.
    """

    answers: dict[str, Any]
    asked: Mapping[str, Question] = field(repr=False)

    @classmethod
    def at(cls, answers: Answers) -> Self:
        """Make the state for these answers; works out which questions are asked."""
        return cls(dict(answers), asked(answers))

    def with_answers(self, answers: Answers, *known: "AnswerState") -> Self:
        """Return a copy of this state with other answers.

        Args:
            answers: all answers from now on; they replace the ones of this state.
            known: states made before. If one has the same answers, its ``asked`` is reused to save work.
        """
        given = chosen(answers)
        evaluated: tuple[AnswerState, ...] = (self, *known)
        same = next((each for each in evaluated if each.given == given), None)
        return replace(self, answers=dict(answers), asked=same.asked if same else asked(answers))

    @property
    def pruned(self) -> Self:
        """This state without answers to questions that are not asked.

        ``asked`` stays the same, because an answer to a question that is not asked opens no other question.
        """
        return replace(self, answers={id: value for id, value in self.answers.items() if id in self.asked})

    @property
    def given(self) -> dict[str, tuple[str, ...]]:
        """The answers in the form that the engine reads; see :func:`chosen`."""
        return chosen(self.answers)

    def missing(self, page: Page) -> list[str]:
        """Return the ids of the questions on a page that are asked and required, and have no answer."""
        open_questions = [self.asked[wording.id] for wording in page.wordings if wording.id in self.asked]
        return [each.id for each in open_questions if not each.optional and each.id not in self.answers]

    def newly_opened(self, page: Page) -> list[str]:
        """Return the ids of unanswered questions that earlier answers added to a page after it was filled in.

        Empty if nothing on the page is answered yet, or if a question without a condition (``ask_if``) is unanswered.
        """
        left = self.missing(page)
        begun = any(wording.id in self.answers for wording in page.wordings)
        return left if begun and all(self.asked[id].ask_if for id in left) else []

    def asked_in(self, part: Section | Page) -> list[QuestionItem]:
        """Return those questions of a section or a page that are asked."""
        return [wording for wording in part.wordings if wording.id in self.asked]

    @property
    def asked_by_section(self) -> list[tuple[Section, list[QuestionItem]]]:
        """Each section with those of its questions that are asked, in order."""
        return [(section, self.asked_in(section)) for section in sections()]

    @cached_property
    def first_open_page(self) -> Page | None:
        """The first page with a required question that has no answer; None if there is none."""
        return next((page for page in pages() if self.missing(page)), None)

    def can_open(self, page: Page) -> bool:
        """Return whether every page before this one is finished."""
        first = self.first_open_page
        return first is None or pages().index(page) <= pages().index(first)
