"""Signals and their states.

A signal is a named thing with ordered grades (``risk``: none to extreme) or a yes/no flag. A *state* stores the grades
of all signals in one ``int``. A signal with five grades has four bits of it, and its grade number *n* (from 0) sets
the lowest *n* of these bits. So ``a | b`` has the worse grade of each signal. And ``state & point == point`` says that
every signal has at least its grade in ``point``: the state *reaches* the point. Rating, deciding, explaining and
proving are built on these two operations.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

State = int
"""The grades of all signals of one :class:`Scales`, as bits. In state 0 every signal has its least grade."""

FLAG = ("no", "yes")


@dataclass(frozen=True)
class Scales:
    """The signals of a rule set, with their grades and their bits in a state.

    Attributes:
        scales: the grades of each signal, by the signal's name, least first; a flag has the scale ``FLAG``.
        areas: the signals that the condition ``areas(grade) >= n`` counts; all share one scale.
    """

    scales: Mapping[str, tuple[str, ...]]
    areas: tuple[str, ...]
    _offset: dict[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        offsets: dict[str, int] = {}
        width = 0
        for signal, scale in self.scales.items():
            offsets[signal] = width
            width += len(scale) - 1
        object.__setattr__(self, "_offset", offsets)

    def at_least(self, signal: str, grade: str) -> State:
        """Return the state in which this signal has this grade, and every other signal its least grade."""
        rank = self.scales[signal].index(grade)
        return ((1 << rank) - 1) << self._offset[signal]

    def rank(self, state: State, signal: str) -> int:
        """Return the position of the signal's grade on its scale, from 0 for the least grade."""
        own = (1 << (len(self.scales[signal]) - 1)) - 1
        return ((state >> self._offset[signal]) & own).bit_length()

    def grade(self, state: State, signal: str) -> str:
        """Return the name of the signal's grade in this state."""
        return self.scales[signal][self.rank(state, signal)]

    def top_bit(self, signal: str, rank: int) -> State:
        """Return the one bit that is set if the signal has this rank or a higher one. ``rank`` is 1 or more."""
        return 1 << (self._offset[signal] + rank - 1)

    def literals(self, state: State) -> tuple[tuple[str, str], ...]:
        """Return the name and grade of each signal above its least grade, in the order of the file."""
        return tuple((s, self.grade(state, s)) for s in self.scales if self.rank(state, s))

    def top_bits(self, state: State) -> Iterable[State]:
        """Yield the highest set bit of each signal above its least grade."""
        return (self.top_bit(s, rank) for s in self.scales if (rank := self.rank(state, s)))

    def mask(self, signals: Iterable[str]) -> State:
        """Return the state in which each of these signals has its highest grade, and every other signal its least."""
        return worst(self.at_least(signal, self.scales[signal][-1]) for signal in signals)


def worst(states: Iterable[State]) -> State:
    """Return the state with the highest grade that each signal has in any of the states; 0 if there are none."""
    result = 0
    for state in states:
        result |= state
    return result


def reaches(state: State, points: Sequence[State]) -> bool:
    """Return whether the state reaches at least one of the points (see the top of this file)."""
    return any(state & point == point for point in points)


def minimal(points: Iterable[State]) -> tuple[State, ...]:
    """Remove each point that lies at or above another one. Return the rest, those with the fewest bits first."""
    kept: list[State] = []
    for point in sorted(set(points), key=lambda p: (p.bit_count(), p)):
        if not reaches(point, kept):
            kept.append(point)
    return tuple(kept)
