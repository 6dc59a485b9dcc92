"""Read a rule set from its TOML file. A mistake raises ContentError, so that no server starts with it."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from .answer_rows_file import answer_rows
from .answers import NONRESPONSE, UNSURE, AnswerPattern, Question, Questions
from .conditions import ConditionError, Points, points_of
from .content_file import ContentFile, Text
from .errors import ContentError
from .levels import Level
from .monotonicity import monotonicity_violations
from .ruleset import MARKS, NOTHING, CombinationRule, Frequency, Invariant, Note, Rating, Rule, RuleSet
from .scales import FLAG, Scales

PROPERTIES = ("crisis-is-always-inpatient", "week-never-lowers-need", "a-worse-answer-never-lowers")
"""Ids of the invariants that are named properties of a rule set; ``analysis/proof.py`` says what each means."""


def load_ruleset(path: Path, questions: Questions, languages: Sequence[str] = ("en",)) -> RuleSet:
    """Read and check a rule set.

    Args:
        path: the TOML file.
        questions: the questions of the version that the rule set names.
        languages: codes of the languages that every text must have.

    Raises:
        ContentError: the file is not valid, or rates a worse answer lower than a milder one.
    """
    ruleset = read_ruleset(path, questions, languages)
    for fall in monotonicity_violations(ruleset):
        raise ContentError(path, f"ratings.{fall.question} {fall.worse}", fall.problem)
    return ruleset


def read_ruleset(path: Path, questions: Questions, languages: Sequence[str] = ("en",)) -> RuleSet:
    """Read a rule set that may rate a worse answer lower than a milder one, so that a proof can show the effect.

    Use it for proofs only; decide with :func:`load_ruleset`.
    """
    return _Loader(path, questions, languages).load()


TIMES = ("this week", "good to know")
"""The times a note can be for. What cannot wait is a safety text, not a note."""

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
TOP_OPTIONAL = ("charter", "frequency", "combined", "note", "invariant")

T = TypeVar("T")


class _Loader(ContentFile):
    def __init__(self, path: Path, questions: Questions, languages: Sequence[str]) -> None:
        super().__init__(path, languages)
        self.questions = questions

    def load(self) -> RuleSet:
        raw = self.table("the file", self.raw, TOP, TOP_OPTIONAL)
        self.name("questionnaire", raw["questionnaire"], [self.questions.version], "version")
        self.charter = self.word("charter", raw["charter"]) if "charter" in raw else None
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
            charter=self.charter,
        )

    def read_each(self, key: str, read: Callable[[str, Any], T]) -> tuple[T, ...]:
        return tuple(read(place, table) for place, table in self.each(key, self.raw.get(key, [])))

    def points(self, place: str, raw: object) -> Points:
        try:
            return points_of(self.word(place, raw), self.space)
        except ConditionError as error:
            self.fail(place, str(error))

    def answer_rows(self, place: str, raw: object) -> tuple[AnswerPattern, ...]:
        return answer_rows(self, place, raw, self.questions, strict=self.charter is not None)

    # ---- signals and ratings

    def read_space(self) -> Scales:
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
        return Scales(scales, tuple(areas))

    def read_ratings(self, id: str, raw: object) -> dict[str, Rating]:
        place = f"ratings.{id}"
        question = self.questions.all[id]
        rows = self.table(place, raw, (), question.offered)
        ratings = {option: self.read_rating(f"{place} {option}", row) for option, row in rows.items()}
        if question.unsure and question.ordered:
            # Unsure counts as the option just above the least concerning one, unless the file rates it.
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
            for option in NONRESPONSE & ratings.keys():
                if ratings[option].crisis:
                    self.fail(f"ratings.{id} {option}", "an answer not given cannot carry crisis")

    def check_combined(self, combined: tuple[CombinationRule, ...]) -> None:
        """Refuse a combination rule that gives a crisis and reads a frequency sum: the level range would be inexact."""
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

    def read_combined(self, place: str, raw: object) -> CombinationRule:
        table = self.table(place, raw, ("id", "sources", "when", "gives", "because"))
        return CombinationRule(
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
        required = () if self.charter is None else ("time",)
        table = self.table(
            place,
            raw,
            ("id", "text", "sources", *required),
            ("when", "answers", "time", "about_you", "true_when"),
        )
        if ("when" in table) == ("answers" in table):
            self.fail(place, "expected either 'when' or 'answers'")
        true_when = self.read_truth(place, table)
        return Note(
            id=table["id"],
            when=table.get("when"),
            points=self.points(f"{place}, when", table["when"]) if "when" in table else (),
            rows=self.answer_rows(f"{place}, answers", table["answers"]) if "answers" in table else (),
            text=self.text(f"{place}, text", table["text"]),
            sources=self.sources(place, table),
            time=self.name(f"{place}, time", table["time"], TIMES, "time") if "time" in table else None,
            about_you=bool(true_when),
            true_when=true_when,
        )

    def read_truth(self, place: str, table: dict[str, Any]) -> tuple[AnswerPattern, ...]:
        """Read the rows of answers for which a note is true of the person; empty if the note is not about the person.

        Raises:
            ContentError: the note says both or neither; a rule set without a charter may say neither.
        """
        if table.get("about_you", False) is not False:
            self.fail(
                f"{place}, about_you", "expected false, or true_when with the rows under which it is true"
            )
        if ("about_you" in table) and ("true_when" in table):
            self.fail(place, "expected either 'true_when' or 'about_you = false', not both")
        if "true_when" in table:
            return self.answer_rows(f"{place}, true_when", table["true_when"])
        if "about_you" not in table and self.charter is not None:
            self.fail(
                place, "'true_when' is missing: when is the text true of the person? (or about_you = false)"
            )
        return ()

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
        """Read the words of each signal: a label and a word for each grade, or for a flag one phrase, under "yes"."""
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
    """Return what each option of a frequency question adds to the sum: its position from 0; unsure and skip add 1."""
    return dict.fromkeys(NONRESPONSE, 1) | {option: step for step, option in enumerate(question.options)}
