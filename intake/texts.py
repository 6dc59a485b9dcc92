"""Wording in several languages, as content files write it: ``text = { en = "..." }``."""

from django.utils.translation import get_language

FALLBACK = "en"


class Text(dict[str, str]):
    """One wording by language; ``str()`` of it is the wording in the active language.

    A template prints it as it is: ``{{ question.text }}``.
    """

    def __str__(self) -> str:
        language = (get_language() or FALLBACK).split("-")[0]
        return self.get(language) or self[FALLBACK]
