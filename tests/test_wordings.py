"""What readers once stumbled over is gone, and what they were told to say instead is there."""

import io
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from django.conf import settings

ROWS = tomllib.loads((Path(__file__).parent / "support" / "wordings.toml").read_text(encoding="utf-8"))
CONTENT = (
    "carenav/clinic/crisis_lines.toml",
    "intake/pages/2026.2.toml",
    "intake/questionnaires/2026.2.toml",
    "intake/safety/2026.2.toml",
    "recommend/levels/continuum.toml",
    "recommend/levels/schedule.toml",
    "recommend/rulesets/2026.2.toml",
)
"""The files with the texts of today's version. What the sources say is quoted in others."""


def in_file(found: object) -> Iterator[dict[str, str]]:
    """Every wording of a content file."""
    if isinstance(found, dict):
        if "en" in found and isinstance(found["en"], str):
            yield found
        else:
            for value in found.values():
                yield from in_file(value)
    elif isinstance(found, list):
        for value in found:
            yield from in_file(value)


def in_catalog(language: str) -> Iterator[str]:
    """Every message of templates and code, as this language says it."""
    path = settings.BASE_DIR / "locale" / "es" / "LC_MESSAGES" / "django.po"
    for message in read_po(io.BytesIO(path.read_bytes())):
        said = message.id if language == "en" else message.string
        yield from said if isinstance(said, tuple) else [said]


@cache
def texts(language: str) -> list[str]:
    """All texts in a language, in single blanks, and what stands between ** as bold."""
    files = [tomllib.loads((settings.BASE_DIR / path).read_text(encoding="utf-8")) for path in CONTENT]
    found = [*in_catalog(language), *(each[language] for file in files for each in in_file(file))]
    return [re.sub(r"\*\*(.*?)\*\*", r"<strong>\1</strong>", " ".join(text.split())) for text in found]


@pytest.mark.parametrize(
    ("language", "old"), [(code, old) for code, rows in ROWS.items() for old, _now in rows]
)
def test_no_text_has_the_words_that_readers_stumbled_over(language, old):
    assert [text for text in texts(language) if old.casefold() in text.casefold()] == []


@pytest.mark.parametrize(
    ("language", "now"), [(code, now) for code, rows in ROWS.items() for _old, now in rows if now]
)
def test_what_is_said_instead_is_there(language, now):
    assert any(now.casefold() in text.casefold() for text in texts(language))


def test_the_table_is_long_enough_and_names_each_once():
    assert len(ROWS["en"]) >= 95
    for rows in ROWS.values():
        olds = [old for old, _now in rows]
        assert len(olds) == len({*olds})
