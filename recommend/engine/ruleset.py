"""A rule set: read from its file, checked against the questions, compiled to points over states.

Whatever is wrong in the file stops the start of the server with file, place and problem; nothing is guessed.
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
"""What an answer may carry besides signals. Rules do not read marks."""


Mark = tuple[str, str]
"""A mark and its kind, such as ("crisis", "suicide")."""


@dataclass(frozen=True)
class Rating:
    """What one answer means: the least state it raises to, and its marks."""

    state: State = 0
    marks: frozenset[Mark] = frozenset()

    @cached_property
    def crisis(self) -> bool:
        """Whether it carries a crisis mark of any kind."""
        return any(mark == "crisis" for mark, _ in self.marks)


NOTHING = Rating()


@dataclass(frozen=True)
class CombinationRule:
    """A rating that several answers give together."""

    id: str
    when: str
    points: Points
    gives: Rating
    because: Text
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Frequency:
    """Several frequency answers added up and graded: option number n counts n, unsure counts 1.

    Attributes:
        questions: whose answers are added up.
        signal: what the sum raises.
        bands: the least sum of each band and the state it raises to, lowest first.
    """

    questions: tuple[str, ...]
    signal: str
    bands: tuple[tuple[int, State], ...]
    sources: tuple[str, ...]

    def state(self, total: int) -> State:
        """Return what a sum raises."""
        reached = 0
        for least, state in self.bands:
            if total >= least:
                reached = state
        return reached


@dataclass(frozen=True)
class Rule:
    """At least this level, when the condition holds.

    Attributes:
        overlap: the rule is in the zone where the sources name two levels and the week decides.
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
    """A text beside a result that never moves the level; shown when the condition or one of the rows holds.

    Attributes:
        time: ``this week`` or ``good to know``; None in rule sets that name no charter.
        about_you: whether the text says something about the person.
        true_when: rows of answers under which what it says about the person is true; empty if it says nothing.
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
    """A promise that is proved of the whole set, kept apart from the rules on purpose.

    Attributes:
        rows: any of these answers demands ``level``; empty for a property.
        property: in words, for one of ``PROPERTIES``.
    """

    id: str
    rows: tuple[AnswerPattern, ...]
    level: Level | None
    property: str | None


@dataclass(
    frozen=True, eq=False
)  # one rule set is equal to itself alone, so that what it implies can be cached
class RuleSet:
    """A checked rule set, ready to decide.

    Attributes:
        digest: SHA-256 of the file.
        ratings: by question and option; skip and unsure included where they are offered.
        steps: by frequency question and option, what it adds to the sum.
        unspoken: signals about danger. A patient's page never offers one of them as what is lacking for more care.
        may_change: the questions of which a patient's page says what another answer would change.
        words: plain words for a signal at a grade.
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
        """For each level that rules ask for, the minimal points that reach it; highest level first."""
        return tuple(
            (level, minimal(point for rule in self.rules if rule.level == level for point in rule.points))
            for level in sorted(Level, reverse=True)
            if level is not Level.OUTPATIENT
        )

    def combine(self, single: State) -> State:
        """Add what the answers raise together to what they raise one by one."""
        return single | worst(each.gives.state for each in self.combined if reaches(single, each.points))

    def single_points(self, points: Points) -> Points:
        """Rewrite points over all signals as points over what single answers raise; folds in combination rules."""
        found = [
            (point, 0) for point in points
        ]  # what answers must raise themselves; what combined ratings read
        for each in self.combined:
            found += [
                (rest & ~each.gives.state, when | point)
                for rest, when in found
                if rest & each.gives.state
                for point in each.points
            ]
        return minimal(rest | when for rest, when in found)

    def level_at(self, state: State) -> Level:
        """Return the highest level that any rule asks for in this state."""
        return next((level for level, points in self.levels if reaches(state, points)), Level.OUTPATIENT)

    @cached_property
    def crisis_gates(self) -> tuple[State, ...]:
        """Ways to keep every combined rating that carries crisis from holding.

        Each gate holds one bit of every minimal point of these ratings; a state that raises no bit of some gate carries
        no combined crisis, and every state without one leaves some gate alone.
        """
        points = [point for each in self.combined if each.gives.crisis for point in each.points]
        return minimal(worst(gate) for gate in product(*(self.space.top_bits(point) for point in points)))

    def rating(self, question: str, option: str) -> Rating:
        """Return what one option means; nothing, if the file does not list it."""
        return self.ratings.get(question, {}).get(option, NOTHING)

    @cached_property
    def rated(self) -> tuple[str, ...]:
        """The questions whose answers can mean anything for the level or a mark, in order."""
        return tuple(id for id in self.questions.all if id in self.ratings or id in self.steps)

    def rule(self, id: str) -> Rule:
        """Return the rule with this id; KeyError if there is none."""
        return {rule.id: rule for rule in self.rules}[id]
