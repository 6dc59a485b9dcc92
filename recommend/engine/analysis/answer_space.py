"""The answer space: every way to answer a questionnaire, as the states it can lead to. The proof is built on it.

Questions that decide whether others are asked, or that are added up together, form one *block* (also called group).
One way to answer a block is an *assignment*. What a block raises does not depend on other blocks, so complete answers
are one assignment from each block, and their state is the worst of the assignments' states. A block is small enough to
list all its assignments. The space of complete answers (about 10^21) is never listed.

A higher state never has a lower level. So a check that a level is always at least ... needs only the *least*
assignments of each block, and a check that something cannot happen without something else needs only the least ones
that reach it.
"""

import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache, reduce
from operator import or_
from typing import Literal

from ..answers import AnswerPattern, Question, choices, is_asked, matches
from ..levels import Level
from ..rating import frequency_states
from ..ruleset import Invariant, RuleSet
from ..scales import State, worst

Answers = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, eq=False)
class Assignment:
    """One way to answer some questions.

    Attributes:
        answers: the chosen options of each question that is asked, by question id.
        state: what the answers raise one by one, frequency sums included, without combination rules.
        crisis: whether one of the answers carries a crisis by itself.
        weight: how many of the answers are not the least; a smaller weight is easier to read.
    """

    answers: Answers
    state: State
    crisis: bool
    weight: int

    def __or__(self, other: "Assignment") -> "Assignment":
        return Assignment(
            {**self.answers, **other.answers},
            self.state | other.state,
            self.crisis or other.crisis,
            self.weight + other.weight,
        )


UNSIGNED: Mapping[int, Literal["B", "H", "I", "Q"]] = {1: "B", 2: "H", 4: "I", 8: "Q"}
"""Codes of unsigned integers for ``memoryview.cast``, by their number of bytes."""

NO_ANSWER = Assignment({}, 0, False, 0)


@dataclass(frozen=True, eq=False)
class QuestionBlock:
    """Questions that depend on each other, and every way to answer them."""

    questions: tuple[str, ...]
    ways: tuple[Assignment, ...]
    _agreeing: dict[tuple[str, tuple[str, ...]], int] = field(default_factory=dict, repr=False)

    def agreements(self, answers: Sequence[tuple[str, tuple[str, ...]]]) -> set[tuple[int, State]]:
        """Return which of some answers each assignment gives, and its state, without duplicates.

        A block has up to 200,000 assignments, and every person's result needs this. So all assignments are one long
        integer, with a few bytes for each assignment and in them a bit for each answer. The integers of an answer are
        cached.

        Args:
            answers: ids and chosen options of some questions of the block.

        Returns:
            pairs of an integer and a state; bit n of the integer says whether answer number n (from 0) is given.
        """
        given = sum(self._giving(*each) << bit for bit, each in enumerate(answers))
        each_assignment = memoryview(given.to_bytes(len(self.ways) * self._width, sys.byteorder))
        agreed = each_assignment.cast(UNSIGNED[self._width])
        return set(zip(agreed, self._states, strict=True))

    @cached_property
    def _width(self) -> int:
        """The number of bytes that hold a bit for each question."""
        return next(width for width in UNSIGNED if len(self.questions) <= 8 * width)

    def _giving(self, id: str, answer: tuple[str, ...]) -> int:
        """Return an integer with ``_width`` bytes for each assignment: 1 if the assignment gives the answer, else 0."""
        if (id, answer) not in self._agreeing:
            flags = [way.answers.get(id) == answer for way in self.ways]
            each = b"".join(flag.to_bytes(self._width, sys.byteorder) for flag in flags)
            self._agreeing[id, answer] = int.from_bytes(each, sys.byteorder)
        return self._agreeing[id, answer]

    @cached_property
    def _states(self) -> tuple[State, ...]:
        return tuple(way.state for way in self.ways)

    def where(self, row: AnswerPattern) -> tuple[Assignment, ...]:
        """Return the assignments that match a row, or the part of the row that is about this block."""
        here = {id: options for id, options in row.items() if id in self.questions}
        return tuple(way for way in self.ways if matches([here], way.answers))


class AnswerSpace:
    """Blocks of questions, with every assignment of each as one rule set rates it.

    Args:
        groups: the question ids of each block, as :func:`blocks_of` returns them.
    """

    def __init__(self, ruleset: RuleSet, groups: Iterable[tuple[str, ...]]) -> None:
        self.ruleset = ruleset
        questions = [ruleset.questions.all[id] for ids in groups for id in ids]
        self.least_answers = least_answers(questions)
        self._rated = {
            (question.id, chosen): self._rate(question.id, chosen)
            for question in questions
            for chosen in choices(question)
        }
        self.groups = [QuestionBlock(ids, tuple(self._ways(ids))) for ids in groups]
        self.least = [least_assignments(group.ways) for group in self.groups]
        self.raised = [worst(way.state for way in group.ways) for group in self.groups]
        self._steps: dict[tuple[int, State], list[Assignment]] = {}

    def _ways(self, ids: tuple[str, ...]) -> list[Assignment]:
        """Return every assignment of a block; earlier answers decide whether a question is asked."""
        found = [NO_ANSWER]
        for question in (self.ruleset.questions.all[id] for id in ids):
            offered = [self._one(question.id, chosen) for chosen in choices(question)]
            found = [
                way | one
                for way in found
                for one in (offered if is_asked(question, way.answers) else (NO_ANSWER,))
            ]
        if any(id in table.questions for table in self.ruleset.frequencies for id in ids):
            return [replace(way, state=way.state | self._added_up(way.answers)) for way in found]
        return found

    def way(self, answers: Answers) -> Assignment:
        """Rate some answers and return them as an assignment."""
        given = {id: answers[id] for id in self.ruleset.questions.all if id in answers}
        way = reduce(or_, (self._one(id, chosen) for id, chosen in given.items()), NO_ANSWER)
        return replace(way, state=way.state | self._added_up(given))

    def _one(self, id: str, chosen: tuple[str, ...]) -> Assignment:
        raised, calls = self._rated[id, chosen]
        return Assignment({id: chosen}, raised, calls, int(chosen != self.least_answers[id]))

    def _added_up(self, answers: Answers) -> State:
        """Return the state that the frequency sums of some answers give."""
        return worst(frequency_states(self.ruleset, answers))

    def _rate(self, id: str, chosen: tuple[str, ...]) -> tuple[State, bool]:
        """Return the state that one answer gives, and whether it carries a crisis."""
        ratings = [self.ruleset.rating(id, option) for option in chosen]
        return worst(rating.state for rating in ratings), any(rating.crisis for rating in ratings)

    def level(self, way: Assignment) -> Level:
        """Return the level of complete answers."""
        return self.ruleset.level_at(self.ruleset.combine(way.state))

    def least_where(self, row: AnswerPattern) -> list[Assignment]:
        """Return the least complete assignments that match a row; empty if nobody can answer so."""
        return merge(
            least if row.keys().isdisjoint(group.questions) else least_assignments(group.where(row))
            for group, least in zip(self.groups, self.least, strict=True)
        )

    def least_with_crisis(self) -> list[Assignment]:
        """Return the least complete assignments in which one answer carries a crisis by itself."""
        found: list[Assignment] = []
        for number, group in enumerate(self.groups):
            calls = least_assignments(way for way in group.ways if way.crisis)
            found += merge([*self.least[:number], calls, *self.least[number + 1 :]])
        return found

    def reaching(
        self, point: State, start: Assignment = NO_ANSWER, answered: int | None = None
    ) -> list[Assignment]:
        """Return the least complete assignments that reach a point; empty if nobody can answer so.

        Args:
            point: a point of what answers raise one by one (``Signals.single``).
            start: an assignment of one block to begin with; it stays as it is.
            answered: the index of that block; None if there is none.
        """
        numbers = [number for number in range(len(self.groups)) if number != answered]
        found: list[Assignment] = [start]
        for place, number in enumerate(numbers):
            later = worst(self.raised[other] for other in numbers[place + 1 :])
            onward = (way | step for way in found for step in self.steps(number, point))
            found = least_assignments((way for way in onward if not point & ~(way.state | later)), keep=point)
        return [way for way in found if way.state & point == point]

    def reaching_among(self, blocks: Sequence[Sequence[Assignment]], point: State) -> list[Assignment]:
        """Return the least complete assignments that reach a point, made of the allowed assignments only.

        Args:
            blocks: the allowed assignments of each block.
            point: a point of what answers raise one by one (``Signals.single``).
        """
        raised = [worst(way.state for way in ways) for ways in blocks]
        found: list[Assignment] = [NO_ANSWER]
        for number, ways in enumerate(blocks):
            later = worst(raised[number + 1 :])
            steps = least_assignments(ways, keep=point & raised[number])
            onward = (way | step for way in found for step in steps)
            found = least_assignments((way for way in onward if not point & ~(way.state | later)), keep=point)
        return [way for way in found if way.state & point == point]

    def steps(self, number: int, point: State) -> list[Assignment]:
        """Return the least assignments of a block, but all that differ in which bits of a point they raise. Cached."""
        key = number, point & self.raised[number]
        if key not in self._steps:
            self._steps[key] = least_assignments(self.groups[number].ways, keep=key[1])
        return self._steps[key]


def answer_space_of(ruleset: RuleSet, promises: Iterable[Invariant] = ()) -> AnswerSpace:
    """Build the answer space of the questions that a rule set rates or a promise names.

    Args:
        ruleset: the rule set.
        promises: the invariants of its charter; those of its own file are included anyway.
    """
    promised = {id for invariant in (*ruleset.invariants, *promises) for row in invariant.rows for id in row}
    return answer_space_on(ruleset, blocks_of(ruleset, besides=promised))


@lru_cache(maxsize=8)
def answer_space_on(ruleset: RuleSet, groups: tuple[tuple[str, ...], ...]) -> AnswerSpace:
    """Build the answer space of a rule set on given blocks. The last 8 are cached."""
    return AnswerSpace(ruleset, groups)


def least_answers(questions: Iterable[Question]) -> Answers:
    """Return the least answer to each question, by question id."""
    return {question.id: choices(question)[0] for question in questions}


def answer_sets(questions: Iterable[Question]) -> list[Answers]:
    """Return every way to answer some questions, given in order; earlier answers decide whether a question is asked."""
    found: list[dict[str, tuple[str, ...]]] = [{}]
    for question in questions:
        offered = choices(question)
        found = [
            {**answers, question.id: chosen} if chosen else answers
            for answers in found
            for chosen in (offered if is_asked(question, answers) else ((),))
        ]
    return list(found)


def blocks_of(*rulesets: RuleSet, besides: Iterable[str] = ()) -> tuple[tuple[str, ...], ...]:
    """Group the questions that matter for the level in any of the rule sets into independent blocks.

    Args:
        *rulesets: rule sets on the same questions.
        besides: ids of other questions to include.

    Returns:
        the question ids of each block, in the order of the questions.
    """
    questions = rulesets[0].questions.all
    wanted = {*besides, *(id for ruleset in rulesets for id in ruleset.rated)}
    for id in reversed(list(questions)):  # only an earlier question decides whether one is asked
        if id in wanted:
            wanted |= {other for row in questions[id].ask_if for other in row}
    group = {id: {id} for id in wanted}
    links = [(id, other) for id in wanted for row in questions[id].ask_if for other in row]
    tables = [table for ruleset in rulesets for table in ruleset.frequencies]
    links += [(table.questions[0], other) for table in tables for other in table.questions]
    for id, other in links:
        joined = group[id] | group[other]
        group |= dict.fromkeys(joined, joined)
    return tuple(
        dict.fromkeys(
            tuple(id for id in questions if id in group[member]) for member in questions if member in group
        )
    )


def least_assignments(ways: Iterable[Assignment], keep: State = 0) -> list[Assignment]:
    """Drop each assignment that another one makes unnecessary, and return the rest.

    An assignment is unnecessary if another one raises no more, raises the same bits of ``keep``, and is not harder to
    read.

    Args:
        ways: the assignments to choose from.
        keep: bits that matter to the caller; each part of them that can be reached stays reachable.
    """
    lightest: dict[State, Assignment] = {}
    for way in ways:
        if way.state not in lightest or way.weight < lightest[way.state].weight:
            lightest[way.state] = way
    found: list[Assignment] = []
    for way in sorted(lightest.values(), key=lambda way: (way.state.bit_count(), way.weight)):
        raises_no_more = (other for other in found if not other.state & ~way.state)
        if not any(
            other.weight <= way.weight and not (other.state ^ way.state) & keep for other in raises_no_more
        ):
            found.append(way)
    return found


def merge(parts: Iterable[Sequence[Assignment]]) -> list[Assignment]:
    """Join one assignment from each part in every combination, and return the least of the results."""
    found: Sequence[Assignment] = [NO_ANSWER]
    for part in parts:
        found = least_assignments(way | step for way in found for step in part)
    return list(found)
