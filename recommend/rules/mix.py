"""The parts of a mix file: its populations, and how each answer of a synthetic person is drawn."""

from collections.abc import Mapping
from dataclasses import dataclass

SKIP = "skip"

Row = Mapping[str, frozenset[str]]


@dataclass(frozen=True)
class Mix:
    """One kind of population, such as the people of an outpatient clinic.

    Attributes:
        mean: Mean of the latent severity; its standard deviation is 1.
        shifts: What to add to the items that name a shift, by the name of the shift.
    """

    mean: float
    shifts: Mapping[str, float]


@dataclass(frozen=True)
class Fixed:
    """An answer that everyone gives."""

    options: tuple[str, ...]


@dataclass(frozen=True)
class Picked:
    """One option, drawn by its weight.

    Attributes:
        weights: The weight of each option.
    """

    weights: Mapping[str, float]

    @property
    def options(self) -> tuple[str, ...]:
        """The options that can be drawn."""
        return tuple(self.weights)


@dataclass(frozen=True)
class Item:
    """One option that depends on severity.

    Attributes:
        rho: Correlation of the underlying normal variable with severity.
        options: From least to most concern.
        cuts: The values of the underlying variable at which one option passes to the next.
        shift: Name of the mix's shift that is added to the variable; None if there is none.
    """

    rho: float
    options: tuple[str, ...]
    cuts: tuple[float, ...]
    shift: str | None


@dataclass(frozen=True)
class Added:
    """Options that are added to the answer to a list question, each independently of the others.

    Attributes:
        percent: Chance of each option, in percent.
        instead_of: The option that is removed from the answer if any is added; None if there is none.
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
        how: How the answer is drawn.
        when: Earlier answers that it depends on; empty if it is always drawn.
    """

    question: str
    how: Fixed | Picked | Item | Added
    when: Row


@dataclass(frozen=True)
class Mixes:
    """One mix file.

    Attributes:
        version: The questionnaire whose questions and options it names.
        seed: Seed for the random generator of each mix.
        people: How many people to draw for each mix.
        lists: The list questions, whose answer can have several options.
        by_name: The mixes, by name.
        draws: The steps for each person, in order.
        skip_percent: Chance, in percent, that the answer to a question in ``skippable`` becomes skip.
        skippable: Questions whose answer can become skip, in the order in which that is drawn.
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
        """Every option that a person can get, by question id."""
        found: dict[str, frozenset[str]] = {}
        for draw in self.draws:
            found[draw.question] = found.get(draw.question, frozenset()) | {*draw.how.options}
        return found | {question: found[question] | {SKIP} for question in self.skippable}
