"""Texts in several languages, as content files have them: ``text = { en = "...", es = "..." }``."""

from collections.abc import Mapping

from django.conf import settings
from django.utils.translation import get_language

FALLBACK = "en"


def active_language() -> str:
    """Return the active language without a country, such as "pt" for "pt-br"."""
    return (get_language() or FALLBACK).split("-")[0]


def in_active_language(wordings: Mapping[str, str]) -> str | None:
    """Return the value for the active language with its country ("pt-br"), or else without ("pt"), or else None."""
    return wordings.get(get_language() or FALLBACK) or wordings.get(active_language())


class LocalizedText(dict[str, str]):
    """A text keyed by language. ``str()`` returns it in the active language, or else in English.

    Templates can print it directly, as in ``{{ question.text }}``.
    """

    def __str__(self) -> str:
        return in_active_language(self) or self[FALLBACK]


def languages() -> tuple[str, ...]:
    """Return the codes of the languages that every text must have."""
    return tuple(code for code, _ in settings.LANGUAGES)
