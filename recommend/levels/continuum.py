"""The texts of the four levels of care and the table that compares them, read from ``continuum.toml``."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from carenav.plumbing.i18n.localized_text import LocalizedText
from recommend.engine.levels import Level
from recommend.levels.sources import CITES, CitingFile, Sources

LEVELS = tuple(level.id for level in Level)
TEXTS = ("name", "short", "sentence", "week", "next_step")
STEP_TIMES = ("today", "today or tomorrow", "this week")


@dataclass(frozen=True)
class LevelText:
    """What pages say about one level.

    Attributes:
        short: the name for the head of a column.
        sentence: the first line of a result.
        week: what a normal week is like.
        next_step: what to do next.
        next_step_time: when to do it, one of ``STEP_TIMES``.
    """

    id: str
    name: LocalizedText
    short: LocalizedText
    sentence: LocalizedText
    week: LocalizedText
    next_step: LocalizedText
    next_step_time: str

    @property
    def is_same_day(self) -> bool:
        """Whether this level means being seen the same day: the next step is a place to go to, not a first call."""
        return self.id == Level.INPATIENT.id


@dataclass(frozen=True)
class Cell:
    """What the table says about one level in one row, with its sources.

    Attributes:
        facts, contradictions: ids of the sources.
        standard: the id of a standard, or ``std`` for usual clinical practice, which a page marks; None if there is
            none.
        silent: whether the sources say nothing about it; the text then says so.
    """

    text: LocalizedText
    facts: tuple[str, ...]
    contradictions: tuple[str, ...]
    standard: str | None
    silent: bool


@dataclass(frozen=True)
class Row:
    """One row of the table: one aspect of the levels.

    Attributes:
        cells: the cell of each level, by the level's id, from least to most care.
    """

    id: str
    name: LocalizedText
    cells: Mapping[str, Cell]


@dataclass(frozen=True)
class Continuum:
    """The levels from least to most care, and the rows of the table that compares them."""

    levels: tuple[LevelText, ...]
    rows: tuple[Row, ...]

    def level(self, id: str) -> LevelText:
        """Return the texts of the level with this id.

        Raises:
            KeyError: there is no such level.
        """
        return {level.id: level for level in self.levels}[id]


def load_continuum(path: Path, sources: Sources, languages: Sequence[str]) -> Continuum:
    """Read and check ``continuum.toml``.

    Args:
        path: the TOML file.
        sources: the sources that cells may cite.
        languages: codes of the languages that every text must have.

    Raises:
        ContentError: the file is not valid.
    """
    return _Loader(path, sources, languages).load()


class _Loader(CitingFile):
    def load(self) -> Continuum:
        raw = self.file.table("the file", self.file.raw, ("silent_text", "level", "row"))
        self.silent_text = self.file.text("silent_text", raw["silent_text"])
        levels = self.file.table("level", raw["level"], LEVELS)
        return Continuum(
            levels=tuple(self.level(id, levels[id]) for id in LEVELS),
            rows=tuple(self.row(place, row) for place, row in self.file.each("row", raw["row"])),
        )

    def level(self, id: str, raw: object) -> LevelText:
        row = self.file.table(f"level {id}", raw, (*TEXTS, "next_step_time"))
        texts = {key: self.file.text(f"level {id}, {key}", row[key]) for key in TEXTS}
        time = self.file.name(f"level {id}, next_step_time", row["next_step_time"], STEP_TIMES, "time")
        return LevelText(id, **texts, next_step_time=time)

    def row(self, place: str, raw: dict[str, Any]) -> Row:
        row = self.file.table(place, raw, ("id", "name", *LEVELS))
        return Row(
            id=row["id"],
            name=self.file.text(f"{place}, name", row["name"]),
            cells={level: self.cell(f"{place}, {level}", row[level]) for level in LEVELS},
        )

    def cell(self, place: str, raw: object) -> Cell:
        if isinstance(raw, dict) and "silent" in raw:
            row = self.file.table(place, raw, ("silent",))
            if row["silent"] is not True:
                self.file.fail(f"{place}, silent", "can only be true")
            return Cell(self.silent_text, (), (), None, True)
        row = self.file.table(place, raw, ("text",), CITES)
        return Cell(
            text=self.file.text(f"{place}, text", row["text"]),
            silent=False,
            **self.citations.read(place, row, or_else=", or say silent = true"),
        )
