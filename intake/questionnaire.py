"""The questionnaire: wording for pages, review, desk and exports, read from one content file.

The engine gets the same questions without their wording, as :attr:`Questionnaire.questions`.
"""

import hashlib
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NoReturn

from intake.texts import Text, read_text
from recommend.engine import ContentError, Question, Questions
from recommend.engine.answers import NOT_SAID, SKIP, UNSURE

KINDS = ("one", "many", "yes_no")


@dataclass(frozen=True)
class Wording:
    """One question as a person reads it.

    Args:
        question: its rules for the engine.
        text: the question.
        why: why it is asked, where that needs saying.
        options: the wording of every offered option by id, skip and unsure last.
    """

    question: Question
    text: Text
    why: Text | None
    options: Mapping[str, Text]

    @property
    def id(self) -> str:
        return self.question.id

    def chosen(self, options: Iterable[str]) -> list[Text]:
        """The wording of chosen options."""
        return [self.options[option] for option in options]


@dataclass(frozen=True)
class Section:
    """One topic, one page."""

    id: str
    title: Text
    intro: Text | None
    why: Text | None
    wordings: tuple[Wording, ...]


@dataclass(frozen=True)
class Questionnaire:
    """One version of all questions.

    Args:
        digest: SHA-256 of the file.
    """

    version: str
    digest: str
    sections: tuple[Section, ...]

    @cached_property
    def wordings(self) -> Mapping[str, Wording]:
        """Every question by its key, in order."""
        return {wording.id: wording for section in self.sections for wording in section.wordings}

    @cached_property
    def questions(self) -> Questions:
        """The questions as the engine reads them."""
        return Questions(self.version, {id: wording.question for id, wording in self.wordings.items()})

    @cached_property
    def section_of(self) -> Mapping[str, Section]:
        """The section of each question."""
        return {wording.id: section for section in self.sections for wording in section.wordings}


def load_questionnaire(path: Path, languages: Sequence[str]) -> Questionnaire:
    """Read and check a questionnaire.

    Raises:
        ContentError: with file, place and what is wrong.
    """
    try:
        data = path.read_bytes()
        raw = tomllib.loads(data.decode())
    except (OSError, ValueError) as error:
        raise ContentError(path, "the file", str(error)) from error
    return _Loader(path, languages).load(raw, hashlib.sha256(data).hexdigest())


class _Loader:
    def __init__(self, path: Path, languages: Sequence[str]) -> None:
        self.path = path
        self.languages = languages
        self.before: dict[str, Question] = {}

    def fail(self, place: str, problem: str) -> NoReturn:
        raise ContentError(self.path, place, problem)

    def table(
        self, place: str, raw: object, required: Sequence[str], optional: Sequence[str] = ()
    ) -> dict[str, Any]:
        if not isinstance(raw, dict):
            self.fail(place, "expected a table")
        if missing := [key for key in required if key not in raw]:
            self.fail(place, f"{missing[0]!r} is missing")
        if unknown := [key for key in raw if key not in (*required, *optional)]:
            self.fail(place, f"unknown key {unknown[0]!r}")
        return raw

    def text(self, place: str, raw: object) -> Text:
        return read_text(raw, self.languages, self.path, place)

    def maybe_text(self, place: str, raw: object) -> Text | None:
        return None if raw is None else self.text(place, raw)

    def load(self, raw: dict[str, Any], digest: str) -> Questionnaire:
        raw = self.table("the file", raw, ("version", "wording", "section"), ("option_list",))
        wording = self.table("wording", raw["wording"], ("yes", "no", "skip", "unsure"))
        self.common = {id: self.text(f"wording {id}", text) for id, text in wording.items()}
        self.lists = raw.get("option_list", {})
        sections = tuple(self.read_section(number, table) for number, table in enumerate(raw["section"], 1))
        if len({section.id for section in sections}) < len(sections):
            self.fail("section", "an id stands twice")
        return Questionnaire(raw["version"], digest, sections)

    def read_section(self, number: int, raw: object) -> Section:
        table = self.table(f"section {number}", raw, ("id", "title", "question"), ("intro", "why"))
        place = f"section {table['id']}"
        return Section(
            id=table["id"],
            title=self.text(f"{place}, title", table["title"]),
            intro=self.maybe_text(f"{place}, intro", table.get("intro")),
            why=self.maybe_text(f"{place}, why", table.get("why")),
            wordings=tuple(
                self.read_question(f"{place}, question {n}", q) for n, q in enumerate(table["question"], 1)
            ),
        )

    def read_question(self, place: str, raw: object) -> Wording:
        table = self.table(
            place,
            raw,
            ("id", "type", "text"),
            ("options", "why", "ask_if", "skip", "unsure", "ordered", "optional"),
        )
        place = f"question {table['id']}"
        if table["id"] in self.before:
            self.fail(place, "the id stands twice")
        if table["type"] not in KINDS:
            self.fail(f"{place}, type", f"unknown type {table['type']!r}")
        for key in ("skip", "unsure", "ordered", "optional"):
            if not isinstance(table.get(key, False), bool):
                self.fail(f"{place}, {key}", "expected true or false")
        options, exclusive, stops = self.read_options(place, table)
        question = Question(
            id=table["id"],
            kind="many" if table["type"] == "many" else "one",
            options=tuple(options),
            skip=table.get("skip", False),
            unsure=table.get("unsure", False),
            ordered=table.get("ordered", True),
            exclusive=exclusive,
            ask_if=self.read_ask_if(f"{place}, ask_if", table.get("ask_if")),
            optional=table.get("optional", False),
            stops=stops,
        )
        self.before[question.id] = question
        return Wording(
            question=question,
            text=self.text(f"{place}, text", table["text"]),
            why=self.maybe_text(f"{place}, why", table.get("why")),
            options=options | {id: self.common[id] for id in question.offered if id in NOT_SAID},
        )

    def read_options(
        self, place: str, table: dict[str, Any]
    ) -> tuple[dict[str, Text], frozenset[str], frozenset[str]]:
        if table["type"] == "yes_no":
            if "options" in table:
                self.fail(f"{place}, options", "a yes_no question has no options of its own")
            return {id: self.common[id] for id in ("no", "yes")}, frozenset(), frozenset()
        raw = table.get("options")
        if isinstance(raw, str):
            if raw not in self.lists:
                self.fail(f"{place}, options", f"unknown option list {raw!r}")
            raw = self.lists[raw]
        if not isinstance(raw, list) or len(raw) < 2:
            self.fail(f"{place}, options", "expected two options or more")
        options: dict[str, Text] = {}
        for number, option in enumerate(raw, 1):
            self.table(f"{place}, option {number}", option, ("id", "text"), ("exclusive", "stop"))
            if option["id"] in options or option["id"] in NOT_SAID:
                self.fail(
                    f"{place}, option {option['id']}",
                    "the id stands twice or is one that skip and unsure use",
                )
            options[option["id"]] = self.text(f"{place}, option {option['id']}", option["text"])
        exclusive, stops = (frozenset(o["id"] for o in raw if o.get(key)) for key in ("exclusive", "stop"))
        if exclusive and table["type"] != "many":
            self.fail(f"{place}, options", "only a list question has exclusive options")
        return options, exclusive, stops

    def read_ask_if(self, place: str, raw: object) -> tuple[Mapping[str, frozenset[str]], ...]:
        if raw is None:
            return ()
        if not isinstance(raw, list) or not raw or not all(isinstance(row, dict) and row for row in raw):
            self.fail(place, "expected rows, { question = [options] }")
        return tuple(
            {id: self.read_condition(place, id, options) for id, options in row.items()} for row in raw
        )

    def read_condition(self, place: str, id: str, options: object) -> frozenset[str]:
        if id not in self.before:
            self.fail(place, f"{id!r} is no question that stands before this one")
        earlier = self.before[id]
        if not isinstance(options, list) or not options:
            self.fail(f"{place}, {id}", "expected a list of options")
        # skip and unsure may be named where they are not offered, so that offering one later needs no second edit
        if unknown := [option for option in options if option not in {*earlier.options, SKIP, UNSURE}]:
            self.fail(f"{place}, {id}", f"unknown option {unknown[0]!r}")
        named = [option for option in earlier.by_concern if option in options]
        if earlier.kind == "one" and earlier.ordered and named != list(earlier.by_concern)[-len(named) :]:
            self.fail(
                f"{place}, {id}",
                "a worse answer would close this question: name every option above the least one",
            )
        return frozenset(options)
