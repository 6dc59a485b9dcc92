"""Read and check the file with the safety texts of one clinical version."""

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

from carenav.clinic.crisis_lines import KINDS as LINE_KINDS
from carenav.plumbing.content_file import ContentFile
from carenav.plumbing.i18n.localized_text import LocalizedText
from intake.safety.conditions import (
    ALWAYS,
    ANY,
    FACTS,
    JOINTS,
    KNOWN,
    LEVELS,
    NAME,
    Condition,
    ConditionError,
    Named,
    Term,
    parse,
    resolve,
    terms_of,
)
from intake.safety.texts import (
    BOLD,
    ELSEWHERE,
    HOURS,
    KINDS,
    PLACEHOLDER,
    TIMES,
    CrisisKind,
    Headline,
    NextStep,
    SafetyText,
    SafetyTexts,
    Values,
    Wording,
    without_hours,
)
from recommend.engine import ContentError, Questions, RuleSet

PAGES = ("crisis", "result", "plan", "share", "contact", "consent", "desk")
"""Ids of pages that can show safety texts, besides those named after the questionnaire, such as ``section:safety``."""


def load_safety_texts(
    path: Path, languages: Sequence[str], questions: Questions, sections: Collection[str], ruleset: RuleSet
) -> SafetyTexts:
    """Read and check the safety texts of one version.

    Args:
        path: the TOML file.
        languages: the languages that every text must have.
        questions: the questions that conditions may name.
        sections: the ids of the sections of the questionnaire.
        ruleset: the rule set whose rules and kinds of marks conditions may name.

    Raises:
        ContentError: the file has a fault; the message names file, place and fault.
    """
    return _Loader(path, languages, questions, sections, ruleset).load()


class _Loader(ContentFile):
    def __init__(
        self,
        path: Path,
        languages: Sequence[str],
        questions: Questions,
        sections: Collection[str],
        ruleset: RuleSet,
    ) -> None:
        super().__init__(path, languages)
        self.questions = questions
        self.ruleset = ruleset
        self.pages = frozenset(
            (
                *PAGES,
                *(f"section:{id}" for id in sections),
                *(f"question:{id}" for id in questions.all),
                *(f"stop:{option}" for question in questions.all.values() for option in question.stops),
            )
        )
        self.options: dict[str, Collection[str]] = {
            id: question.offered for id, question in questions.all.items()
        }
        for name in FACTS:
            if name in questions.all and name != "place":
                self.fail("conditions", f"the question {name!r} has the name of a fact")
        self.options |= {
            "crisis": (ANY, *ruleset.kinds["crisis"]),
            "urgent": (ANY, *ruleset.kinds["urgent"]),
            "level": LEVELS,
            "below": LEVELS[1:],
            "page": self.pages,
            "only-rules": [rule.id for rule in ruleset.rules],
            "highest-area": {grade for area in ruleset.space.areas for grade in ruleset.space.scales[area]},
            "known": KNOWN,
        }
        if ELSEWHERE not in self.options.get("place", ()):
            self.fail("placeholders", f"no question 'place' offers {ELSEWHERE!r}")
        # Parsed conditions keyed by name and by text id, and resolved ones keyed by ("conditions", name) or
        # ("text", id). None marks a condition that is being resolved, to detect cycles.
        self.named: dict[str, Condition] = {}
        self.of_text: dict[str, Condition] = {}
        self.resolved: dict[tuple[str, str], Condition | None] = {}

    def load(self) -> SafetyTexts:
        raw = self.table(
            "the file",
            self.raw,
            ("version", "placeholders", "conditions", "reassurance", "headline", "text"),
            ("next_step", "crisis_kind"),
        )
        self.values = self.read_placeholders(raw["placeholders"])
        texts = list(self.each("text", raw["text"]))
        for place, row in texts:
            self.table(
                place,
                row,
                ("id", "shown_when", "places", "time", "kind", "text"),
                ("title", "true_when", "about_you", "lines"),
            )
        named = self.table("conditions", raw["conditions"], (), raw["conditions"])
        self.options["text"] = [row["id"] for _, row in texts]
        self.check_names(named)
        self.named = {name: self.parsed(f"conditions, {name}", named[name], named) for name in named}
        self.of_text = {
            row["id"]: self.parsed(f"{place}, shown_when", row["shown_when"], named) for place, row in texts
        }
        for name in named:
            self.resolved_condition("conditions", name)
        reassurance = self.table("reassurance", raw["reassurance"], ("unless", "reassuring", "otherwise"), ())
        return SafetyTexts(
            version=self.word("version", raw["version"]),
            digest=self.digest,
            all={row["id"]: self.read_text(place, row) for place, row in texts},
            headlines=tuple(
                self.read_headline(place, row) for place, row in self.each("headline", raw["headline"])
            ),
            not_reassured=self.condition("reassurance, unless", reassurance["unless"]),
            reassuring=self.wording("reassurance, reassuring", reassurance["reassuring"]),
            otherwise=self.wording("reassurance, otherwise", reassurance["otherwise"]),
            crisis_kinds=self.read_crisis_kinds(raw.get("crisis_kind", [])),
            next_steps=tuple(
                self.read_next_step(place, row) for place, row in self.each("next_step", raw["next_step"])
            )
            if "next_step" in raw
            else (),
        )

    def read_placeholders(self, raw: object) -> Values:
        tables = self.table("placeholders", raw, (), raw if isinstance(raw, dict) else ())
        places = self.options["place"]
        values: dict[str, dict[str, LocalizedText]] = {}
        for name, table in tables.items():
            where = f"placeholders, {name}"
            if name == HOURS:
                self.fail(where, "the clinic says its hours, not this file")
            values[name] = {
                place: self.text(f"{where}, {place}", words)
                for place, words in self.table(where, table, places).items()
            }
            for place, by_language in values[name].items():
                if any("{" in words or BOLD in words for words in by_language.values()):
                    self.fail(f"{where}, {place}", "a value has neither placeholders nor bold")
        return values

    def read_text(self, place: str, row: dict[str, Any]) -> SafetyText:
        if ("true_when" in row) == ("about_you" in row):
            self.fail(place, "expected either 'true_when' or 'about_you = false'")
        if row.get("about_you", False) is not False:
            self.fail(f"{place}, about_you", "a text about the person says when it is true: true_when")
        return SafetyText(
            id=row["id"],
            shown_when=self.resolved_condition("text", row["id"]),
            places=frozenset(self.names(f"{place}, places", row["places"], self.pages, "page")),
            true_when=self.condition(f"{place}, true_when", row["true_when"]) if "true_when" in row else None,
            time=self.name(f"{place}, time", row["time"], TIMES, "time"),
            kind=self.name(f"{place}, kind", row["kind"], KINDS, "kind"),
            title=self.wording(f"{place}, title", row["title"]) if "title" in row else None,
            text=self.wording(f"{place}, text", row["text"]),
            lines=self.name(f"{place}, lines", row["lines"], LINE_KINDS, "kind of crisis lines")
            if "lines" in row
            else "",
        )

    def read_headline(self, place: str, raw: dict[str, Any]) -> Headline:
        row = self.table(place, raw, ("id", "when", "text"))
        return Headline(
            row["id"],
            self.condition(f"{place}, when", row["when"]),
            self.wording(f"{place}, text", row["text"]),
        )

    def read_next_step(self, place: str, raw: dict[str, Any]) -> NextStep:
        row = self.table(place, raw, ("id", "when"), ("sentence", "text", "time", "names_open_questions"))
        if ("text" in row) != ("time" in row):
            self.fail(place, "'text' and 'time' come together")
        return NextStep(
            row["id"],
            self.condition(f"{place}, when", row["when"]),
            sentence=self.wording(f"{place}, sentence", row["sentence"]) if "sentence" in row else None,
            text=self.wording(f"{place}, text", row["text"]) if "text" in row else None,
            time=self.name(f"{place}, time", row["time"], TIMES, "time") if "time" in row else "",
            names_open_questions=self.yes_no(
                f"{place}, names_open_questions", row.get("names_open_questions", False)
            ),
        )

    def read_crisis_kinds(self, raw: object) -> tuple[CrisisKind, ...]:
        """Read the words of the crisis page about each kind of crisis.

        A file without any is accepted; otherwise every kind of crisis of the rule set must be there.
        """
        found = (
            tuple(self.read_crisis_kind(place, row) for place, row in self.each("crisis_kind", raw))
            if raw
            else ()
        )
        if found and (missing := {*self.ruleset.kinds["crisis"]} - {kind.id for kind in found}):
            self.fail("crisis_kind", f"{min(missing)!r} is missing")
        return found

    def read_crisis_kind(self, place: str, raw: dict[str, Any]) -> CrisisKind:
        row = self.table(place, raw, ("id", "heading", "sentence", "crisis_line_first"))
        return CrisisKind(
            self.name(f"{place}, id", row["id"], self.ruleset.kinds["crisis"], "kind of crisis"),
            self.wording(f"{place}, heading", row["heading"]),
            self.wording(f"{place}, sentence", row["sentence"]),
            self.yes_no(f"{place}, crisis_line_first", row["crisis_line_first"]),
        )

    def wording(self, place: str, raw: object) -> Wording:
        text = self.text(place, raw)
        for language, words in text.items():
            if unknown := set(PLACEHOLDER.findall(words)) - {HOURS, *self.values}:
                self.fail(place, f"unknown placeholder {min(unknown)!r} in language {language!r}")
            if set("{}") & set(PLACEHOLDER.sub("", words)):
                self.fail(place, f"a brace stands alone in language {language!r}")
            for shown in (words, without_hours(words)):
                if not shown.strip():
                    self.fail(
                        place, f"nothing is left where the clinic gives no hours in language {language!r}"
                    )
                if any(paragraph.count(BOLD) % 2 for paragraph in shown.split("\n\n")):
                    self.fail(place, f"bold words do not end in their paragraph in language {language!r}")
        return Wording(
            LocalizedText({language: words.strip() for language, words in text.items()}), self.values
        )

    # ---- conditions

    def check_names(self, named: Collection[str]) -> None:
        for name in named:
            if name in (ALWAYS, *JOINTS) or not NAME.fullmatch(name):
                self.fail("conditions", f"{name!r} cannot be the name of a condition")

    def parsed(self, place: str, raw: object, named: Collection[str]) -> Condition:
        """Parse a condition and check that every name in it exists."""
        try:
            condition = parse(self.word(place, raw))
        except ConditionError as error:
            raise ContentError(self.path, place, str(error)) from error
        for part in terms_of(condition):
            if isinstance(part, Named):
                self.name(place, part.name, named, "condition")
            else:
                self.check_term(place, part)
        return condition

    def check_term(self, place: str, term: Term) -> None:
        self.name(place, term.name, self.options, "name before a colon")
        for option in term.options:
            if option not in self.options[term.name]:
                self.fail(place, f"unknown {option!r} in {term.name}:{'|'.join(term.options)}")

    def condition(self, place: str, raw: object) -> Condition:
        """Parse, check and resolve a condition that has no name."""
        return self.resolve(self.parsed(place, raw, self.named))

    def resolve(self, condition: Condition) -> Condition:
        return resolve(
            condition,
            lambda name: self.resolved_condition("conditions", name),
            lambda id: self.resolved_condition("text", id),
        )

    def resolved_condition(self, what: str, name: str) -> Condition:
        """Return the resolved condition of a name or of a text; refuse one that refers to itself.

        Args:
            what: "conditions" or "text".
            name: the name of the condition, or the id of the text.
        """
        key = (what, name)
        if key not in self.resolved:
            self.resolved[key] = None
            self.resolved[key] = self.resolve((self.named if what == "conditions" else self.of_text)[name])
        found = self.resolved[key]
        if found is None:
            place = f"conditions, {name}" if what == "conditions" else f"text {name}, shown_when"
            self.fail(place, "the condition leads back to itself")
        return found
