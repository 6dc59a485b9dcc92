"""Signals and their states.

A signal is a named thing with ordered grades (``risk``: none to extreme) or a yes/no flag. A *state* holds the grade
of every signal at once, as one ``int``: a signal with five grades owns four bits, and grade number *n* sets the lowest
*n* of them. So the worse of two states is ``a | b``, and "at least" is ``state & point == point``; both hold for all
signals in one step. Everything that rates, decides, explains and proves is built on these two.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

State = int
"""The grades of all signals of one :class:`Scales`. The least state, nothing raised, is 0."""

FLAG = ("no", "yes")


@dataclass(frozen=True)
class Scales:
    """The signals of a rule set and the bits they own.

    Attributes:
        scales: the grades of each signal, least first; a flag has the scale ``FLAG``.
        areas: the signals that ``areas(grade) >= n`` counts; all share one scale.
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
        """Return the least state in which the signal has this grade."""
        rank = self.scales[signal].index(grade)
        return ((1 << rank) - 1) << self._offset[signal]

    def rank(self, state: State, signal: str) -> int:
        """Return how far up its scale the signal stands: 0 for the least grade."""
        own = (1 << (len(self.scales[signal]) - 1)) - 1
        return ((state >> self._offset[signal]) & own).bit_length()

    def grade(self, state: State, signal: str) -> str:
        """Return the signal's grade in the state, by name."""
        return self.scales[signal][self.rank(state, signal)]

    def top_bit(self, signal: str, rank: int) -> State:
        """Return the one bit that says whether the signal is at this rank (1 or more) or above."""
        return 1 << (self._offset[signal] + rank - 1)

    def literals(self, state: State) -> tuple[tuple[str, str], ...]:
        """Return each raised signal with its grade, in the order of the file."""
        return tuple((s, self.grade(state, s)) for s in self.scales if self.rank(state, s))

    def top_bits(self, state: State) -> Iterable[State]:
        """Yield the highest set bit of each raised signal."""
        return (self.top_bit(s, rank) for s in self.scales if (rank := self.rank(state, s)))

    def mask(self, signals: Iterable[str]) -> State:
        """Return the state in which each of these signals has its highest grade."""
        return worst(self.at_least(signal, self.scales[signal][-1]) for signal in signals)


def worst(states: Iterable[State]) -> State:
    """Return the worse of all states, signal by signal."""
    result = 0
    for state in states:
        result |= state
    return result


def reaches(state: State, points: Sequence[State]) -> bool:
    """Return whether the state is at least one of the points."""
    return any(state & point == point for point in points)


def minimal(points: Iterable[State]) -> tuple[State, ...]:
    """Drop the points that another point makes needless; fewest bits first."""
    kept: list[State] = []
    for point in sorted(set(points), key=lambda p: (p.bit_count(), p)):
        if not reaches(point, kept):
            kept.append(point)
    return tuple(kept)
