"""Read from one content file on which page each question is asked, and the help pages for people who get no level.

This file is separate from the questionnaire because it has no effect on the level: a proof names the questionnaire's
digest, so the pages can change without a new proof.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from carenav.plumbing.content_file import ContentFile
from carenav.plumbing.i18n.localized_text import LocalizedText
from intake.questionnaire import QuestionItem, Questionnaire, Section

SHARING = "sharing"
"""The id of the last section, which is not in the pages file: it is asked after the answers are checked."""


@dataclass(frozen=True)
class Page:
    """One page of questions.

    Attributes:
        key: its part of the URL, which must not reveal the topic: "4" for the first page of the fourth section, "4-2"
            for the second.
        section: the section of its questions.
        step: the position of its section among all sections, from 1.
        part: its position among the pages of its section, from 1.
        parts: how many pages its section has.
        name: its name in the title of the browser window.
        title: its heading.
        intro: a paragraph above the questions; None if there is none.
        why: why these questions are asked; None if that is not explained.
        thanks: a line for the top of the next page if this one is hard to answer; else None.
        wordings: its questions, in order.
    """

    key: str
    section: Section
    step: int
    part: int
    parts: int
    name: LocalizedText
    title: LocalizedText
    intro: LocalizedText | None
    why: LocalizedText | None
    thanks: LocalizedText | None
    wordings: tuple[QuestionItem, ...]


@dataclass(frozen=True)
class Grid:
    """The layout of a question with boxes as a table.

    Attributes:
        every: the name of the row whose boxes each tick a whole column.
        columns: the name of each column, keyed by its id.
        rows: the name of each row, and its option ids in the order of the columns.
    """

    every: LocalizedText
    columns: Mapping[str, LocalizedText]
    rows: tuple[tuple[LocalizedText, tuple[str, ...]], ...]

    def options_of(self, column: str) -> list[str]:
        """Return the option ids of a column, from the top row down."""
        place = [*self.columns].index(column)
        return [options[place] for _, options in self.rows]


@dataclass(frozen=True)
class HelpPage:
    """A page for people who get no level because an answer ends the questions.

    Attributes:
        number: its part of the URL, which must not reveal the answer.
        id: the name of its template in ``patient/help/``, without ".html".
        option: the id of the option that leads there.
    """

    number: int
    id: str
    option: str


@dataclass(frozen=True)
class Pages:
    """All pages of one version of the questionnaire.

    Attributes:
        questions: the pages of questions, in order.
        help: the pages for people who get no level.
        grids: the layout of the questions that are shown as a table, keyed by question id.
        topics: a short name of what each question is about, keyed by question id, for use without its options.
    """

    questions: tuple[Page, ...]
    help: tuple[HelpPage, ...]
    grids: Mapping[str, Grid]
    topics: Mapping[str, LocalizedText]


def load_pages(path: Path, languages: Sequence[str], questionnaire: Questionnaire) -> Pages:
    """Read and check the pages file.

    Args:
        path: the TOML file.
        languages: the languages that each text must have.
        questionnaire: the questions; the file must name its version.

    Raises:
        ContentError: a question is on no page or on two, or the file has another fault.
    """
    return _Loader(path, languages, questionnaire).load()


class _Loader(ContentFile):
    def __init__(self, path: Path, languages: Sequence[str], questionnaire: Questionnaire) -> None:
        super().__init__(path, languages)
        self.questionnaire = questionnaire

    def load(self) -> Pages:
        raw = self.table("the file", self.raw, ("questionnaire", "section", "help", "topic"), ("grid",))
        if raw["questionnaire"] != self.questionnaire.version:
            self.fail("questionnaire", f"expected {self.questionnaire.version!r}")
        wanted = [section for section in self.questionnaire.sections if section.id != SHARING]
        tables = list(self.each("section", raw["section"]))
        if [table["id"] for _, table in tables] != [section.id for section in wanted]:
            self.fail("section", "expected the sections of the questionnaire, in its order")
        pages = [
            page
            for step, ((place, table), section) in enumerate(zip(tables, wanted, strict=True), 1)
            for page in self.read_section(place, table, section, step)
        ]
        grids = {
            table["id"]: self.read_grid(place, table)
            for place, table in self.each("grid", raw.get("grid", []))
        }
        return Pages(tuple(pages), self.read_help(raw["help"]), grids, self.read_topics(raw["topic"]))

    def read_topics(self, raw: object) -> dict[str, LocalizedText]:
        topics: dict[str, LocalizedText] = {}
        for number, row in enumerate(self.list_of("topic", raw), 1):
            place = f"topic {number}"
            table = self.table(place, row, ("text", "questions"))
            for id in self.names(place, table["questions"], self.questionnaire.wordings, "question"):
                if id in topics:
                    self.fail(place, f"{id!r} has a topic already")
                topics[id] = self.text(place, table["text"])
        if missing := [id for id in self.questionnaire.wordings if id not in topics]:
            self.fail("topic", f"{missing[0]!r} has none")
        return topics

    def read_grid(self, place: str, raw: dict[str, Any]) -> Grid:
        table = self.table(place, raw, ("id", "every", "columns", "rows"))
        item = self.questionnaire.wordings[
            self.name(f"{place}, id", table["id"], self.questionnaire.wordings, "question")
        ]
        if item.question.kind != "many":
            self.fail(place, "only a question with boxes can be a table")
        columns = {
            column["id"]: self.text(where, column.get("text"))
            for where, column in self.each(f"{place}, column", table["columns"])
        }
        rows = []
        for number, row in enumerate(self.list_of(f"{place}, rows", table["rows"]), 1):
            where = f"{place}, row {number}"
            row = self.table(where, row, ("text", "options"))
            options = self.names(where, row["options"], item.question.options, "option")
            if len(options) != len(columns):
                self.fail(where, "expected an option for each column")
            rows.append((self.text(where, row["text"]), options))
        return Grid(self.text(f"{place}, every", table["every"]), columns, tuple(rows))

    def read_section(self, place: str, raw: dict[str, Any], section: Section, step: int) -> list[Page]:
        table = self.table(place, raw, ("id", "name"), ("page", "thanks"))
        if "page" in table and "thanks" in table:
            self.fail(f"{place}, thanks", "stands with the pages of the section")
        whole = {"questions": [each.id for each in section.wordings]} | (
            {"thanks": table["thanks"]} if "thanks" in table else {}
        )
        parts = list(self.each(f"{place}, page", table["page"])) if "page" in table else [(place, whole)]
        on_pages = [id for _, part in parts for id in part.get("questions", ())]
        if on_pages != whole["questions"]:
            self.fail(place, "expected each question of the section once, in the order of the questionnaire")
        name = self.text(f"{place}, name", table["name"])
        return [
            self.read_page(where, part, section, name, (step, number, len(parts)))
            for number, (where, part) in enumerate(parts, 1)
        ]

    def read_page(
        self, place: str, raw: dict[str, Any], section: Section, name: LocalizedText, at: tuple[int, int, int]
    ) -> Page:
        step, part, parts = at
        table = self.table(place, raw, ("questions",), ("id", "title", "intro", "why", "thanks"))
        first = part == 1
        return Page(
            key=str(step) if first else f"{step}-{part}",
            section=section,
            step=step,
            part=part,
            parts=parts,
            name=name,
            title=self.maybe_text(f"{place}, title", table.get("title")) or section.title,
            intro=self.maybe_text(f"{place}, intro", table.get("intro"))
            or (section.intro if first else None),
            why=self.maybe_text(f"{place}, why", table.get("why")) or (section.why if first else None),
            thanks=self.maybe_text(f"{place}, thanks", table.get("thanks")),
            wordings=tuple(each for each in section.wordings if each.id in table["questions"]),
        )

    def read_help(self, raw: object) -> tuple[HelpPage, ...]:
        questions = self.questionnaire.questions.all.values()
        stops = [option for question in questions for option in question.options if option in question.stops]
        found = [
            HelpPage(number, table["id"], self.name(place, table.get("option"), stops, "option that stops"))
            for number, (place, table) in enumerate(self.each("help", raw), 1)
        ]
        if sorted(page.option for page in found) != sorted(stops):
            self.fail("help", "expected one page for each option that ends the questions")
        return tuple(found)
