"""The parts of a rule set, as ``ruleset_file.py`` returns them after checking the file.

Conditions are stored as points, so that a decision needs only bit operations on states.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import product

from .answers import AnswerPattern, Questions
from .conditions import Points
from .content_file import Text
from .levels import Level
from .scales import Scales, State, minimal, reaches, worst

MARKS = ("crisis", "urgent", "resources")
"""What an answer can carry besides signals. Rules do not read marks."""


Mark = tuple[str, str]
"""A mark and its kind, such as ("crisis", "suicide")."""


@dataclass(frozen=True)
class Rating:
    """What one answer gives.

    Attributes:
        state: the least state in which each signal has the grade that the answer gives it.
        marks: the marks that the answer carries.
    """

    state: State = 0
    marks: frozenset[Mark] = frozenset()

    @cached_property
    def crisis(self) -> bool:
        """Whether one of the marks is a crisis."""
        return any(mark == "crisis" for mark, _ in self.marks)


NOTHING = Rating()


@dataclass(frozen=True)
class CombinationRule:
    """A rating that several answers give together.

    Attributes:
        when: the condition, as the file writes it.
        points: its minimal points.
        gives: the rating that is added if the condition holds.
        because: the reason, in words.
    """

    id: str
    when: str
    points: Points
    gives: Rating
    because: Text
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Frequency:
    """Frequency questions whose answers are added up and graded.

    Option number n (from 0) adds n to the sum; skip and unsure add 1.

    Attributes:
        questions: ids of the questions.
        signal: the area that the sum raises.
        bands: the least sum of each band and the state that it gives, lowest first.
    """

    questions: tuple[str, ...]
    signal: str
    bands: tuple[tuple[int, State], ...]
    sources: tuple[str, ...]

    def state(self, total: int) -> State:
        """Return the state that a sum gives; 0 if it is below every band."""
        reached = 0
        for least, state in self.bands:
            if total >= least:
                reached = state
        return reached


@dataclass(frozen=True)
class Rule:
    """A rule: at least this level if the condition holds.

    Attributes:
        when: the condition, as the file writes it.
        points: its minimal points.
        because: the reason, in words.
        overlap: whether the sources name two levels for such people and the person's week decides between them.
    """

    id: str
    level: Level
    when: str
    points: Points
    because: Text
    sources: tuple[str, ...]
    overlap: bool


@dataclass(frozen=True)
class Note:
    """A text beside a result, shown if its condition holds or the answers match a row. It never changes the level.

    Attributes:
        when: the condition, as the file writes it; None if the note has rows.
        points: the minimal points of the condition; empty if the note has rows.
        rows: rows of answers; empty if the note has a condition.
        time: ``this week`` or ``good to know``; None in rule sets that name no charter.
        about_you: whether the text says something about the person.
        true_when: rows of answers for which that statement is true; empty if ``about_you`` is false.
    """

    id: str
    when: str | None
    points: Points
    rows: tuple[AnswerPattern, ...]
    text: Text
    sources: tuple[str, ...]
    time: str | None = None
    about_you: bool = False
    true_when: tuple[AnswerPattern, ...] = ()


@dataclass(frozen=True)
class Invariant:
    """A promise about all possible answers, which the proof checks. It is kept apart from the rules on purpose.

    Attributes:
        rows: answers that match one of these rows lead at least to ``level``; empty for a named property.
        level: the least level that is promised; None for a named property.
        property: what a named property promises, in words; its ``id`` is one of ``PROPERTIES``.
    """

    id: str
    rows: tuple[AnswerPattern, ...]
    level: Level | None
    property: str | None


@dataclass(frozen=True, eq=False)  # compared by identity, so that it can be the key of a cache
class RuleSet:
    """A checked rule set, ready to decide.

    Attributes:
        digest: SHA-256 of the file.
        space: the signals and their grades.
        areas: the name of each area, by the area's id.
        kinds: the kinds that each mark can have.
        ratings: the rating of each option, by question id and option id; skip and unsure included.
        steps: what each option of a frequency question adds to its sum, by question id and option id.
        unspoken: the signals about danger. A patient's page never says that more of one of them would mean more care.
        may_change: ids of the questions for which a patient's page says what another answer would change.
        words: plain words for a signal at a grade, by signal and grade.
        charter: the version of the charter whose promises it must keep; None in files older than charters.
    """

    version: str
    digest: str
    questions: Questions
    space: Scales
    areas: Mapping[str, Text]
    kinds: Mapping[str, tuple[str, ...]]
    ratings: Mapping[str, Mapping[str, Rating]]
    frequencies: tuple[Frequency, ...]
    steps: Mapping[str, Mapping[str, int]]
    combined: tuple[CombinationRule, ...]
    rules: tuple[Rule, ...]
    notes: tuple[Note, ...]
    invariants: tuple[Invariant, ...]
    unspoken: State
    may_change: tuple[str, ...]
    words: Mapping[str, Mapping[str, Text]]
    charter: str | None = None

    @cached_property
    def levels(self) -> tuple[tuple[Level, Points], ...]:
        """Each level above outpatient, the highest first, with the minimal points at which its rules hold."""
        return tuple(
            (level, minimal(point for rule in self.rules if rule.level == level for point in rule.points))
            for level in sorted(Level, reverse=True)
            if level is not Level.OUTPATIENT
        )

    def combine(self, single: State) -> State:
        """Return the state with the effects of the combination rules added.

        Args:
            single: the state that answers give one by one, ``Signals.single``.
        """
        return single | worst(each.gives.state for each in self.combined if reaches(single, each.points))

    def single_points(self, points: Points) -> Points:
        """Convert points of ``Signals.state`` to points of ``Signals.single``, the state before combination rules."""
        found = [
            (point, 0) for point in points
        ]  # what answers must raise; what the combination rules used need
        for each in self.combined:
            found += [
                (rest & ~each.gives.state, when | point)
                for rest, when in found
                if rest & each.gives.state
                for point in each.points
            ]
        return minimal(rest | when for rest, when in found)

    def level_at(self, state: State) -> Level:
        """Return the highest level that any rule asks for in this state; outpatient if none does."""
        return next((level for level, points in self.levels if reaches(state, points)), Level.OUTPATIENT)

    @cached_property
    def crisis_gates(self) -> tuple[State, ...]:
        """Sets of bits, called gates, that tell whether a state is free of combined crises.

        A combined crisis is a combination rule that holds and gives a crisis mark. Each gate has one bit of every
        minimal point of these rules, so none of them holds in a state without the bits of a gate. Every state free of
        combined crises lacks all bits of at least one gate.
        """
        points = [point for each in self.combined if each.gives.crisis for point in each.points]
        return minimal(worst(gate) for gate in product(*(self.space.top_bits(point) for point in points)))

    def rating(self, question: str, option: str) -> Rating:
        """Return the rating of one option; an empty rating if the file lists none."""
        return self.ratings.get(question, {}).get(option, NOTHING)

    @cached_property
    def rated(self) -> tuple[str, ...]:
        """Ids of the questions that have ratings or belong to a frequency sum, in the order of the questions."""
        return tuple(id for id in self.questions.all if id in self.ratings or id in self.steps)

    def rule(self, id: str) -> Rule:
        """Return the rule with this id.

        Raises:
            KeyError: there is none.
        """
        return {rule.id: rule for rule in self.rules}[id]
