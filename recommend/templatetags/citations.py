"""What the page of all levels says about its sources: numbers beside each cell, and where to look them up."""

from collections.abc import Mapping
from dataclasses import dataclass

from django import template

from carenav.plumbing.i18n.localized_text import LocalizedText
from recommend.levels.continuum import Cell, Continuum, LevelText, Row
from recommend.levels.sources import Contradiction, Document, Sources

register = template.Library()


@dataclass(frozen=True)
class CitedDocument:
    """A document with its number on the page, and the sections a cell rests on."""

    number: int
    document: Document
    sections: list[str | LocalizedText]


@dataclass(frozen=True)
class CitedCell:
    """A cell of the table and what it rests on.

    Attributes:
        standard: the document, where the cell rests on a standard and not on general practice.
    """

    level: LevelText
    cell: Cell
    cited: list[CitedDocument]
    standard: CitedDocument | None


@dataclass(frozen=True)
class CitedRow:
    """A row of the table, and where the documents disagree about anything in it."""

    row: Row
    cells: list[CitedCell]
    contradictions: list[Contradiction]


@register.filter
def with_sources(continuum: Continuum, sources: Sources) -> list[CitedRow]:
    """Return the rows of the table, each cell with its documents."""
    numbers = {id: number for number, id in enumerate(sources.documents, start=1)}
    return [
        CitedRow(
            row,
            [_cell(level, row.cells[level.id], sources, numbers) for level in continuum.levels],
            [sources.contradictions[id] for id in _contradictions(row)],
        )
        for row in continuum.rows
    ]


def _contradictions(row: Row) -> list[str]:
    return list(dict.fromkeys(id for cell in row.cells.values() for id in cell.contradictions))


def _cell(level: LevelText, cell: Cell, sources: Sources, numbers: Mapping[str, int]) -> CitedCell:
    sections: dict[str, list[str | LocalizedText]] = {}
    for id in cell.facts:
        fact = sources.facts[id]
        found = sections.setdefault(fact.document.id, [])
        if fact.section not in found:
            found.append(fact.section)
    cited = [CitedDocument(numbers[id], sources.documents[id], found) for id, found in sections.items()]
    standard = sources.documents.get(cell.standard or "")
    return CitedCell(
        level,
        cell,
        sorted(cited, key=lambda each: each.number),
        CitedDocument(numbers[standard.id], standard, []) if standard else None,
    )
