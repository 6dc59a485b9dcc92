"""A rule set: read from its file, checked against the questions, compiled to points over states.

Whatever is wrong in the file stops the start of the server with file, place and problem; nothing is guessed.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, product
from pathlib import Path
from typing import Any, TypeVar

from .answers import NOT_SAID, SKIP, UNSURE, Question, Questions, Row
from .errors import ContentError
from .language import ConditionError, Points, points_of
from .levels import Level
from .signals import FLAG, Space, State, minimal, reaches, worst
from .tables import Tables, Text

MARKS = ("crisis", "urgent", "resources")
"""What an answer may carry besides signals. Rules do not read marks."""

PROPERTIES = ("crisis-is-always-inpatient", "week-never-lowers-need", "a-worse-answer-never-lowers")
"""The invariants that are named properties of a whole set; the proof knows what each of them means."""

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
class Combined:
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

    Args:
        questions: whose answers are added up.
        signal: what the sum raises.
        bands: the least sum of each band and the state it raises to, lowest first.
    """

    questions: tuple[str, ...]
    signal: str
    bands: tuple[tuple[int, State], ...]
    sources: tuple[str, ...]

    def state(self, total: int) -> State:
        """What a sum raises."""
        reached = 0
        for least, state in self.bands:
            if total >= least:
                reached = state
        return reached


@dataclass(frozen=True)
class Rule:
    """At least this level, when the condition holds.

    Args:
        overlap: the rule stands in the zone where the sources name two levels and the week decides.
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
    """A text beside a result that never moves the level; shown when the condition or one of the rows holds."""

    id: str
    when: str | None
    points: Points
    rows: tuple[Row, ...]
    text: Text
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Invariant:
    """A promise that is proved of the whole set, kept apart from the rules on purpose.

    Args:
        rows: any of these answers demands ``level``; empty for a property.
        property: in words, for one of ``PROPERTIES``.
    """

    id: str
    rows: tuple[Row, ...]
    level: Level | None
    property: str | None


@dataclass(
    frozen=True, eq=False
)  # one rule set is equal to itself alone, so that what it implies can be cached
class RuleSet:
    """A checked rule set, ready to decide.

    Args:
        digest: SHA-256 of the file.
        ratings: by question and option; skip and unsure included where they are offered.
        steps: by frequency question and option, what it adds to the sum.
        unspoken: signals about danger. A patient's page never offers one of them as what is lacking for more care.
        may_change: the questions of which a patient's page says what another answer would change.
        words: plain words for a signal at a grade.
    """

    version: str
    digest: str
    questions: Questions
    space: Space
    areas: Mapping[str, Text]
    kinds: Mapping[str, tuple[str, ...]]
    ratings: Mapping[str, Mapping[str, Rating]]
    frequencies: tuple[Frequency, ...]
    steps: Mapping[str, Mapping[str, int]]
    combined: tuple[Combined, ...]
    rules: tuple[Rule, ...]
    notes: tuple[Note, ...]
    invariants: tuple[Invariant, ...]
    unspoken: State
    may_change: tuple[str, ...]
    words: Mapping[str, Mapping[str, Text]]

    @cached_property
    def levels(self) -> tuple[tuple[Level, Points], ...]:
        """For each level that rules ask for, the minimal points that reach it; highest level first."""
        return tuple(
            (level, minimal(point for rule in self.rules if rule.level == level for point in rule.points))
            for level in sorted(Level, reverse=True)
            if level is not Level.OUTPATIENT
        )

    def combine(self, single: State) -> State:
        """What the answers raise one by one, with what they raise together."""
        return single | worst(each.gives.state for each in self.combined if reaches(single, each.points))

    def single_points(self, points: Points) -> Points:
        """Points over all signals, told in what answers raise one by one: the least states that combine to one."""
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
        """The highest level that any rule asks for in this state."""
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
        """What one option means; nothing, if the file does not list it."""
        return self.ratings.get(question, {}).get(option, NOTHING)

    @cached_property
    def rated(self) -> tuple[str, ...]:
        """The questions whose answers can mean anything for the level or a mark, in order."""
        return tuple(id for id in self.questions.all if id in self.ratings or id in self.steps)

    def rule(self, id: str) -> Rule:
        """The rule with this id; KeyError if there is none."""
        return {rule.id: rule for rule in self.rules}[id]


def load_ruleset(path: Path, questions: Questions, languages: Sequence[str] = ("en",)) -> RuleSet:
    """Read and check a rule set.

    Args:
        path: the TOML file.
        questions: the questions of the version that the rule set names.
        languages: the languages every text must have.

    Raises:
        ContentError: with file, place and what is wrong.
    """
    ruleset = read_ruleset(path, questions, languages)
    for fall in rows_that_fall(ruleset):
        raise ContentError(path, f"ratings.{fall.question} {fall.worse}", fall.problem)
    return ruleset


def read_ruleset(path: Path, questions: Questions, languages: Sequence[str] = ("en",)) -> RuleSet:
    """Read a rule set whose rows may fall, so that a proof can show what comes of it; never one to decide by."""
    return _Loader(path, questions, languages).load()


@dataclass(frozen=True)
class Fall:
    """A worse answer that raises less than a milder one."""

    question: str
    worse: str
    milder: str
    problem: str


def rows_that_fall(ruleset: RuleSet) -> Iterator[Fall]:
    """Where the rows of an ordered question do not rise; in a list question, where standing alone raises anything.

    Skip and unsure stand just above the least concerning option, and so below every other.
    """
    for id in ruleset.ratings:
        question = ruleset.questions.all[id]
        if not question.ordered:
            continue
        order = sorted(question.offered, key=lambda option: concern(ruleset, id, (option,)))
        for milder, worse in combinations(order, 2):
            if concern(ruleset, id, (milder,)) == concern(ruleset, id, (worse,)):
                continue
            lost = ruleset.rating(id, milder).state & ~ruleset.rating(id, worse).state
            if lost:
                signals = ", ".join(s for s in ruleset.space.scales if lost & ruleset.space.mask([s]))
                yield Fall(id, worse, milder, f"is lower than {milder} in {signals}")


def concern(ruleset: RuleSet, question: str, chosen: tuple[str, ...]) -> float:
    """How concerning an answer to an ordered question is, from 0; answers of equal concern are not compared.

    Skip and unsure stand just above the least; an unsure with a row of its own stands with the option of that row.
    In a list question each option more is one more.
    """
    asked = ruleset.questions.all[question]
    if asked.kind == "many":
        return 0 if asked.exclusive.issuperset(chosen) else 0.5 if SKIP in chosen else len(chosen)
    (option,) = chosen
    if option in asked.options:
        return asked.options.index(option)
    rows = [ruleset.rating(question, each) for each in asked.options]
    row = ruleset.rating(question, option)
    return 0.5 if option == SKIP or row not in rows[2:] or row == rows[1] else rows.index(row)


TOP = (
    "version",
    "questionnaire",
    "levels",
    "grades",
    "unspoken",
    "areas",
    "signals",
    "marks",
    "ratings",
    "rule",
    "words",
    "may_change",
)
TOP_OPTIONAL = ("frequency", "combined", "note", "invariant")

T = TypeVar("T")


class _Loader(Tables):
    def __init__(self, path: Path, questions: Questions, languages: Sequence[str]) -> None:
        super().__init__(path, languages)
        self.questions = questions

    def load(self) -> RuleSet:
        raw = self.table("the file", self.raw, TOP, TOP_OPTIONAL)
        self.name("questionnaire", raw["questionnaire"], [self.questions.version], "version")
        if raw["levels"] != [level.id for level in Level]:
            self.fail("levels", "expected " + ", ".join(level.id for level in Level))
        self.space = self.read_space()
        marks = self.table("marks", raw["marks"], MARKS)
        self.kinds = {mark: self.words(f"marks {mark}", marks[mark]) for mark in MARKS}
        rated = self.table("ratings", raw["ratings"], (), self.questions.all)
        self.frequencies = tuple(
            self.read_frequency(f"frequency {number}", table)
            for number, table in enumerate(self.list_of("frequency", raw.get("frequency", [])), 1)
        )
        self.ratings = {id: self.read_ratings(id, rows) for id, rows in rated.items()}
        self.check_lists()
        combined = self.read_each("combined", self.read_combined)
        self.check_combined(combined)
        return RuleSet(
            version=self.word("version", raw["version"]),
            digest=self.digest,
            questions=self.questions,
            space=self.space,
            areas={area: self.text(f"areas {area}", text) for area, text in raw["areas"].items()},
            kinds=self.kinds,
            ratings=self.ratings,
            frequencies=self.frequencies,
            steps={
                id: _steps(self.questions.all[id]) for table in self.frequencies for id in table.questions
            },
            combined=combined,
            rules=self.read_each("rule", self.read_rule),
            notes=self.read_each("note", self.read_note),
            invariants=self.read_each("invariant", self.read_invariant),
            unspoken=self.space.mask(self.names("unspoken", raw["unspoken"], self.space.scales, "signal")),
            may_change=self.names("may_change", raw["may_change"], self.ratings, "rated question"),
            words=self.read_words(),
        )

    def read_each(self, key: str, read: Callable[[str, Any], T]) -> tuple[T, ...]:
        return tuple(read(place, table) for place, table in self.each(key, self.raw.get(key, [])))

    def points(self, place: str, raw: object) -> Points:
        try:
            return points_of(self.word(place, raw), self.space)
        except ConditionError as error:
            self.fail(place, str(error))

    def answer_rows(self, place: str, raw: object) -> tuple[Row, ...]:
        return self.rows(place, raw, {id: question.offered for id, question in self.questions.all.items()})

    # ---- signals and ratings

    def read_space(self) -> Space:
        grades = self.words("grades", self.raw["grades"])
        areas = self.raw["areas"]
        if not isinstance(areas, dict) or not areas:
            self.fail("areas", "expected a table of areas")
        scales = dict.fromkeys(areas, grades)
        signals = self.raw["signals"]
        if not isinstance(signals, dict):
            self.fail("signals", "expected a table of signals")
        for name, scale in signals.items():
            if name in areas:
                self.fail(f"signals {name}", "is an area already")
            if name != "flags":
                scales[name] = self.words(f"signals {name}", scale)
        for flag in self.words("signals flags", signals.get("flags")):
            if flag in scales:
                self.fail(f"signals flags {flag}", "is a signal already")
            scales[flag] = FLAG
        return Space(scales, tuple(areas))

    def read_ratings(self, id: str, raw: object) -> dict[str, Rating]:
        place = f"ratings.{id}"
        question = self.questions.all[id]
        rows = self.table(place, raw, (), question.offered)
        ratings = {option: self.read_rating(f"{place} {option}", row) for option, row in rows.items()}
        if question.unsure and question.ordered:
            # Not sure counts as the option just above the least concerning one, unless the file says otherwise.
            ratings.setdefault(UNSURE, ratings.get(question.options[1], NOTHING))
        return ratings

    def read_rating(self, place: str, raw: object) -> Rating:
        if not isinstance(raw, dict):
            self.fail(place, "expected what the answer raises")
        state = 0
        marks = set()
        for name, value in raw.items():
            if name in MARKS:
                marks.add((name, self.name(f"{place}, {name}", value, self.kinds[name], "kind")))
            elif name not in self.space.scales:
                self.fail(place, f"unknown signal or mark {name!r}")
            elif self.space.scales[name] == FLAG:
                if value is not True:
                    self.fail(f"{place}, {name}", "a flag can only be true")
                state |= self.space.at_least(name, "yes")
            else:
                state |= self.space.at_least(
                    name, self.name(f"{place}, {name}", value, self.space.scales[name], "grade")
                )
        return Rating(state, frozenset(marks))

    def read_frequency(self, place: str, raw: object) -> Frequency:
        table = self.table(place, raw, ("questions", "raises", "bands", "sources"))
        ids = self.names(f"{place}, questions", table["questions"], self.questions.all, "question")
        for id in ids:
            if (
                self.questions.all[id].kind != "one"
                or not self.questions.all[id].ordered
                or id in self.raw["ratings"]
            ):
                self.fail(
                    f"{place}, questions", f"{id!r} is not an ordered question without ratings of its own"
                )
        signal = self.name(f"{place}, raises", table["raises"], self.space.areas, "area")
        if not isinstance(table["bands"], dict):
            self.fail(f"{place}, bands", "expected { grade = least sum }")
        bands = tuple(
            (
                least,
                self.space.at_least(
                    signal, self.name(f"{place}, bands", grade, self.space.scales[signal], "grade")
                ),
            )
            for grade, least in table["bands"].items()
        )
        if not all(isinstance(least, int) for least, _ in bands) or list(bands) != sorted(bands):
            self.fail(
                f"{place}, bands", "each band must ask for a larger sum and raise more than the one before"
            )
        return Frequency(ids, signal, bands, self.sources(place, table))

    def check_lists(self) -> None:
        for id, ratings in self.ratings.items():
            question = self.questions.all[id]
            if question.kind == "many" and not question.exclusive:
                self.fail(f"ratings.{id}", "a rated list question needs an exclusive option that says none")
            for option in NOT_SAID & ratings.keys():
                if ratings[option].crisis:
                    self.fail(f"ratings.{id} {option}", "an answer not given cannot carry crisis")

    def check_combined(self, combined: tuple[Combined, ...]) -> None:
        """Crisis ratings may not read a signal that a sum raises: the range over unknowns would not be exact."""
        summed = self.space.mask(table.signal for table in self.frequencies)
        for each in combined:
            if each.gives.crisis and any(point & summed for point in each.points):
                self.fail(
                    f"combined {each.id}, when", "a rating that carries crisis cannot read a frequency sum"
                )

    # ---- what follows from signals

    def sources(self, place: str, table: dict[str, Any]) -> tuple[str, ...]:
        return self.words(f"{place}, sources", table["sources"])

    def level(self, place: str, raw: object) -> Level:
        return Level.of(self.name(place, raw, [level.id for level in Level], "level"))

    def read_combined(self, place: str, raw: object) -> Combined:
        table = self.table(place, raw, ("id", "sources", "when", "gives", "because"))
        return Combined(
            id=table["id"],
            when=table["when"],
            points=self.points(f"{place}, when", table["when"]),
            gives=self.read_rating(f"{place}, gives", table["gives"]),
            because=self.text(f"{place}, because", table["because"]),
            sources=self.sources(place, table),
        )

    def read_rule(self, place: str, raw: object) -> Rule:
        table = self.table(place, raw, ("id", "at_least", "when", "because", "sources"), ("overlap",))
        level = self.level(f"{place}, at_least", table["at_least"])
        if level is Level.OUTPATIENT:
            self.fail(f"{place}, at_least", "outpatient is the level without a rule")
        if not isinstance(table.get("overlap", False), bool):
            self.fail(f"{place}, overlap", "expected true or false")
        return Rule(
            id=table["id"],
            level=level,
            when=table["when"],
            points=self.points(f"{place}, when", table["when"]),
            because=self.text(f"{place}, because", table["because"]),
            sources=self.sources(place, table),
            overlap=table.get("overlap", False),
        )

    def read_note(self, place: str, raw: object) -> Note:
        table = self.table(place, raw, ("id", "text", "sources"), ("when", "answers"))
        if ("when" in table) == ("answers" in table):
            self.fail(place, "expected either 'when' or 'answers'")
        return Note(
            id=table["id"],
            when=table.get("when"),
            points=self.points(f"{place}, when", table["when"]) if "when" in table else (),
            rows=self.answer_rows(f"{place}, answers", table["answers"]) if "answers" in table else (),
            text=self.text(f"{place}, text", table["text"]),
            sources=self.sources(place, table),
        )

    def read_invariant(self, place: str, raw: object) -> Invariant:
        table = self.table(place, raw, ("id",), ("answers", "at_least", "property"))
        if "property" in table:
            self.table(place, raw, ("id", "property"))
            return Invariant(
                self.name(place, table["id"], PROPERTIES, "property"), (), None, table["property"]
            )
        self.table(place, raw, ("id", "answers", "at_least"))
        rows = self.answer_rows(f"{place}, answers", table["answers"])
        return Invariant(table["id"], rows, self.level(f"{place}, at_least", table["at_least"]), None)

    def read_words(self) -> dict[str, dict[str, Text]]:
        """Words for every signal: a label and a word per grade; for a flag its phrase, under "yes"."""
        scales = self.space.scales
        flags = [signal for signal in scales if scales[signal] == FLAG]
        graded = [signal for signal in scales if scales[signal] != FLAG]
        raw = self.table("words", self.raw["words"], (*graded, "flags"))
        words: dict[str, dict[str, Text]] = {}
        for signal in graded:
            table = self.table(f"words.{signal}", raw[signal], ("label", *scales[signal]))
            words[signal] = {key: self.text(f"words.{signal} {key}", text) for key, text in table.items()}
        phrases = self.table("words.flags", raw["flags"], flags)
        return words | {flag: {"yes": self.text(f"words.flags {flag}", phrases[flag])} for flag in flags}


def _steps(question: Question) -> dict[str, int]:
    """What each answer to a frequency question adds: its place among the options; not sure and not said add 1."""
    return dict.fromkeys(NOT_SAID, 1) | {option: step for step, option in enumerate(question.options)}
