"""Wording in several languages, as content files write it: ``text = { en = "..." }``."""

from collections.abc import Mapping

from django.conf import settings
from django.utils.translation import get_language

FALLBACK = "en"


def active_language() -> str:
    """Return the language of the page, without a country."""
    return (get_language() or FALLBACK).split("-")[0]


def in_active_language(wordings: Mapping[str, str]) -> str | None:
    """Return the wording for the page's language, country first (``pt-br``); None if there is none."""
    return wordings.get(get_language() or FALLBACK) or wordings.get(active_language())


class LocalizedText(dict[str, str]):
    """One wording by language; ``str()`` of it is the wording in the active language.

    A template prints it as it is: ``{{ question.text }}``.
    """

    def __str__(self) -> str:
        return in_active_language(self) or self[FALLBACK]


def languages() -> tuple[str, ...]:
    """Return the languages that every text must have."""
    return tuple(code for code, _ in settings.LANGUAGES)
