"""Safety texts as a page prints them: in the language of the page, for the place of the person, with bold words."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from carenav.clinic.context import hours
from intake.safety.texts import BOLD, SafetyText, Wording


@dataclass(frozen=True)
class ShownText:
    """One safety text in words.

    Attributes:
        title: plain words, not yet escaped; empty where the text has none.
        paragraphs: safe HTML.
        time: when the person acts; one of ``intake.safety.texts.TIMES``.
        kind: what it is about; one of ``intake.safety.texts.KINDS``.
        lines: the kind of crisis lines that stand under it; empty: none.
    """

    id: str
    title: str
    paragraphs: tuple[SafeString, ...]
    time: str
    kind: str
    lines: str

    @property
    def is_danger(self) -> bool:
        """Whether it tells of a danger; a page never folds it away."""
        return self.kind == "danger"


def shown_texts(texts: Iterable[SafetyText], place: str) -> list[ShownText]:
    """Put texts into words.

    Args:
        texts: in the order in which they are shown.
        place: an option of the question ``place``; empty when it is not known.
    """
    return [
        ShownText(
            text.id,
            line_of(text.title, place) if text.title else "",
            paragraphs_of(text.text, place),
            text.time,
            text.kind,
            text.lines,
        )
        for text in texts
    ]


def paragraphs_of(wording: Wording, place: str) -> tuple[SafeString, ...]:
    """Return the paragraphs of a wording as safe HTML, in the active language."""
    return tuple(_with_bold(part.strip()) for part in _filled(wording, place).split("\n\n"))


def line_of(wording: Wording, place: str) -> str:
    """Return a title or heading in the active language: plain words, for a template to escape."""
    return _filled(wording, place).replace(BOLD, "")


def _filled(wording: Wording, place: str) -> str:
    language = get_language() or settings.LANGUAGE_CODE
    return wording.filled(language, place or settings.COUNTRY, hours())


def _with_bold(words: str) -> SafeString:
    """Escape the words and set every second part between ``**`` in bold."""
    parts = [
        format_html("<strong>{}</strong>", part) if number % 2 else part
        for number, part in enumerate(words.split(BOLD))
    ]
    return format_html_join("", "{}", ((part,) for part in parts))
