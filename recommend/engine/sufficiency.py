"""The smallest set of a person's answers that is enough for their level, whatever the other answers are."""

from collections.abc import Iterable, Mapping

from .landscape import Group, Landscape, Way, landscape_of, least_ways, merge
from .levels import Level
from .rating import Signals
from .ruleset import RuleSet
from .signals import State

Answers = Mapping[str, tuple[str, ...]]


def enough(ruleset: RuleSet, signals: Signals) -> Answers:
    """The fewest answers that hold the level: with them alone no other answers can give less; without one, some can.

    Returns:
        the answers by question, in order; none for the lowest level, which needs no answer.
    """
    landscape = landscape_of(ruleset)
    level = ruleset.level_at(signals.state)
    points = [
        point for each, points in ruleset.levels if each == level for point in ruleset.single_points(points)
    ]
    reached = [point for point in points if signals.single & point == point]
    found = [set_ for point in reached if (set_ := _fewest(landscape, signals, point)) is not None]
    held = [answers for answers in sorted(found, key=len) if floor(landscape, answers) >= level]
    smallest = held[0] if held else {}
    return {id: smallest[id] for id in ruleset.questions.all if id in smallest}


def floor(landscape: Landscape, answers: Answers) -> Level:
    """The lowest level that any whole set with these answers can get."""
    ways = merge(_least(landscape, number, group, answers) for number, group in enumerate(landscape.groups))
    return min((landscape.level(way) for way in ways), default=Level.OUTPATIENT)


def _least(landscape: Landscape, number: int, group: Group, answers: Answers) -> list[Way]:
    if not any(id in answers for id in group.questions):
        return landscape.least[number]
    return least_ways(way for way in group.ways if _agrees(way, answers, group.questions))


def _agrees(way: Way, answers: Answers, questions: Iterable[str]) -> bool:
    return all(way.answers.get(id) == answers[id] for id in questions if id in answers)


def _fewest(landscape: Landscape, signals: Signals, point: State) -> Answers | None:
    """The fewest of a person's answers that reach a point; None if no set of them does for certain."""
    found: dict[State, Answers] = {0: {}}
    for number, group in enumerate(landscape.groups):
        if not point & landscape.raised[number]:
            continue
        own = {id: signals.completed.answers[id] for id in group.questions if id in signals.completed.answers}
        steps = list(_certain(group.ways, list(own.items()), {}, point))
        onward: dict[State, Answers] = {}
        for covered, answers in found.items():
            for more, chosen in steps:
                part = covered | more
                if part not in onward or len(answers) + len(chosen) < len(onward[part]):
                    onward[part] = {**answers, **chosen}
        found = onward
    return found.get(point)


def _certain(
    ways: Iterable[Way], left: list[tuple[str, tuple[str, ...]]], chosen: Answers, point: State
) -> Iterable[tuple[State, Answers]]:
    """For each choice among the person's answers to one group: the part of the point that all ways with them raise."""
    ways = list(ways)
    part = point
    for way in ways:
        part &= way.state
    yield part, chosen
    for place, (id, answer) in enumerate(left):
        narrower = [way for way in ways if way.answers.get(id) == answer]
        yield from _certain(narrower, left[place + 1 :], {**chosen, id: answer}, point)
