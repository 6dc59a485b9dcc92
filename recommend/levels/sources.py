"""The sources of rules and pages: documents, facts, contradictions between them, and what they do not say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from carenav.plumbing.content_file import ContentFile
from carenav.plumbing.i18n.localized_text import LocalizedText
from recommend.engine.levels import Level

GENERAL_PRACTICE = "std"
"""The id to cite for usual clinical practice that no document states."""

DOCUMENT_KINDS = ("article", "standard")
FACT_KINDS = ("rule", "descriptive", "claim")


@dataclass(frozen=True)
class Document:
    """A published document.

    Attributes:
        kind: ``article`` (facts come from it) or ``standard`` (a public regulation; its id is its citation).
        publisher, published: None if the document does not state them.
        states: for a standard, what it says, in our words; else None.
        url: for a standard, its public address; else None.
    """

    id: str
    kind: str
    title: str
    publisher: str | None = None
    published: date | None = None
    states: LocalizedText | None = None
    url: str | None = None


@dataclass(frozen=True)
class Fact:
    """One statement of a document, in our words.

    Attributes:
        attribute: what it is about, such as ``session_frequency``.
        levels: the levels of care that it is about.
        value: the statement.
        document: the article that states it.
        section: the heading above it in the document, or its place in our words if there is no heading.
        kind: ``rule`` (may be a reason), ``descriptive`` (shown, never a reason) or ``claim`` (unsourced; not shown).
    """

    id: str
    attribute: str
    levels: tuple[Level, ...]
    value: LocalizedText
    document: Document
    section: str | LocalizedText
    kind: str


@dataclass(frozen=True)
class Statement:
    """What one of the documents in a contradiction says."""

    says: LocalizedText
    document: Document


@dataclass(frozen=True)
class Contradiction:
    """A point on which documents disagree, and how carenav resolves it."""

    id: str
    about: LocalizedText
    values: tuple[Statement, ...]
    resolution: LocalizedText


@dataclass(frozen=True)
class Gap:
    """A point on which no article says anything, and what carenav uses instead."""

    id: str
    text: LocalizedText
    filled_by: LocalizedText


@dataclass(frozen=True)
class Sources:
    """All entries of the sources file, each kind by id."""

    documents: Mapping[str, Document]
    facts: Mapping[str, Fact]
    contradictions: Mapping[str, Contradiction]
    gaps: Mapping[str, Gap]

    def citable(self, id: str) -> bool:
        """Return whether a rule or cell can cite this id: a fact that is not a claim, a contradiction, or ``std``."""
        if id in self.facts:
            return self.facts[id].kind != "claim"
        return id in self.contradictions or id == GENERAL_PRACTICE


CITES = ("facts", "contradictions", "standard")


@dataclass(frozen=True)
class Citations:
    """Reads and checks the sources that an entry of a content file cites, under the keys ``CITES``.

    Attributes:
        file: the file with the entry.
        sources: what it may cite.
    """

    file: ContentFile
    sources: Sources

    def read(self, place: str, row: Mapping[str, Any], or_else: str = "") -> dict[str, Any]:
        """Return what an entry cites: ``facts`` and ``contradictions``, tuples of ids, and ``standard``, an id or None.

        Args:
            place: where the entry is in the file, for the message.
            row: the entry as parsed.
            or_else: what an entry without sources may say instead, for the message.

        Raises:
            ContentError: it cites nothing, or a source that does not exist.
        """
        if not row.get("facts") and "standard" not in row:
            self.file.fail(place, f"rests on nothing: cite facts or a standard{or_else}")
        documents = self.sources.documents.items()
        standards = [id for id, document in documents if document.kind == "standard"]
        facts = [id for id in self.sources.facts if self.sources.citable(id)]
        known = {"facts": (facts, "fact"), "contradictions": (self.sources.contradictions, "contradiction")}
        return {
            key: self.file.names(f"{place}, {key}", row[key], *known[key]) if key in row else ()
            for key in known
        } | {
            "standard": self.file.name(
                f"{place}, standard", row["standard"], [*standards, GENERAL_PRACTICE], "standard"
            )
            if "standard" in row
            else None
        }


class CitingFile:
    """A content file whose entries cite sources.

    Attributes:
        file: the file, with the methods that check its parts.
        citations: reads and checks what an entry cites.
    """

    def __init__(self, path: Path, sources: Sources, languages: Sequence[str]) -> None:
        self.file = ContentFile(path, languages)
        self.citations = Citations(self.file, sources)


def load_sources(path: Path, languages: Sequence[str]) -> Sources:
    """Read and check ``sources.toml``.

    Args:
        path: the TOML file.
        languages: codes of the languages that every text in our words must have.

    Raises:
        ContentError: the file is not valid.
    """
    file = ContentFile(path, languages)
    raw = file.table("the file", file.raw, ("document", "facts", "contradiction", "gap"))
    documents = {
        row["id"]: _document(file, place, row) for place, row in file.each("document", raw["document"])
    }
    articles = {id: document for id, document in documents.items() if document.kind == "article"}
    return Sources(
        documents=documents,
        facts={
            row["id"]: _fact(file, place, row, articles) for place, row in file.each("fact", raw["facts"])
        },
        contradictions={
            row["id"]: _contradiction(file, place, row, articles)
            for place, row in file.each("contradiction", raw["contradiction"])
        },
        gaps={row["id"]: _gap(file, place, row) for place, row in file.each("gap", raw["gap"])},
    )


def _document(file: ContentFile, place: str, raw: dict[str, Any]) -> Document:
    kind = file.name(f"{place}, kind", raw.get("kind"), DOCUMENT_KINDS, "kind")
    if kind == "standard":
        row = file.table(place, raw, ("id", "kind", "title", "publisher", "states", "url"))
    else:
        row = file.table(place, raw, ("id", "kind", "title"), ("publisher", "published"))
    words = {
        key: file.word(f"{place}, {key}", value)
        for key, value in row.items()
        if key not in ("published", "states")
    }
    states = file.maybe_text(f"{place}, states", row.get("states"))
    if "published" in row and type(row["published"]) is not date:
        file.fail(f"{place}, published", "expected a date, such as 2025-02-17")
    return Document(**words, published=row.get("published"), states=states)


def _fact(file: ContentFile, place: str, raw: dict[str, Any], articles: Mapping[str, Document]) -> Fact:
    row = file.table(place, raw, ("id", "attribute", "levels", "value", "document", "section", "kind"))
    levels = file.names(f"{place}, levels", row["levels"], [level.id for level in Level], "level")
    return Fact(
        id=row["id"],
        attribute=file.word(f"{place}, attribute", row["attribute"]),
        levels=tuple(Level.of(level) for level in levels),
        value=file.text(f"{place}, value", row["value"]),
        document=articles[file.name(f"{place}, document", row["document"], articles, "document")],
        section=_section(file, f"{place}, section", row["section"]),
        kind=file.name(f"{place}, kind", row["kind"], FACT_KINDS, "kind"),
    )


def _section(file: ContentFile, place: str, raw: object) -> str | LocalizedText:
    """Return the heading above a fact in its document, or our own text if it has none."""
    return file.text(place, raw) if isinstance(raw, dict) else file.word(place, raw)


def _contradiction(
    file: ContentFile, place: str, raw: dict[str, Any], articles: Mapping[str, Document]
) -> Contradiction:
    row = file.table(place, raw, ("id", "about", "values", "resolution"))
    if not isinstance(row["values"], list) or len(row["values"]) < 2:
        file.fail(f"{place}, values", "expected two statements at least")
    return Contradiction(
        id=row["id"],
        about=file.text(f"{place}, about", row["about"]),
        values=tuple(_statement(file, f"{place}, values", value, articles) for value in row["values"]),
        resolution=file.text(f"{place}, resolution", row["resolution"]),
    )


def _statement(file: ContentFile, place: str, raw: object, articles: Mapping[str, Document]) -> Statement:
    row = file.table(place, raw, ("says", "document"))
    return Statement(
        says=file.text(f"{place}, says", row["says"]),
        document=articles[file.name(f"{place}, document", row["document"], articles, "document")],
    )


def _gap(file: ContentFile, place: str, raw: dict[str, Any]) -> Gap:
    row = file.table(place, raw, ("id", "text", "filled_by"))
    return Gap(
        row["id"],
        file.text(f"{place}, text", row["text"]),
        file.text(f"{place}, filled_by", row["filled_by"]),
    )
