"""Define questions as the engine sees them, check answers, and complete them.

An answer is one option id, or several for a list question. The engine never needs the wording of a question.
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
"""A row of conditions on answers: of each question id in it, at least one of the listed options was chosen."""


class AnswerError(ValueError):
    """Raised for answers that the questions do not allow; the message says what is wrong."""


@dataclass(frozen=True)
class Question:
    """One question.

    Attributes:
        id: what files and answers call the question.
        kind: ``one`` if one option can be chosen, ``many`` if several can (a list question).
        options: option ids, from least to most concern if ``ordered``; without skip and unsure.
        skip: whether "I'd rather not say" is offered.
        unsure: whether "I'm not sure" is offered.
        ordered: whether the options run from least to most concern.
        exclusive: options of a list question that cannot be chosen together with another.
        ask_if: the question is asked if the earlier answers match one of these rows; always, if there are none.
        optional: whether the question may stay unanswered.
        stops: options that end the questionnaire without a level; see :func:`screened_out`.
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
        """Every option id that a person can choose, including skip and unsure."""
        return self.options + (SKIP,) * self.skip + (UNSURE,) * self.unsure

    @property
    def by_concern(self) -> tuple[str, ...]:
        """The offered options of an ordered question, by concern; skip and unsure come just after the least."""
        return self.options[:1] + (SKIP,) * self.skip + (UNSURE,) * self.unsure + self.options[1:]


@dataclass(frozen=True)
class Questions:
    """All questions of one version, in the order in which they are asked."""

    version: str
    all: Mapping[str, Question]


@dataclass(frozen=True)
class Completed:
    """The answers that :func:`complete` returns.

    Attributes:
        answers: chosen options by question id, in the order of the questions; some are filled in, not given.
        left_out: ids of the questions that were asked and not answered.
        dropped: answers that were given to questions that are not asked, by question id.
    """

    answers: Mapping[str, tuple[str, ...]]
    left_out: frozenset[str]
    dropped: Mapping[str, tuple[str, ...]]

    @property
    def known(self) -> dict[str, tuple[str, ...]]:
        """The answers that the person gave, except skip and unsure."""
        return {
            id: chosen
            for id, chosen in self.answers.items()
            if id not in self.left_out and NONRESPONSE.isdisjoint(chosen)
        }


def check(questions: Questions, raw: object) -> dict[str, tuple[str, ...]]:
    """Convert raw answers, such as a JSON object, to chosen options by question id.

    Raises:
        AnswerError: it is not an object, or a question or option is unknown, a value has the wrong type, an option is
            named twice, or skip or an exclusive option is combined with another option.
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
    """Return whether the answers match at least one of the rows; False if there are no rows."""
    return any(
        all(not options.isdisjoint(answers.get(key, ())) for key, options in row.items()) for row in rows
    )


def is_asked(question: Question, answers: Mapping[str, tuple[str, ...]]) -> bool:
    """Return whether a person with these answers to the earlier questions is asked this question."""
    return not question.ask_if or matches(question.ask_if, answers)


def complete(questions: Questions, given: Mapping[str, tuple[str, ...]]) -> Completed:
    """Drop answers to questions that are not asked, and fill in those that were left out.

    The questions are checked in order, because earlier answers decide which later ones are asked. A question that was
    left out is filled with skip if it offers that, else with unsure. If it offers neither and is not optional, it is
    filled with its exclusive option (``none`` of ``emergency``). Otherwise it gets no answer.

    Args:
        questions: the questions of one version.
        given: chosen options by question id, as :func:`check` returns them. An empty list counts as left out.
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
    """Return the first chosen option that ends the questions without a level, or None.

    Such options say that the answers are about someone else, or that the person is too young.
    """
    return next(
        (option for id, chosen in answers.items() for option in chosen if option in questions.all[id].stops),
        None,
    )


def as_json(questions: Questions, answers: Mapping[str, tuple[str, ...]]) -> dict[str, str | list[str]]:
    """Convert chosen options to JSON values: the inverse of :func:`check`. Omit questions without a chosen option."""
    return {
        id: list(chosen) if questions.all[id].kind == "many" else chosen[0]
        for id, chosen in answers.items()
        if chosen
    }


def choices(question: Question) -> tuple[tuple[str, ...], ...]:
    """Return every answer that a person can give to one question, the least first. Leaving it out is not included."""
    if question.kind == "one":
        return tuple((option,) for option in question.offered)
    several = [option for option in question.options if option not in question.exclusive]
    subsets = chain.from_iterable(combinations(several, size) for size in range(1, len(several) + 1))
    alone = [
        *(option for option in question.options if option in question.exclusive),
        *(SKIP,) * question.skip,
    ]
    return tuple((option,) for option in alone) + tuple(subsets)
