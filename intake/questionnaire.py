"""Read a questionnaire from its content file: the questions with their wording.

The engine gets the same questions without their wording, as :attr:`Questionnaire.questions`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from carenav.plumbing.content_file import ContentFile
from carenav.plumbing.i18n.localized_text import LocalizedText
from recommend.engine import ContentError, Question, Questions
from recommend.engine.answers import NONRESPONSE, AnswerPattern

KINDS = ("one", "many", "yes_no")
SWITCHES = ("skip", "unsure", "ordered", "optional")
SEGMENTS = ("substance_use",)
"""Kinds of answers that exports can leave out. Substance use records have special protection by 42 CFR Part 2."""


@dataclass(frozen=True)
class QuestionItem:
    """One question as a person reads it.

    Attributes:
        question: the same question as the engine uses it: its options, when it is asked, and so on.
        text: the wording of the question.
        why: why it is asked; None if that is not explained.
        options: the wording of every offered option, keyed by id, skip and unsure last.
        segments: the option ids that belong to a segment, keyed by its name, such as "substance_use".
        short: the phrase by which the result page repeats a chosen option to the person, keyed by option id. Skip and
            unsure have none.
        never_repeat: ids of options that are never repeated to the person; includes skip and unsure if it covers all
            options.
    """

    question: Question
    text: LocalizedText
    why: LocalizedText | None
    options: Mapping[str, LocalizedText]
    segments: Mapping[str, frozenset[str]] = field(default_factory=dict)
    short: Mapping[str, LocalizedText] = field(default_factory=dict)
    never_repeat: frozenset[str] = frozenset()

    @property
    def id(self) -> str:
        return self.question.id

    def chosen(self, options: Iterable[str]) -> list[LocalizedText]:
        """Return the wording of these options, given by id."""
        return [self.options[option] for option in options]


@dataclass(frozen=True)
class Section:
    """The questions of one topic, shown on one or more pages."""

    id: str
    title: LocalizedText
    intro: LocalizedText | None
    why: LocalizedText | None
    wordings: tuple[QuestionItem, ...]


@dataclass(frozen=True)
class Questionnaire:
    """One version of all questions.

    Attributes:
        version: such as "2026.2".
        digest: SHA-256 of the file.
        sections: in the order in which they are asked.
    """

    version: str
    digest: str
    sections: tuple[Section, ...]

    @cached_property
    def wordings(self) -> Mapping[str, QuestionItem]:
        """Every question with its wording, keyed by id, in order."""
        return {wording.id: wording for section in self.sections for wording in section.wordings}

    @cached_property
    def questions(self) -> Questions:
        """The questions as the engine reads them."""
        return Questions(self.version, {id: wording.question for id, wording in self.wordings.items()})

    @cached_property
    def section_of(self) -> Mapping[str, Section]:
        """The section of each question, keyed by question id."""
        return {wording.id: section for section in self.sections for wording in section.wordings}


def load_questionnaire(path: Path, languages: Sequence[str]) -> Questionnaire:
    """Read and check a questionnaire.

    Args:
        path: the TOML file.
        languages: the languages that each text must have.

    Raises:
        ContentError: the file has a fault; the message names file, place and fault.
    """
    return _Loader(path, languages).load()


def check_short_phrases(questionnaire: Questionnaire, rated: Iterable[str], path: Path) -> None:
    """Check that each option of a rated question has a short phrase or is marked ``never_repeat``.

    The result page explains a level with these phrases. Questionnaires without any phrase or mark, such as "2026.1",
    pass.

    Args:
        questionnaire: the questions.
        rated: the ids of the questions that the rule set reads.
        path: the questionnaire's file, for the error message.

    Raises:
        ContentError: an option of a rated question has neither.
    """
    if not any(item.short or item.never_repeat for item in questionnaire.wordings.values()):
        return
    for item in (questionnaire.wordings[id] for id in rated):
        for option in item.question.options:
            if option not in item.short and option not in item.never_repeat:
                raise ContentError(
                    path, f"question {item.id}, short", f"no phrase for {option!r}, and not never_repeat"
                )


class _Loader(ContentFile):
    def __init__(self, path: Path, languages: Sequence[str]) -> None:
        super().__init__(path, languages)
        self.before: dict[str, Question] = {}

    def load(self) -> Questionnaire:
        raw = self.table("the file", self.raw, ("version", "wording", "section"), ("option_list",))
        wording = self.table("wording", raw["wording"], ("yes", "no", "skip", "unsure"))
        self.common = {id: self.text(f"wording {id}", text) for id, text in wording.items()}
        lists = raw.get("option_list", {})
        self.lists = self.table("option_list", lists, (), lists)
        sections = tuple(
            self.read_section(place, table) for place, table in self.each("section", raw["section"])
        )
        return Questionnaire(self.word("version", raw["version"]), self.digest, sections)

    def read_section(self, place: str, raw: dict[str, Any]) -> Section:
        table = self.table(place, raw, ("id", "title", "question"), ("intro", "why"))
        return Section(
            id=table["id"],
            title=self.text(f"{place}, title", table["title"]),
            intro=self.maybe_text(f"{place}, intro", table.get("intro")),
            why=self.maybe_text(f"{place}, why", table.get("why")),
            wordings=tuple(self.read_question(*each) for each in self.each("question", table["question"])),
        )

    def read_question(self, place: str, raw: dict[str, Any]) -> QuestionItem:
        table = self.table(
            place,
            raw,
            ("id", "type", "text"),
            ("options", "why", "ask_if", "segment", "short", "never_repeat", *SWITCHES),
        )
        if table["id"] in self.before:
            self.fail(place, "the id stands twice")
        self.name(f"{place}, type", table["type"], KINDS, "type")
        switches = {key: self.yes_no(f"{place}, {key}", table[key]) for key in SWITCHES if key in table}
        options, exclusive, stops = self.read_options(place, table)
        question = Question(
            id=table["id"],
            kind="many" if table["type"] == "many" else "one",
            options=tuple(options),
            exclusive=exclusive,
            ask_if=self.read_ask_if(f"{place}, ask_if", table["ask_if"]) if "ask_if" in table else (),
            stops=stops,
            **switches,
        )
        self.before[question.id] = question
        never_repeat = self.read_never_repeat(f"{place}, never_repeat", table.get("never_repeat"), question)
        return QuestionItem(
            question=question,
            text=self.text(f"{place}, text", table["text"]),
            why=self.maybe_text(f"{place}, why", table.get("why")),
            options=options | {id: self.common[id] for id in question.offered if id in NONRESPONSE},
            segments=self.read_segments(f"{place}, segment", table["segment"], question)
            if "segment" in table
            else {},
            short=self.read_short(f"{place}, short", table["short"], question, never_repeat)
            if "short" in table
            else {},
            never_repeat=never_repeat,
        )

    def read_never_repeat(self, place: str, raw: object, question: Question) -> frozenset[str]:
        """Read which options are never repeated to the person: all (``true``), those listed, or none (None)."""
        if raw is None:
            return frozenset()
        if isinstance(raw, bool):
            if not raw:
                self.fail(place, "expected true, or a list of options")
            return frozenset(question.offered)
        return frozenset(self.names(place, raw, question.options, "option"))

    def read_short(
        self, place: str, raw: object, question: Question, never_repeat: frozenset[str]
    ) -> dict[str, LocalizedText]:
        """Read the short phrases: exactly one for each option that may be repeated to the person."""
        wanted = [option for option in question.options if option not in never_repeat]
        table = self.table(place, raw, wanted)
        return {option: self.text(f"{place} {option}", table[option]) for option in wanted}

    def read_segments(self, place: str, raw: object, question: Question) -> dict[str, frozenset[str]]:
        """Read the options of each segment, keyed by its name; a string puts all options into one segment.

        An answer without the options of a segment must be valid and must not count as worse.
        """
        if not isinstance(raw, dict):
            whole = self.name(place, raw, SEGMENTS, "segment")
            if question.kind == "many" or not question.ordered:
                self.fail(
                    place, "only an ordered question with one answer can belong to a segment as a whole"
                )
            return {whole: frozenset(question.offered)}
        if question.kind == "one":
            self.fail(place, "of a question with one answer, the whole belongs to a segment or nothing")
        plain = set(question.options) - question.exclusive
        return {
            self.name(place, segment, SEGMENTS, "segment"): frozenset(
                self.names(f"{place}, {segment}", options, plain, "option")
            )
            for segment, options in raw.items()
        }

    def read_options(
        self, place: str, table: dict[str, Any]
    ) -> tuple[dict[str, LocalizedText], frozenset[str], frozenset[str]]:
        """Read the options of a question.

        Returns:
            the wording keyed by option id; the ids of exclusive options; the ids of options that end the questions.
        """
        if table["type"] == "yes_no":
            if "options" in table:
                self.fail(f"{place}, options", "a yes_no question has no options of its own")
            return {id: self.common[id] for id in ("no", "yes")}, frozenset(), frozenset()
        raw = table.get("options")
        if isinstance(raw, str):
            raw = self.lists[self.name(f"{place}, options", raw, self.lists, "option list")]
        options: dict[str, LocalizedText] = {}
        for option_place, option in self.each(f"{place}, option", raw):
            self.table(option_place, option, ("id", "text"), ("exclusive", "stop"))
            if option["id"] in NONRESPONSE:
                self.fail(option_place, "skip and unsure are offered by skip = true and unsure = true")
            options[option["id"]] = self.text(option_place, option["text"])
        if len(options) < 2:
            self.fail(f"{place}, options", "expected two options or more")
        exclusive, stops = (
            frozenset(o["id"] for o in raw or () if o.get(key)) for key in ("exclusive", "stop")
        )
        if exclusive and table["type"] != "many":
            self.fail(f"{place}, options", "only a list question has exclusive options")
        return options, exclusive, stops

    def read_ask_if(self, place: str, raw: object) -> tuple[AnswerPattern, ...]:
        # A condition may name skip and unsure even if they are not offered, so that it need not change if they are.
        rows = self.rows(
            place, raw, {id: {*earlier.options, *NONRESPONSE} for id, earlier in self.before.items()}
        )
        for row in rows:
            for id, options in row.items():
                self.check_opens(f"{place}, {id}", self.before[id], options)
        return rows

    def check_opens(self, place: str, earlier: Question, options: frozenset[str]) -> None:
        """Refuse an ``ask_if`` that stops holding when the earlier answer gets worse.

        The question would then no longer be asked, and a worse answer could lower the level.
        """
        if options & earlier.exclusive:
            self.fail(
                place, "an option that stands alone cannot open a question: any other one would close it"
            )
        if earlier.kind == "one" and earlier.ordered:
            named = [option for option in earlier.by_concern if option in options]
            if not named or tuple(named) != earlier.by_concern[-len(named) :]:
                self.fail(place, "a worse answer would close this question: name all options above the least")
