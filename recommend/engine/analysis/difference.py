"""What changes between two rule sets on the same questions: exactly, over every combination of answers."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ..levels import Level
from ..ruleset import Frequency, Rating, RuleSet
from ..scales import Scales, State
from .counting import CountedExample, count_levels

Moves = Mapping[tuple[Level, Level], CountedExample]
"""Combinations by the level before and after."""


def falling(moves: Moves) -> dict[tuple[Level, Level], CountedExample]:
    """Return the moves to a lower level, those out of the highest first."""
    down = [levels for levels in moves if levels[1] < levels[0]]
    return {levels: moves[levels] for levels in sorted(down, reverse=True)}


@dataclass(frozen=True)
class MovedPoint:
    """A least state of signals at which a level begins in one rule set, and the level the other gives it."""

    before: Level
    after: Level
    signals: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class ChangedRating:
    """A rating, combination rule or sum that differs; None on the side that lacks it."""

    what: str
    before: str | None
    after: str | None


@dataclass(frozen=True)
class Difference:
    """The exact difference of two rule sets.

    Attributes:
        moves: combinations by the level before and after, where the two differ; each with one example.
        points: the least states at which a level begins before or after, where the level differs.
        ratings: what answers raise or carry differently; this changes areas and marks also where no level moves.
    """

    moves: Moves
    points: tuple[MovedPoint, ...]
    ratings: tuple[ChangedRating, ...]

    @property
    def down(self) -> dict[tuple[Level, Level], CountedExample]:
        """The moves to a lower level, those out of the highest first."""
        return falling(self.moves)

    @property
    def none(self) -> bool:
        """Whether no answers get another level, area or mark."""
        return not self.moves and not self.ratings


def difference(before: RuleSet, after: RuleSet) -> Difference:
    """Compare two rule sets.

    Raises:
        ValueError: they are made for different versions of the questions.
    """
    if before.questions.version != after.questions.version:
        raise ValueError("the two rule sets are made for different versions of the questions")
    moves = {
        (levels[0], levels[1]): tally
        for levels, tally in count_levels(before, after).items()
        if levels[0] != levels[1]
    }
    points = dict.fromkeys(_moved_points(before, after)) if before.space == after.space else {}
    return Difference(moves, tuple(points), tuple(_changed_ratings(before, after)))


def _moved_points(before: RuleSet, after: RuleSet) -> Iterator[MovedPoint]:
    for ruleset in (before, after):
        for _, points in ruleset.levels:
            for point in ruleset.single_points(points):
                levels = [each.level_at(each.combine(point)) for each in (before, after)]
                if levels[0] != levels[1]:
                    yield MovedPoint(levels[0], levels[1], before.space.literals(point))


def _changed_ratings(before: RuleSet, after: RuleSet) -> Iterator[ChangedRating]:
    old, new = _meanings(before), _meanings(after)
    for what in dict.fromkeys([*old, *new]):
        if old.get(what) != new.get(what):
            yield ChangedRating(what, old.get(what), new.get(what))


def _meanings(ruleset: RuleSet) -> dict[str, str]:
    """Describe everything that gives signals or marks, in words that two rule sets can be compared by."""
    found: dict[str, set[str]] = {}
    for what, words in _each_meaning(ruleset):
        found.setdefault(what, set()).add(words)
    return {what: ", ".join(sorted(words)) for what, words in found.items()}


def _each_meaning(ruleset: RuleSet) -> Iterator[tuple[str, str]]:
    space = ruleset.space
    yield "areas", ", ".join(space.areas)
    for id, ratings in ruleset.ratings.items():
        for option, rating in ratings.items():
            if words := rating_in_words(space, rating):
                yield f"{id} = {option}", words
    for table in ruleset.frequencies:
        yield f"sum of {', '.join(table.questions)}", bands_in_words(space, table)
    for each in ruleset.combined:
        when = " or ".join(sorted(_state_in_words(space, point) for point in each.points))
        yield f"together: {when}", rating_in_words(space, each.gives)


def rating_in_words(space: Scales, rating: Rating) -> str:
    """Put what a rating raises and carries into words, such as ``risk severe, urgent suicide``."""
    marks = [f"{mark} {kind}" for mark, kind in sorted(rating.marks)]
    return ", ".join([*filter(None, [_state_in_words(space, rating.state)]), *marks])


def bands_in_words(space: Scales, table: Frequency) -> str:
    """Put into words what a sum raises, and from which sum on."""
    return ", ".join(f"{_state_in_words(space, state)} from {least}" for least, state in table.bands)


def _state_in_words(space: Scales, state: State) -> str:
    return " and ".join(f"{signal} {grade}" for signal, grade in space.literals(state))
