"""The safety texts of one clinical version: read from one file, selected by facts, filled with numbers to call.

None of the texts moves the level. A page asks :meth:`SafetyTexts.shown` which of them it must show.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from carenav.plumbing.content_file import ContentFile
from carenav.plumbing.i18n.localized_text import LocalizedText
from intake.safety.conditions import (
    ALWAYS,
    ANY,
    FACTS,
    JOINTS,
    LEVELS,
    NAME,
    Condition,
    ConditionError,
    Facts,
    Named,
    Term,
    holds,
    parse,
    resolve,
    terms_of,
)
from recommend.engine import Completed, ContentError, Decision, Questions, RuleSet

TIMES = ("now", "today", "today or tomorrow", "this week", "good to know")
"""When the person acts, without any "If"; soonest first."""

KINDS = ("danger", "body", "means", "plan", "place", "practical")
"""What a text is about. A page never folds away a text of kind ``danger``."""

PAGES = ("crisis", "result", "share", "contact", "consent", "desk")
"""Pages without an id of their own; ``section:``, ``question:`` and ``stop:`` pages take theirs from the questions."""

HOURS = "hours"
"""The placeholder that the clinic fills, not the file."""

ELSEWHERE = "other"
"""The place whose words are used when nobody knows where the person is."""

PLACEHOLDER = re.compile(r"\{(\w+)\}")
SENTENCE_END = re.compile(r"(?<=[.!?])[ ]+")
BOLD = "**"

Values = Mapping[str, Mapping[str, Mapping[str, str]]]
"""What a placeholder reads: by its name, place and language."""


@dataclass(frozen=True)
class Wording:
    """A text by language, with placeholders.

    Attributes:
        text: the words; a blank line separates paragraphs, ``**`` encloses what is bold.
        values: what each placeholder reads in each place.
    """

    text: LocalizedText
    values: Values

    def filled(self, language: str, place: str, hours: str = "") -> str:
        """Return the words for a person in this place.

        Args:
            language: one of the languages of the file.
            place: an option of the question ``place``; any other counts as ``other``.
            hours: when the team reads answers, in this language. Without it, sentences that need it are left out.
        """
        words = self.text[language] if hours else _without_hours(self.text[language])
        return PLACEHOLDER.sub(lambda match: self._value(match[1], language, place, hours), words)

    def _value(self, name: str, language: str, place: str, hours: str) -> str:
        if name == HOURS:
            return hours
        by_place = self.values[name]
        return by_place.get(place, by_place[ELSEWHERE])[language]


def _without_hours(words: str) -> str:
    paragraphs = (
        " ".join(part for part in SENTENCE_END.split(paragraph) if f"{{{HOURS}}}" not in part)
        for paragraph in words.split("\n\n")
    )
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph)


@dataclass(frozen=True)
class SafetyText:
    """One text.

    Attributes:
        shown_when: the resolved condition.
        places: the pages where it may stand.
        true_when: the resolved condition under which what it says of the person is true; None: it says nothing of
            the person.
        time: one of ``TIMES``.
        kind: one of ``KINDS``.
    """

    id: str
    shown_when: Condition
    places: frozenset[str]
    true_when: Condition | None
    time: str
    kind: str
    title: Wording | None
    text: Wording

    def filled(self, language: str, place: str, hours: str = "") -> str:
        """Return the text for a person in this place; see :meth:`Wording.filled`."""
        return self.text.filled(language, place, hours)


@dataclass(frozen=True)
class Headline:
    """What a result says first."""

    id: str
    when: Condition
    text: Wording


@dataclass(frozen=True)
class SafetyTexts:
    """All safety texts of one clinical version.

    Attributes:
        digest: SHA-256 of the file.
        all: the texts by id, in the order of the file.
        headlines: the first one whose condition holds is the headline.
        not_reassured: the condition under which no page may say that the answers point to no danger.
        reassuring: the sentence for everyone else.
        otherwise: the sentence that a page says instead.
    """

    version: str
    digest: str
    all: Mapping[str, SafetyText]
    headlines: tuple[Headline, ...]
    not_reassured: Condition
    reassuring: Wording
    otherwise: Wording

    @cached_property
    def in_time_order(self) -> tuple[SafetyText, ...]:
        """All texts, what is to be done soonest first; within one time, in the order of the file."""
        return tuple(sorted(self.all.values(), key=lambda text: TIMES.index(text.time)))

    def shown(self, facts: Facts) -> tuple[SafetyText, ...]:
        """Return every text that this page must show this person, in time order."""
        return tuple(
            text for text in self.in_time_order if facts.page in text.places and holds(text.shown_when, facts)
        )

    def may_reassure(self, facts: Facts) -> bool:
        """Return whether a page may say that the answers point to no danger."""
        return not holds(self.not_reassured, facts)

    def reassurance(self, facts: Facts) -> Wording:
        """Return the reassuring sentence, or the one a page says instead."""
        return self.reassuring if self.may_reassure(facts) else self.otherwise

    def headline(self, facts: Facts) -> Headline | None:
        """Return what goes first on the result; None where the recommended level is the headline."""
        return next((headline for headline in self.headlines if holds(headline.when, facts)), None)


def facts_of(completed: Completed, decision: Decision, page: str) -> Facts:
    """Collect the facts about a person whose answers are rated and decided."""
    return Facts(
        answers=completed.answers,
        crisis=frozenset(decision.crisis),
        urgent=frozenset(decision.urgent),
        level=decision.level.id,
        page=page,
        place=next(iter(completed.answers.get("place", ())), ""),
        decided_by=decision.decided_by,
    )


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
        ContentError: with file, place and what is wrong.
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
        }
        if ELSEWHERE not in self.options.get("place", ()):
            self.fail("placeholders", f"no question 'place' offers {ELSEWHERE!r}")
        # Conditions as written, and resolved, by where they stand; None while one is being resolved.
        self.named: dict[str, Condition] = {}
        self.of_text: dict[str, Condition] = {}
        self.resolved: dict[tuple[str, str], Condition | None] = {}

    def load(self) -> SafetyTexts:
        raw = self.table(
            "the file",
            self.raw,
            ("version", "placeholders", "conditions", "reassurance", "headline", "text"),
        )
        self.values = self.read_placeholders(raw["placeholders"])
        texts = list(self.each("text", raw["text"]))
        for place, row in texts:
            self.table(
                place,
                row,
                ("id", "shown_when", "places", "time", "kind", "text"),
                ("title", "true_when", "about_you"),
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
        )

    def read_headline(self, place: str, raw: dict[str, Any]) -> Headline:
        row = self.table(place, raw, ("id", "when", "text"))
        return Headline(
            row["id"],
            self.condition(f"{place}, when", row["when"]),
            self.wording(f"{place}, text", row["text"]),
        )

    def wording(self, place: str, raw: object) -> Wording:
        text = self.text(place, raw)
        for language, words in text.items():
            if unknown := set(PLACEHOLDER.findall(words)) - {HOURS, *self.values}:
                self.fail(place, f"unknown placeholder {min(unknown)!r} in language {language!r}")
            if set("{}") & set(PLACEHOLDER.sub("", words)):
                self.fail(place, f"a brace stands alone in language {language!r}")
            if any(paragraph.count(BOLD) % 2 for paragraph in words.split("\n\n")):
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
        """Read a condition and check every name in it."""
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
        """Resolve a condition that nothing else refers to."""
        return self.resolve(self.parsed(place, raw, self.named))

    def resolve(self, condition: Condition) -> Condition:
        return resolve(
            condition,
            lambda name: self.resolved_condition("conditions", name),
            lambda id: self.resolved_condition("text", id),
        )

    def resolved_condition(self, what: str, name: str) -> Condition:
        """Resolve the condition of a name or a text; refuse one that leads back to itself."""
        key = (what, name)
        if key not in self.resolved:
            self.resolved[key] = None
            self.resolved[key] = self.resolve((self.named if what == "conditions" else self.of_text)[name])
        found = self.resolved[key]
        if found is None:
            place = f"conditions, {name}" if what == "conditions" else f"text {name}, shown_when"
            self.fail(place, "the condition leads back to itself")
        return found
