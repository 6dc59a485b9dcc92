"""Strict reading of content files (TOML): whatever is wrong is refused with file, place and problem."""

import hashlib
import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

from .errors import ContentError

Text = Mapping[str, str]
"""One wording by language."""


class ContentFile:
    """One content file and the few shapes that content files are made of.

    Args:
        path: the TOML file; ``digest`` is its SHA-256.
        languages: the languages that every text in it must have.

    Raises:
        ContentError: it cannot be read, or is no TOML. So does every method, for what is not of its shape.
    """

    def __init__(self, path: Path, languages: Sequence[str] = ()) -> None:
        self.path = path
        self.languages = tuple(languages)
        try:
            data = path.read_bytes()
            self.raw: dict[str, Any] = tomllib.loads(data.decode())
        except (OSError, ValueError, RecursionError) as error:
            raise ContentError(path, "the file", str(error)) from error
        self.digest = hashlib.sha256(data).hexdigest()

    def fail(self, place: str, problem: str) -> NoReturn:
        raise ContentError(self.path, place, problem)

    def table(
        self, place: str, raw: object, required: Iterable[str], optional: Iterable[str] = ()
    ) -> dict[str, Any]:
        """Read a table with all required keys and no unknown ones."""
        if not isinstance(raw, dict):
            self.fail(place, "expected a table")
        required = tuple(required)
        if missing := [key for key in required if key not in raw]:
            self.fail(place, f"{missing[0]!r} is missing")
        if unknown := [key for key in raw if key not in {*required, *optional}]:
            self.fail(place, f"unknown key {unknown[0]!r}")
        return raw

    def each(self, what: str, raw: object) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield the tables of a list, each with its place; every id is unique."""
        seen: set[str] = set()
        for number, table in enumerate(self.list_of(what, raw), 1):
            if not isinstance(table, dict) or not isinstance(table.get("id"), str) or not table["id"]:
                self.fail(f"{what} number {number}", "expected a table with an id")
            place = f"{what} {table['id']}"
            if table["id"] in seen:
                self.fail(place, "the id stands twice")
            seen.add(table["id"])
            yield place, table

    def list_of(self, place: str, raw: object) -> list[Any]:
        if not isinstance(raw, list):
            self.fail(place, "expected a list of tables")
        return raw

    def word(self, place: str, raw: object) -> str:
        """Read a text in one language, an address or a number to call: not empty, no blanks around it."""
        if not isinstance(raw, str) or not raw or raw != raw.strip():
            self.fail(place, "expected words in quotes, with nothing blank around them")
        return raw

    def words(self, place: str, raw: object) -> tuple[str, ...]:
        """Read a list of words: at least one, none twice."""
        if not isinstance(raw, list) or not raw:
            self.fail(place, "expected a list in brackets, not empty")
        found = tuple(self.word(place, item) for item in raw)
        if len(set(found)) < len(found):
            self.fail(place, "a name stands twice")
        return found

    def name(self, place: str, raw: object, known: Collection[str], what: str) -> str:
        """Read a name that must be one of the known ones."""
        if not isinstance(raw, str) or raw not in known:
            self.fail(place, f"unknown {what} {raw!r}")
        return raw

    def names(self, place: str, raw: object, known: Collection[str], what: str) -> tuple[str, ...]:
        """Read a list of known names: at least one, none twice."""
        return tuple(self.name(place, item, known, what) for item in self.words(place, raw))

    def yes_no(self, place: str, raw: object) -> bool:
        if not isinstance(raw, bool):
            self.fail(place, "expected true or false")
        return raw

    def text(self, place: str, raw: object) -> Text:
        """Read a text in every language of the project and no other."""
        if not isinstance(raw, dict):
            self.fail(place, 'expected a text by language, { en = "..." }')
        for language in self.languages:
            if not isinstance(raw.get(language), str) or not raw[language].strip():
                self.fail(place, f"the text is missing in language {language!r}")
        if unknown := sorted(set(raw) - set(self.languages)):
            self.fail(place, f"unknown language {unknown[0]!r}")
        return raw

    def rows(
        self, place: str, raw: object, options: Mapping[str, Collection[str]]
    ) -> tuple[Mapping[str, frozenset[str]], ...]:
        """Read rows of answers, ``[{ question = [options] }]``.

        Args:
            place: where in the file, for the message
            raw: the rows as read
            options: the options that may be named, by question.
        """
        if not isinstance(raw, list) or not raw or not all(isinstance(row, dict) and row for row in raw):
            self.fail(place, "expected rows of answers, [{ question = [options] }]")
        return tuple(
            {
                self.name(place, id, options, "question"): frozenset(
                    self.names(f"{place}, {id}", row[id], options[id], "option")
                )
                for id in row
            }
            for row in raw
        )
