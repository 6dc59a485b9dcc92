"""Read a charter from its TOML file. Raise ContentError, with file, place and problem, for any mistake in it."""

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from .answer_rows_file import answer_rows
from .answers import Questions
from .charter import Bound, Charter, OnlyRaises, Waiver, Week, WorthAsMuch
from .content_file import ContentFile, Text
from .levels import Level
from .ruleset import Invariant
from .ruleset_file import PROPERTIES

PROMISE = ("id", "reason", "sources")
KINDS = {"only": "at_most", "cap": "at_most", "one_step": "at_most_levels"}
"""The kinds of upper bound, each with the key of the file that says how much is allowed."""


def load_charter(
    path: Path, questions: Questions, before: Questions | None = None, languages: Sequence[str] = ("en",)
) -> Charter:
    """Read and check a charter. ``weakenings`` compares it with the previous one.

    Args:
        path: the TOML file.
        questions: the questions of the version that the charter names.
        before: the questions of the charter it follows, which its waivers name; None if it follows none.
        languages: codes of the languages that every text must have.

    Raises:
        ContentError: the file is not valid.
    """
    return _Loader(path, questions, before, languages).load()


class _Loader(ContentFile):
    def __init__(
        self, path: Path, questions: Questions, before: Questions | None, languages: Sequence[str]
    ) -> None:
        super().__init__(path, languages)
        self.questions = questions
        self.before = before
        self.reasons: dict[str, Text] = {}
        self.sources: dict[str, tuple[str, ...]] = {}

    def load(self) -> Charter:
        optional = ("follows", "bound", "waiver")
        raw = self.table("the file", self.raw, ("version", "questionnaire", "invariant", "week"), optional)
        self.name("questionnaire", raw["questionnaire"], [self.questions.version], "version")
        version = self.word("version", raw["version"])
        if not version.isdecimal() or version != str(int(version)) or version == "0":
            self.fail("version", f"expected a whole number from 1, not {version!r}")
        invariants = tuple(self.read_invariant(*each) for each in self.each("invariant", raw["invariant"]))
        if missing := [
            id for id in PROPERTIES if id not in {each.id for each in invariants if each.property}
        ]:
            self.fail("invariant", f"the property {missing[0]!r} is missing: every charter promises it")
        bounds = tuple(self.read_bound(*each) for each in self.each("bound", raw.get("bound", [])))
        if twice := {each.id for each in invariants} & {each.id for each in bounds}:
            self.fail(f"bound {min(twice)}", "the id stands twice")
        return Charter(
            version=version,
            digest=self.digest,
            follows=self.word("follows", raw["follows"]) if "follows" in raw else None,
            questions=self.questions,
            invariants=invariants,
            bounds=bounds,
            week=self.read_week(raw["week"]),
            waivers=tuple(
                self.read_waiver(f"waiver {number}", table)
                for number, table in enumerate(self.list_of("waiver", raw.get("waiver", [])), 1)
            ),
            reasons=self.reasons,
            sources=self.sources,
        )

    def note_promise(self, place: str, table: dict[str, Any]) -> None:
        self.reasons[table["id"]] = self.text(f"{place}, reason", table["reason"])
        self.sources[table["id"]] = self.words(f"{place}, sources", table["sources"])

    def level(self, place: str, raw: object) -> Level:
        return Level.of(self.name(place, raw, [level.id for level in Level], "level"))

    def read_invariant(self, place: str, raw: dict[str, Any]) -> Invariant:
        if "property" in raw:
            table = self.table(place, raw, (*PROMISE, "property"))
            self.note_promise(place, table)
            words = self.word(f"{place}, property", table["property"])
            return Invariant(self.name(place, table["id"], PROPERTIES, "property"), (), None, words)
        table = self.table(place, raw, (*PROMISE, "answers", "at_least"))
        self.note_promise(place, table)
        rows = answer_rows(self, f"{place}, answers", table["answers"], self.questions, strict=True)
        level = self.level(f"{place}, at_least", table["at_least"])
        if level is Level.OUTPATIENT:
            self.fail(f"{place}, at_least", "outpatient is the least level: it promises nothing")
        return Invariant(table["id"], rows, level, None)

    def read_bound(self, place: str, raw: dict[str, Any]) -> Bound:
        kinds = [kind for kind in KINDS if kind in raw]
        if len(kinds) != 1:
            self.fail(place, "expected one of 'only', 'cap' and 'one_step'")
        (kind,) = kinds
        optional = ("but", "unless") if kind == "one_step" else ()
        table = self.table(place, raw, (*PROMISE, kind, KINDS[kind]), optional)
        self.note_promise(place, table)
        if kind == "one_step":
            return self.read_one_step(place, table)
        at_most = self.level(f"{place}, at_most", table["at_most"])
        if at_most is Level.INPATIENT:
            self.fail(f"{place}, at_most", "inpatient is the highest level: it promises nothing")
        if kind == "only":
            only = self.names(f"{place}, only", table["only"], self.questions.all, "question")
            return Bound(table["id"], kind, at_most, only=only)
        return Bound(table["id"], kind, at_most, cap=self.read_cap(f"{place}, cap", table["cap"]))

    def read_one_step(self, place: str, table: dict[str, Any]) -> Bound:
        levels = table["at_most_levels"]
        if table["one_step"] is not True or type(levels) is not int or not 0 <= levels < Level.INPATIENT:
            self.fail(place, "expected one_step = true and at_most_levels from 0 to 2")
        but = (
            self.names(f"{place}, but", table["but"], self.questions.all, "question")
            if "but" in table
            else ()
        )
        unless = self.word(f"{place}, unless", table["unless"]) if "unless" in table else ""
        return Bound(table["id"], "one_step", None, but=frozenset(but), at_most_levels=levels, unless=unless)

    def read_cap(self, place: str, raw: object) -> dict[str, str]:
        """Read the grades of a cap. The proof checks later that the rule set has these signals and grades."""
        if not isinstance(raw, dict) or not raw:
            self.fail(place, "expected { signal = grade, flags = [flags] }")
        cap = {key: self.word(f"{place}, {key}", grade) for key, grade in raw.items() if key != "flags"}
        flags = self.words(f"{place}, flags", raw["flags"]) if "flags" in raw else ()
        return cap | dict.fromkeys(flags, "yes")

    def read_week(self, raw: object) -> Week:
        table = self.table("week", raw, ("questions", "worth_as_much"), ("only_raises",))
        return Week(
            self.names("week, questions", table["questions"], self.questions.all, "question"),
            tuple(
                self.read_worth(f"week, worth_as_much {number}", each)
                for number, each in enumerate(self.list_of("week, worth_as_much", table["worth_as_much"]), 1)
            ),
            tuple(
                self.read_only_raises(f"week, only_raises {number}", each)
                for number, each in enumerate(
                    self.list_of("week, only_raises", table.get("only_raises", [])), 1
                )
            ),
        )

    def read_worth(self, place: str, raw: object) -> WorthAsMuch:
        table = self.table(place, raw, ("question", "answer", "than"))
        id = self.name(f"{place}, question", table["question"], self.questions.all, "question")
        answer, than = (
            self.name(f"{place}, {key}", table[key], self.questions.all[id].offered, "option")
            for key in ("answer", "than")
        )
        return WorthAsMuch(id, answer, than)

    def read_only_raises(self, place: str, raw: object) -> OnlyRaises:
        table = self.table(place, raw, ("question", "beside", "to"))
        return OnlyRaises(
            self.name(f"{place}, question", table["question"], self.questions.all, "question"),
            self.word(f"{place}, beside", table["beside"]),
            self.level(f"{place}, to", table["to"]),
        )

    def read_waiver(self, place: str, raw: object) -> Waiver:
        if self.before is None:
            self.fail(place, "a charter that follows none has nothing to waive")
        table = self.table(place, raw, ("promise", "who", "why", "until"), ("rows",))
        until = table["until"]
        if not isinstance(until, date) or isinstance(until, datetime):
            self.fail(f"{place}, until", "expected a day, such as 2027-11-30")
        return Waiver(
            promise=self.word(f"{place}, promise", table["promise"]),
            rows=answer_rows(self, f"{place}, rows", table["rows"], self.before, strict=True)
            if "rows" in table
            else (),
            who=self.word(f"{place}, who", table["who"]),
            why=self.text(f"{place}, why", table["why"]),
            until=until,
        )
