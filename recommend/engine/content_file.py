"""Read content files (TOML) strictly: any mistake raises :class:`ContentError` with file, place and problem."""

import hashlib
import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

from .errors import ContentError

Text = Mapping[str, str]
"""A text in several languages, by language code such as ``en``."""


class ContentFile:
    """A TOML content file, with methods that check a part of it and return it.

    The argument ``place`` of the methods says where in the file the part is; error messages show it.

    Args:
        path: the TOML file; ``digest`` is its SHA-256.
        languages: codes of the languages that every text in it must have.

    Raises:
        ContentError: the file cannot be read or is not TOML. The methods raise it for a part of the wrong shape.
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
        """Check that a part is a table with all required keys and no unknown ones, and return it."""
        if not isinstance(raw, dict):
            self.fail(place, "expected a table")
        required = tuple(required)
        if missing := [key for key in required if key not in raw]:
            self.fail(place, f"{missing[0]!r} is missing")
        if unknown := [key for key in raw if key not in {*required, *optional}]:
            self.fail(place, f"unknown key {unknown[0]!r}")
        return raw

    def each(self, what: str, raw: object) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield each table of a list, after its place, such as ``rule danger-now``. Every ``id`` must be unique."""
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
        """Check that a part is a string that is not empty and does not start or end with a blank, and return it."""
        if not isinstance(raw, str) or not raw or raw != raw.strip():
            self.fail(place, "expected words in quotes, with nothing blank around them")
        return raw

    def words(self, place: str, raw: object) -> tuple[str, ...]:
        """Check that a part is a list of strings, at least one and none twice, and return it as a tuple."""
        if not isinstance(raw, list) or not raw:
            self.fail(place, "expected a list in brackets, not empty")
        found = tuple(self.word(place, item) for item in raw)
        if len(set(found)) < len(found):
            self.fail(place, "a name stands twice")
        return found

    def name(self, place: str, raw: object, known: Collection[str], what: str) -> str:
        """Check that a part is one of the known names, and return it.

        Args:
            place: where in the file.
            raw: the part.
            known: the names that are valid.
            what: what the name stands for, for the message, such as ``question``.
        """
        if not isinstance(raw, str) or raw not in known:
            self.fail(place, f"unknown {what} {raw!r}")
        return raw

    def names(self, place: str, raw: object, known: Collection[str], what: str) -> tuple[str, ...]:
        """Check that a part is a list of known names, at least one and none twice, and return it as a tuple."""
        return tuple(self.name(place, item, known, what) for item in self.words(place, raw))

    def yes_no(self, place: str, raw: object) -> bool:
        if not isinstance(raw, bool):
            self.fail(place, "expected true or false")
        return raw

    def text(self, place: str, raw: object) -> Text:
        """Check that a part has a text in every language of the file and in no other, and return it."""
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
        """Check rows of answers, ``[{ question = [options] }]``, at least one, and return them.

        Args:
            place: where in the file, for the message.
            raw: the rows as parsed.
            options: the valid options, by question id.
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
