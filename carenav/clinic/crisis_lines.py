"""Emergency numbers and help lines by country, read from ``crisis_lines.toml``."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from django.conf.locale import LANG_INFO

from carenav.plumbing.content_file import ContentFile
from carenav.plumbing.i18n.localized_text import LocalizedText, active_language, in_active_language
from carenav.plumbing.i18n.names import translated_name
from carenav.plumbing.spelling import dialed

KINDS = (
    "emergency",
    "suicide",
    "deaf",
    "veterans",
    "poison",
    "domestic",
    "birth",
    "use",
    "young",
    "lgbtq",
    "information",
    "directory",
)

STALE_AFTER = timedelta(days=180)


def is_too_old(checked_on: date, today: date) -> bool:
    """Return whether a check on this day was longer ago than ``STALE_AFTER``."""
    return today - checked_on > STALE_AFTER


NUMBER = re.compile(r"\+?[0-9][0-9 -]*")
UNNAMED = ("ase", "mul")
"""Language codes for which Django has no name: American Sign Language, and "many languages"."""

REQUIRED = ("id", "name", "kind", "hours", "always_open", "languages", "source", "checked_on")
WAYS = ("call", "text_to", "chat")


@dataclass(frozen=True)
class Line:
    """One crisis line or other help line.

    Attributes:
        kind: one of ``KINDS``.
        call: the phone number as people write it; None if it does not accept calls.
        text_to: the number for text messages; None if it does not accept them.
        text_words: the word to text, keyed by language; in other languages any word will do.
        chat: the URL of a page to chat with someone or to find a line; None if there is none.
        hours: when it is open, in words.
        always_open: whether it is open day and night, every day.
        languages: the languages spoken: ISO 639 codes or members of ``UNNAMED``.
        note: a further remark; None if there is none.
        source: the URL of the public page with its numbers and hours.
        checked_on: when its numbers and hours were last compared with public pages.
    """

    id: str
    name: LocalizedText
    kind: str
    call: str | None
    text_to: str | None
    text_words: Mapping[str, str]
    chat: str | None
    hours: LocalizedText
    always_open: bool
    languages: tuple[str, ...]
    note: LocalizedText | None
    source: str
    checked_on: date

    @property
    def tel(self) -> str | None:
        """The link to call it, such as ``tel:988``; None if it does not accept calls."""
        return self.call and f"tel:{dialed(self.call)}"

    @property
    def text_word(self) -> str | None:
        """The word to text, in the language of the page; None if the line has none in that language."""
        return in_active_language(self.text_words)

    @property
    def sms(self) -> str | None:
        """The link to write a text message, such as ``sms:741741?&body=HOME``; None if it does not accept them.

        The form ``?&body=`` works on iPhones and on Android phones.
        """
        word = f"?&body={self.text_word}" if self.text_word else ""
        return self.text_to and f"sms:{dialed(self.text_to)}{word}"

    @property
    def other_languages(self) -> list[str]:
        """The names of the line's languages, in the language of the page, if that is not among them; else empty.

        Empty for an emergency number, which may be called in any language.
        """
        if self.kind == "emergency" or active_language() in self.languages:
            return []
        return [translated_name(code) for code in self.languages if code not in UNNAMED]

    def stale(self, today: date) -> bool:
        """Return whether the last check was longer ago than ``STALE_AFTER``."""
        return is_too_old(self.checked_on, today)


@dataclass(frozen=True)
class CountryLines:
    """The lines of one country, or of one answer to "Where are you right now?".

    Attributes:
        id: an option of the question ``place``, such as "us".
        emergency: numbers for danger to life; the first is on every page.
        crisis: crisis lines, open day and night.
        others: all other lines; they may have limited hours.
    """

    id: str
    name: LocalizedText
    emergency: tuple[Line, ...]
    crisis: tuple[Line, ...]
    others: tuple[Line, ...]

    @property
    def lines(self) -> tuple[Line, ...]:
        return self.emergency + self.crisis + self.others

    def of_kind(self, kind: str) -> tuple[Line, ...]:
        """Return the lines of one kind, such as ``domestic``."""
        return tuple(line for line in self.lines if line.kind == kind)


@dataclass(frozen=True)
class CrisisLines:
    """The lines of all countries, keyed by id, in the order of the file."""

    by_id: Mapping[str, CountryLines]

    @property
    def countries(self) -> tuple[CountryLines, ...]:
        return tuple(self.by_id.values())

    def country(self, id: str) -> CountryLines:
        """Return the lines of one place.

        Args:
            id: an option of the question ``place``, such as "us".

        Raises:
            KeyError: there is no such place.
        """
        return self.by_id[id]

    def stale(self, today: date) -> tuple[Line, ...]:
        """Return the lines whose last check was longer ago than ``STALE_AFTER``."""
        return tuple(line for country in self.countries for line in country.lines if line.stale(today))


def load_crisis_lines(path: Path, languages: Sequence[str]) -> CrisisLines:
    """Read and check ``crisis_lines.toml``.

    Args:
        path: the TOML file.
        languages: the languages that every name, note and opening time must have.

    Raises:
        ContentError: the file has a fault; the message names file, place and fault.
    """
    file = ContentFile(path, languages)
    raw = file.table("the file", file.raw, ("country",))
    countries = {row["id"]: _country(file, place, row) for place, row in file.each("country", raw["country"])}
    ids = [line.id for country in countries.values() for line in country.lines]
    if twice := [id for id in ids if ids.count(id) > 1]:
        file.fail(f"line {twice[0]}", "the id stands twice")
    return CrisisLines(countries)


def _country(file: ContentFile, place: str, raw: dict[str, Any]) -> CountryLines:
    row = file.table(place, raw, ("id", "name", "emergency", "crisis"), ("others",))
    country = CountryLines(
        id=row["id"],
        name=file.text(f"{place}, name", row["name"]),
        emergency=tuple(_line(file, *item) for item in file.each("line", row["emergency"])),
        crisis=tuple(_line(file, *item) for item in file.each("line", row["crisis"])),
        others=tuple(_line(file, *item) for item in file.each("line", row.get("others", []))),
    )
    if not country.emergency or not country.crisis:
        file.fail(place, "needs an emergency and a crisis line at least")
    for line in country.lines:
        if (line.kind == "emergency") != (line in country.emergency):
            file.fail(f"line {line.id}, kind", "emergency lines, and no others, stand under emergency")
    for line in country.emergency + country.crisis:
        if not line.always_open:
            file.fail(
                f"line {line.id}, always_open",
                "a line that may be closed cannot stand under emergency or crisis",
            )
    return country


def _line(file: ContentFile, place: str, raw: dict[str, Any]) -> Line:
    row = file.table(place, raw, REQUIRED, (*WAYS, "text_word", "note"))
    kind = file.name(f"{place}, kind", row["kind"], KINDS, "kind")
    note = file.maybe_text(f"{place}, note", row.get("note"))
    if not any(way in row for way in WAYS) and not (kind == "emergency" and note):
        file.fail(place, "names no way to reach it: call, text_to or chat")
    if "text_word" in row and "text_to" not in row:
        file.fail(f"{place}, text_word", "there is no number to send it to")
    if type(row["checked_on"]) is not date:
        file.fail(f"{place}, checked_on", "expected a date, such as 2026-11-22")
    return Line(
        id=row["id"],
        name=file.text(f"{place}, name", row["name"]),
        kind=kind,
        call=_number(file, f"{place}, call", row.get("call")),
        text_to=_number(file, f"{place}, text_to", row.get("text_to")),
        text_words=_text_words(file, f"{place}, text_word", row.get("text_word", {})),
        chat=_address(file, f"{place}, chat", row["chat"]) if "chat" in row else None,
        hours=file.text(f"{place}, hours", row["hours"]),
        always_open=file.yes_no(f"{place}, always_open", row["always_open"]),
        languages=_languages(file, f"{place}, languages", row["languages"]),
        note=note,
        source=_address(file, f"{place}, source", row["source"]),
        checked_on=row["checked_on"],
    )


def _number(file: ContentFile, place: str, raw: object) -> str | None:
    if raw is not None and not (isinstance(raw, str) and NUMBER.fullmatch(raw)):
        file.fail(place, "expected a number to dial, in quotes")
    return raw


def _text_words(file: ContentFile, place: str, raw: object) -> Mapping[str, str]:
    """Read the word to text: a string for all languages, or a table with one for each language."""
    if not isinstance(raw, dict):
        return dict.fromkeys(file.languages, file.word(place, raw))
    return {
        file.name(place, language, file.languages, "language"): file.word(f"{place}, {language}", word)
        for language, word in raw.items()
    }


def _address(file: ContentFile, place: str, raw: object) -> str:
    if not isinstance(raw, str) or not raw.startswith("https://"):
        file.fail(place, "expected an address that begins with https://")
    return raw


def _languages(file: ContentFile, place: str, raw: object) -> tuple[str, ...]:
    codes = file.words(place, raw)
    if wrong := [code for code in codes if code not in UNNAMED and code not in LANG_INFO]:
        file.fail(place, f"{wrong[0]!r} is no language code")
    return codes
