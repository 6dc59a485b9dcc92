"""Wording in several languages, as content files write it: ``text = { en = "..." }``."""

from collections.abc import Mapping, Sequence

from django.utils.translation import get_language

from recommend.engine.errors import ContentError

FALLBACK = "en"


class Text(dict[str, str]):
    """One wording by language; ``str()`` of it is the wording in the active language.

    A template prints it as it is: ``{{ question.text }}``.
    """

    def __str__(self) -> str:
        language = (get_language() or FALLBACK).split("-")[0]
        return self.get(language) or self[FALLBACK]


def read_text(raw: object, languages: Sequence[str], file: object, place: str) -> Text:
    """Check one ``{ en = "..." }`` table: every language of the project, nothing else, nothing empty.

    Raises:
        ContentError: the table is none, a language is missing, unknown or empty.
    """
    if not isinstance(raw, Mapping):
        raise ContentError(file, place, 'expected a text by language, { en = "..." }')
    for language in languages:
        if not isinstance(raw.get(language), str) or not raw[language].strip():
            raise ContentError(file, place, f"the text is missing in language {language!r}")
    if unknown := sorted(set(raw) - set(languages)):
        raise ContentError(file, place, f"unknown language {unknown[0]!r}")
    return Text(raw)
