"""A mix file as values: the populations, and how each answer of a synthetic person comes about."""

from collections.abc import Mapping
from dataclasses import dataclass

SKIP = "skip"

Row = Mapping[str, frozenset[str]]


@dataclass(frozen=True)
class Mix:
    """One kind of population.

    Attributes:
        mean: Mean of the latent severity; its standard deviation is 1.
        shifts: What to add to the items that name a shift, by its name.
    """

    mean: float
    shifts: Mapping[str, float]


@dataclass(frozen=True)
class Fixed:
    """An answer that everyone gives."""

    options: tuple[str, ...]


@dataclass(frozen=True)
class Picked:
    """One option, drawn by its weight."""

    weights: Mapping[str, float]

    @property
    def options(self) -> tuple[str, ...]:
        """The options that can be drawn."""
        return tuple(self.weights)


@dataclass(frozen=True)
class Item:
    """One option that follows severity.

    Attributes:
        rho: Correlation of the underlying normal variable with severity.
        options: From least to most concern.
        cuts: Where the underlying variable passes from one option to the next.
        shift: Name of the mix's shift that applies, if any.
    """

    rho: float
    options: tuple[str, ...]
    cuts: tuple[float, ...]
    shift: str | None


@dataclass(frozen=True)
class Added:
    """Options added to a list, each by itself.

    Attributes:
        percent: Chance of each option.
        instead_of: The option that leaves the list when one is added.
    """

    percent: Mapping[str, float]
    instead_of: str | None

    @property
    def options(self) -> tuple[str, ...]:
        """The options that can be added."""
        return tuple(self.percent)


@dataclass(frozen=True)
class Draw:
    """One step in drawing a person.

    Attributes:
        question: The question whose answer it sets.
        how: How the answer comes about.
        when: Earlier answers that it depends on; empty if it is always made.
    """

    question: str
    how: Fixed | Picked | Item | Added
    when: Row


@dataclass(frozen=True)
class Mixes:
    """One mix file.

    Attributes:
        version: The questionnaire whose options it names.
        seed: Seed for the random generator of each mix.
        people: How many people to draw for each mix.
        lists: Questions that take several options.
        by_name: The mixes.
        draws: The steps for each person, in order.
        skip_percent: Chance that a question in ``skippable`` is refused in the end.
        skippable: Questions that can be refused, in the order in which that is drawn.
    """

    version: str
    seed: int
    people: int
    lists: frozenset[str]
    by_name: Mapping[str, Mix]
    draws: tuple[Draw, ...]
    skip_percent: float
    skippable: tuple[str, ...]

    @property
    def options(self) -> dict[str, frozenset[str]]:
        """Every option that a person can get, by question."""
        found: dict[str, frozenset[str]] = {}
        for draw in self.draws:
            found[draw.question] = found.get(draw.question, frozenset()) | {*draw.how.options}
        return found | {question: found[question] | {SKIP} for question in self.skippable}
