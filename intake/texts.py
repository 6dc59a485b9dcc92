"""Wording in several languages, as content files write it: ``text = { en = "..." }``."""

from django.utils.translation import get_language

FALLBACK = "en"


def active_language() -> str:
    """The language in which the page is read."""
    return (get_language() or FALLBACK).split("-")[0]


class Text(dict[str, str]):
    """One wording by language; ``str()`` of it is the wording in the active language.

    A template prints it as it is: ``{{ question.text }}``.
    """

    def __str__(self) -> str:
        return self.get(active_language()) or self[FALLBACK]
