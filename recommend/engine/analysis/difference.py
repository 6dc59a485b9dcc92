"""Compare two rule sets on the same questions, exactly, over every combination of answers."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ..levels import Level
from ..ruleset import Frequency, Rating, RuleSet
from ..scales import Scales, State
from .counting import CountedExample, count_levels

Moves = Mapping[tuple[Level, Level], CountedExample]
"""Counted combinations, by the level before and after."""


def falling(moves: Moves) -> dict[tuple[Level, Level], CountedExample]:
    """Return the moves to a lower level, those from the highest level first."""
    down = [levels for levels in moves if levels[1] < levels[0]]
    return {levels: moves[levels] for levels in sorted(down, reverse=True)}


@dataclass(frozen=True)
class MovedPoint:
    """A minimal point of one of two rule sets, at which they give different levels.

    Attributes:
        before: the level in the first rule set.
        after: the level in the second rule set.
        signals: each signal above its least grade, with its grade.
    """

    before: Level
    after: Level
    signals: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class ChangedRating:
    """A rating, combination rule or frequency sum that differs.

    Attributes:
        what: what differs, such as ``wish_dead = yes``.
        before: what it gives in the first rule set, in words; None if it gives nothing there.
        after: what it gives in the second rule set, in words; None if it gives nothing there.
    """

    what: str
    before: str | None
    after: str | None


@dataclass(frozen=True)
class Difference:
    """The exact difference of two rule sets.

    Attributes:
        moves: combinations whose level differs, by the level before and after; each with one example.
        points: the minimal points at which the level differs; empty if the rule sets have different signals.
        ratings: what answers give differently; this can change areas and marks even if no level moves.
    """

    moves: Moves
    points: tuple[MovedPoint, ...]
    ratings: tuple[ChangedRating, ...]

    @property
    def down(self) -> dict[tuple[Level, Level], CountedExample]:
        """The moves to a lower level, those from the highest level first."""
        return falling(self.moves)

    @property
    def none(self) -> bool:
        """Whether both rule sets give all answers the same level, areas and marks."""
        return not self.moves and not self.ratings


def difference(before: RuleSet, after: RuleSet) -> Difference:
    """Compare two rule sets.

    Raises:
        ValueError: they are for different versions of the questions.
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
    """Return what each answer, frequency sum and combination rule gives, as text.

    The keys, such as ``wish_dead = yes``, allow two rule sets to be compared.
    """
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
    """Return as text what a rating raises and carries, such as ``risk severe, urgent suicide``."""
    marks = [f"{mark} {kind}" for mark, kind in sorted(rating.marks)]
    return ", ".join([*filter(None, [_state_in_words(space, rating.state)]), *marks])


def bands_in_words(space: Scales, table: Frequency) -> str:
    """Return as text what a frequency sum gives, such as ``symptoms moderate from 10, symptoms severe from 15``."""
    return ", ".join(f"{_state_in_words(space, state)} from {least}" for least, state in table.bands)


def _state_in_words(space: Scales, state: State) -> str:
    return " and ".join(f"{signal} {grade}" for signal, grade in space.literals(state))
