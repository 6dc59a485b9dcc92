"""Questions as the engine sees them, and answers made complete.

An answer is one option id, or for a list question several. The engine knows no wording: that stays with its caller.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, combinations
from typing import Literal

SKIP = "skip"
UNSURE = "unsure"
NONRESPONSE = frozenset({SKIP, UNSURE})

AnswerPattern = Mapping[str, frozenset[str]]
"""A row of conditions on answers: each question named in it has one of these options."""


class AnswerError(ValueError):
    """Raised for answers that the questions do not allow; the message says what is wrong."""


@dataclass(frozen=True)
class Question:
    """One question.

    Attributes:
        id: its key.
        kind: ``one`` of the options, or ``many`` of them.
        options: option ids, from least to most concern if ``ordered``; without skip and unsure.
        skip: whether "I'd rather not say" is offered.
        unsure: whether "I'm not sure" is offered.
        ordered: whether the options run from least to most concern.
        exclusive: options of a list question that cannot be chosen with another.
        ask_if: rows, any of which is enough for it to be asked; none at all: it is always asked.
        optional: whether it may stay unanswered.
        stops: options that end the way: no level is recommended for them.
    """

    id: str
    kind: Literal["one", "many"]
    options: tuple[str, ...]
    skip: bool = False
    unsure: bool = False
    ordered: bool = True
    exclusive: frozenset[str] = frozenset()
    ask_if: tuple[AnswerPattern, ...] = ()
    optional: bool = False
    stops: frozenset[str] = frozenset()

    @cached_property
    def offered(self) -> tuple[str, ...]:
        """Every option id a person can choose, skip and unsure included."""
        return self.options + (SKIP,) * self.skip + (UNSURE,) * self.unsure

    @property
    def by_concern(self) -> tuple[str, ...]:
        """The offered options of an ordered question by concern: skip and unsure just above the least."""
        return self.options[:1] + (SKIP,) * self.skip + (UNSURE,) * self.unsure + self.options[1:]


@dataclass(frozen=True)
class Questions:
    """All questions of one version, in the order in which they are asked."""

    version: str
    all: Mapping[str, Question]


@dataclass(frozen=True)
class Completed:
    """Answers made complete.

    Attributes:
        answers: the chosen options of every question asked and answered or filled, in order.
        left_out: asked questions that had no answer.
        dropped: what was answered to questions that are not asked.
    """

    answers: Mapping[str, tuple[str, ...]]
    left_out: frozenset[str]
    dropped: Mapping[str, tuple[str, ...]]

    @property
    def known(self) -> dict[str, tuple[str, ...]]:
        """The answers that were given, without skip and unsure."""
        return {
            id: chosen
            for id, chosen in self.answers.items()
            if id not in self.left_out and NONRESPONSE.isdisjoint(chosen)
        }


def check(questions: Questions, raw: object) -> dict[str, tuple[str, ...]]:
    """Turn answers as they come from outside (a JSON object) into chosen options.

    Raises:
        AnswerError: no object, an unknown question or option, a wrong type, an exclusive option beside others.
    """
    if not isinstance(raw, Mapping):
        raise AnswerError("answers must be an object")
    answers: dict[str, tuple[str, ...]] = {}
    for key, value in raw.items():
        if key not in questions.all:
            raise AnswerError(f"unknown question {key!r}")
        answers[key] = _chosen(questions.all[key], value)
    return answers


def _chosen(question: Question, value: object) -> tuple[str, ...]:
    if question.kind == "one":
        if not isinstance(value, str):
            raise AnswerError(f"{question.id}: expected one option id")
        options: tuple[str, ...] = (value,)
    else:
        if not isinstance(value, list) or not all(isinstance(option, str) for option in value):
            raise AnswerError(f"{question.id}: expected a list of option ids")
        options = tuple(value)
    for option in options:
        if option not in question.offered:
            raise AnswerError(f"{question.id}: unknown option {option!r}")
    if len(set(options)) < len(options):
        raise AnswerError(f"{question.id}: an option is named twice")
    if len(options) > 1 and (alone := [o for o in options if o == SKIP or o in question.exclusive]):
        raise AnswerError(f"{question.id}: {alone[0]!r} cannot stand beside other options")
    return options


def matches(rows: Sequence[AnswerPattern], answers: Mapping[str, tuple[str, ...]]) -> bool:
    """Return whether the answers are as one of the rows asks."""
    return any(
        all(not options.isdisjoint(answers.get(key, ())) for key, options in row.items()) for row in rows
    )


def is_asked(question: Question, answers: Mapping[str, tuple[str, ...]]) -> bool:
    """Return whether the question is asked of a person with these answers to the questions before it."""
    return not question.ask_if or matches(question.ask_if, answers)


def complete(questions: Questions, given: Mapping[str, tuple[str, ...]]) -> Completed:
    """Decide in order which questions are asked; fill what was left out, drop what was not asked.

    A question left out is filled with skip where it is offered, else with unsure, else with its exclusive option
    (emergency: none); one that offers none of these, or is optional, stays out.

    Args:
        questions: the questions of one version
        given: chosen options by question, as :func:`check` returns them. An empty list counts as left out.
    """
    answers: dict[str, tuple[str, ...]] = {}
    left_out: set[str] = set()
    dropped: dict[str, tuple[str, ...]] = {}
    for question in questions.all.values():
        options = given.get(question.id, ())
        if not is_asked(question, answers):
            if options:
                dropped[question.id] = options
        elif options:
            answers[question.id] = options
        else:
            left_out.add(question.id)
            if filler := _filler(question):
                answers[question.id] = (filler,)
    return Completed(answers, frozenset(left_out), dropped)


def _filler(question: Question) -> str | None:
    if question.skip:
        return SKIP
    if question.unsure:
        return UNSURE
    return None if question.optional else min(question.exclusive, default=None)


def screened_out(questions: Questions, answers: Mapping[str, tuple[str, ...]]) -> str | None:
    """Return the first answer that screens somebody out (about someone else, or too young), if there is one."""
    return next(
        (option for id, chosen in answers.items() for option in chosen if option in questions.all[id].stops),
        None,
    )


def as_json(questions: Questions, answers: Mapping[str, tuple[str, ...]]) -> dict[str, str | list[str]]:
    """Return chosen options as JSON values: the inverse of :func:`check`."""
    return {
        id: list(chosen) if questions.all[id].kind == "many" else chosen[0]
        for id, chosen in answers.items()
        if chosen
    }


def choices(question: Question) -> tuple[tuple[str, ...], ...]:
    """Return every answer a person can give to one question, apart from leaving it out."""
    if question.kind == "one":
        return tuple((option,) for option in question.offered)
    several = [option for option in question.options if option not in question.exclusive]
    subsets = chain.from_iterable(combinations(several, size) for size in range(1, len(several) + 1))
    alone = [
        *(option for option in question.options if option in question.exclusive),
        *(SKIP,) * question.skip,
    ]
    return tuple((option,) for option in alone) + tuple(subsets)
