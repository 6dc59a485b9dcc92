"""Find the fewest of a person's answers that are enough for their level, whatever the other answers are."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from ..levels import Level
from ..rating import Signals
from ..ruleset import RuleSet
from ..scales import State
from .answer_space import AnswerSpace, Assignment, QuestionBlock, answer_space_of, least_assignments, merge

Answers = Mapping[str, tuple[str, ...]]


def sufficient_reason(ruleset: RuleSet, signals: Signals) -> Answers:
    """Return the fewest of a person's answers that keep the level from falling, whatever the other answers are.

    Returns:
        chosen options by question id, in order; empty for the lowest level, which needs no answer.
    """
    landscape = answer_space_of(ruleset)
    level = ruleset.level_at(signals.state)
    points = [
        point for each, points in ruleset.levels if each == level for point in ruleset.single_points(points)
    ]
    answers = _in_order(ruleset, signals.completed.answers)
    certain = [_certain(group, answers) for group in landscape.groups]
    reached = [_fewest(certain, point) for point in points if signals.single & point == point]
    found = sorted((each for each in reached if each is not None), key=len)
    smallest = next((each for each in found if floor(landscape, each) >= level), {})
    return {id: smallest[id] for id in ruleset.questions.all if id in smallest}


def _in_order(ruleset: RuleSet, answers: Answers) -> Answers:
    """Sort the options of each answer as its question has them, as the assignments of a block do."""
    questions = ruleset.questions.all
    return {
        id: tuple(option for option in questions[id].offered if option in chosen)
        for id, chosen in answers.items()
    }


def floor(landscape: AnswerSpace, answers: Answers) -> Level:
    """Return the lowest level of any complete answers that include these."""
    ways = merge(_least(landscape, number, group, answers) for number, group in enumerate(landscape.groups))
    return min((landscape.level(way) for way in ways), default=Level.OUTPATIENT)


def _least(landscape: AnswerSpace, number: int, group: QuestionBlock, answers: Answers) -> list[Assignment]:
    own = _own(group, answers)
    if not own:
        return landscape.least[number]
    every = (1 << len(own)) - 1
    states = (state for agreed, state in group.agreements(own) if agreed == every)
    return least_assignments(Assignment(answers, state, crisis=False, weight=0) for state in states)


def _own(group: QuestionBlock, answers: Answers) -> list[tuple[str, tuple[str, ...]]]:
    return [(id, answers[id]) for id in group.questions if id in answers]


EVERY_BIT: State = -1
"""-1, in which every bit is set: ``EVERY_BIT & state`` is ``state``."""

Certain = list[tuple[State, Answers]]
"""Pairs of a state and some of a person's answers to a block. These reach the state whatever the others are."""


def _certain(group: QuestionBlock, answers: Answers) -> Certain:
    """Return, for each subset of a person's answers to a block, the state that they reach in any case.

    It is the intersection of the states of all assignments that agree with the person on the subset, or on more.
    """
    own = _own(group, answers)
    bits = [1 << place for place in range(len(own))]
    certain: list[State] = [EVERY_BIT] * (1 << len(own))
    for agreed, state in group.agreements(own):
        certain[agreed] &= state
    for bit in bits:
        for start in range(0, len(certain), 2 * bit):
            for choice in range(start, start + bit):
                certain[choice] &= certain[choice + bit]
    return [
        (certain[sum(bits[place] for place in places)], {own[place][0]: own[place][1] for place in places})
        for places in _choices(range(len(own)))
    ]


def _choices(left: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """Yield every subset of some places, as a tuple. Each comes before those that add a later place to it."""
    yield ()
    for index, place in enumerate(left):
        yield from ((place, *more) for more in _choices(left[index + 1 :]))


def _fewest(certain: list[Certain], point: State) -> Answers | None:
    """Return the fewest of a person's answers that reach a point for certain; None if not even all of them do."""
    found: dict[State, Answers] = {0: {}}
    for choices in certain:
        steps = _shortest((state & point, chosen) for state, chosen in choices)
        found = _shortest(
            (covered | more, {**answers, **chosen})
            for covered, answers in found.items()
            for more, chosen in steps.items()
        )
    return found.get(point)


def _shortest(sets: Iterable[tuple[State, Answers]]) -> dict[State, Answers]:
    """Return the fewest answers for each state."""
    shortest: dict[State, Answers] = {}
    for part, answers in sets:
        if part not in shortest or len(answers) < len(shortest[part]):
            shortest[part] = answers
    return shortest
