"""Read the safety texts: short texts with a place and a condition. None of them moves the level."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from carenav.clinic.crisis_lines import KINDS
from carenav.plumbing.content_file import ContentFile
from carenav.plumbing.i18n.localized_text import LocalizedText
from intake.questionnaire import Questionnaire
from recommend.engine import ContentError, RuleSet, Signals
from recommend.engine.answers import AnswerPattern, matches
from recommend.engine.conditions import ConditionError, points_of
from recommend.engine.scales import reaches

WITHOUT_ANSWERS = ("crisis", "consent", "stop:other", "stop:13_17", "stop:under_13")
"""Places where no answers are known: a text there has no condition."""

RATED = ("result", "desk")
"""Places where the answers are rated: only there can a condition read signals or marks."""

PLACES = (*WITHOUT_ANSWERS, "share", "contact", *RATED)
"""All places but ``section:<id>`` and ``question:<id>``."""

CONDITIONS = ("when", "marks", "answers")

PARTS = ("first", "strong", "medical", "calling")
"""What a page does with a text beside printing it; the head of ``safety_texts.toml`` explains each."""


@dataclass(frozen=True)
class SafetyText:
    """One text at one or more places, always or on one condition.

    A text of the file that always stands at some places, and at others on a condition, is several of these.

    Attributes:
        danger: it tells of a danger to the body: to see a doctor today, not to stay alone, or what can kill.
        lines: the kind of crisis lines that follow it, such as ``birth``.
        parts: what a page does with it beside printing it, of ``PARTS``.
        when: a condition over the signals of the rule set.
        marks: marks (``crisis``) or kinds of a mark (``urgent.suicide``); one is enough.
        answers: rows of answers; one is enough.
    """

    id: str
    places: frozenset[str]
    title: LocalizedText
    text: LocalizedText
    danger: bool = False
    lines: str | None = None
    parts: frozenset[str] = frozenset()
    when: str | None = None
    marks: tuple[str, ...] = ()
    answers: tuple[AnswerPattern, ...] = ()

    @property
    def always(self) -> bool:
        """Whether everyone is shown it."""
        return not (self.when or self.marks or self.answers)

    @property
    def paragraphs(self) -> tuple[str, ...]:
        """The text in the active language, by paragraph."""
        return tuple(part.strip() for part in str(self.text).split("\n\n"))

    def applies(self, ruleset: RuleSet, signals: Signals) -> bool:
        """Return whether a person with these rated answers is shown it."""
        if self.when:
            return reaches(signals.state, points_of(self.when, ruleset.space))
        if self.marks:
            return any(mark in self.marks or f"{mark}.{kind}" in self.marks for mark, kind in signals.marks)
        return self.always or matches(self.answers, signals.completed.answers)


def load_safety_texts(path: Path, languages: Sequence[str]) -> tuple[SafetyText, ...]:
    """Read ``safety_texts.toml`` and check its shape; :func:`check_conditions` checks the names in it.

    Args:
        path: the TOML file
        languages: the languages that every text must have.

    Raises:
        ContentError: with file, place and what is wrong.
    """
    file = ContentFile(path, languages)
    raw = file.table("the file", file.raw, ("text",))
    return tuple(text for place, row in file.each("text", raw["text"]) for text in _texts(file, place, row))


def _texts(file: ContentFile, place: str, raw: dict[str, Any]) -> list[SafetyText]:
    row = file.table(place, raw, ("id", "title", "text", "shown"), ("danger", "lines", "parts"))
    title = file.text(f"{place}, title", row["title"])
    text = file.text(f"{place}, text", row["text"])
    needs = _needs(file, place, row)
    if not isinstance(row["shown"], list) or not row["shown"]:
        file.fail(f"{place}, shown", "expected one table [[text.shown]] at least")
    texts = [
        SafetyText(row["id"], title=title, text=text, **needs, **_shown(file, place, entry))
        for entry in row["shown"]
    ]
    stands = [where for each in texts for where in each.places]
    if twice := [where for where in stands if stands.count(where) > 1]:
        file.fail(f"{place}, shown", f"stands twice at {twice[0]!r}")
    return texts


def _needs(file: ContentFile, place: str, row: dict[str, Any]) -> dict[str, Any]:
    return {
        "danger": file.yes_no(f"{place}, danger", row.get("danger", False)),
        "lines": file.name(f"{place}, lines", row["lines"], KINDS, "kind") if "lines" in row else None,
        "parts": frozenset(file.names(f"{place}, parts", row["parts"], PARTS, "part"))
        if "parts" in row
        else frozenset(),
    }


def _shown(file: ContentFile, place: str, raw: object) -> dict[str, Any]:
    row = file.table(f"{place}, shown", raw, ("places",), CONDITIONS)
    if len(row) > 2:
        file.fail(f"{place}, shown", "expected one condition at most")
    places = file.words(f"{place}, places", row["places"])
    if unknown := [
        where for where in places if where not in PLACES and not where.startswith(("section:", "question:"))
    ]:
        file.fail(f"{place}, places", f"unknown place {unknown[0]!r}")
    if len(row) > 1 and (blind := [where for where in places if where in WITHOUT_ANSWERS]):
        file.fail(
            f"{place}, shown", f"no answers are known at {blind[0]!r}, so it can have no condition there"
        )
    if {"when", "marks"} & row.keys() and (unrated := [where for where in places if where not in RATED]):
        file.fail(f"{place}, shown", f"the answers are not rated yet at {unrated[0]!r}: name answers instead")
    return {
        "places": frozenset(places),
        "when": file.word(f"{place}, when", row["when"]) if "when" in row else None,
        "marks": file.words(f"{place}, marks", row["marks"]) if "marks" in row else (),
        "answers": _rows(file, f"{place}, answers", row["answers"]) if "answers" in row else (),
    }


def _rows(file: ContentFile, place: str, raw: object) -> tuple[AnswerPattern, ...]:
    if not isinstance(raw, list) or not raw or not all(isinstance(row, dict) and row for row in raw):
        file.fail(place, "expected rows, { question = [options] }")
    return tuple({id: frozenset(file.words(f"{place}, {id}", row[id])) for id in row} for row in raw)


def check_conditions(
    texts: Iterable[SafetyText], path: Path, questionnaire: Questionnaire, ruleset: RuleSet
) -> None:
    """Check that places and conditions name only what the questionnaire and the rule set have.

    Args:
        texts: the texts to check
        path: the file of the texts, for the message.
        questionnaire: whose questions and options may be named
        ruleset: whose signals and marks may be named

    Raises:
        ContentError: an unknown section, question, option, signal, grade or mark.
    """
    questions = questionnaire.questions.all
    places = {f"section:{section.id}" for section in questionnaire.sections} | {
        f"question:{id}" for id in questions
    }
    marks = {*ruleset.kinds, *(f"{mark}.{kind}" for mark, kinds in ruleset.kinds.items() for kind in kinds)}
    offered = {(id, option) for id, question in questions.items() for option in question.offered}
    for text in texts:
        named = {(id, option) for row in text.answers for id, options in row.items() for option in options}
        for what, unknown in (
            ("places", text.places - {*PLACES} - places),
            ("marks", {*text.marks} - marks),
            ("answers", {f"{id} = {option}" for id, option in named - offered}),
        ):
            if unknown:
                raise ContentError(path, f"text {text.id}, {what}", f"unknown {min(unknown)!r}")
        try:
            points_of(text.when, ruleset.space) if text.when else None
        except ConditionError as error:
            raise ContentError(path, f"text {text.id}, when", str(error)) from error
