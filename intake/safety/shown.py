"""Turn safety texts into HTML in the active language, with the phone numbers of the person's place."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from carenav.clinic.context import before_period, hours
from intake.safety.texts import BOLD, SafetyText, Wording


@dataclass(frozen=True)
class ShownText:
    """One safety text, ready for a template.

    Attributes:
        title: plain text, not yet escaped; "" if the text has no title.
        paragraphs: safe HTML.
        time: when the person should act; one of ``intake.safety.texts.TIMES``.
        kind: what it is about; one of ``intake.safety.texts.KINDS``.
        lines: the kind of crisis lines to list under it; "" for none.
    """

    id: str
    title: str
    paragraphs: tuple[SafeString, ...]
    time: str
    kind: str
    lines: str

    @property
    def is_danger(self) -> bool:
        """Whether it is about a danger. Pages must not hide such a text in a part that has to be unfolded."""
        return self.kind == "danger"


def shown_texts(texts: Iterable[SafetyText], place: str) -> list[ShownText]:
    """Return the texts in the active language, ready for a template, in the same order.

    Args:
        texts: the safety texts.
        place: an option of the question ``place``; "" if it is not known.
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
    """Return a title or heading in the active language, without bold marks and not escaped."""
    return _filled(wording, place).replace(BOLD, "")


def _filled(wording: Wording, place: str) -> str:
    language = get_language() or settings.LANGUAGE_CODE
    return wording.filled(language, place or settings.COUNTRY, before_period(hours()))


def _with_bold(words: str) -> SafeString:
    """Return escaped HTML in which words between ``**`` are bold."""
    parts = [
        format_html("<strong>{}</strong>", part) if number % 2 else part
        for number, part in enumerate(words.split(BOLD))
    ]
    return format_html_join("", "{}", ((part,) for part in parts))
