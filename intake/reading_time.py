"""Estimate how many minutes the questions take, from their number and the words to read."""

from collections.abc import Iterable, Sequence
from math import ceil

from intake.pages_file import Page
from intake.questionnaire import QuestionItem, Section
from recommend.engine import is_asked

WORDS_A_MINUTE = 200
"""Reading speed. Adults read 238 words of non-fiction silently in a minute (Brysbaert 2019, Journal of Memory and
Language 109); we assume fewer, as people read these pages under strain, many of them in a second language."""
SECONDS_TO_ANSWER = 4
"""Seconds to choose an option after reading the question. Our own estimate."""


Part = tuple[Section | Page, Sequence[QuestionItem]]
"""A page or a section, with those of its questions that a person is asked."""


def minutes_for(parts: Iterable[Part], language: str) -> int:
    """Return the minutes that pages take to read and to answer, rounded up.

    Args:
        parts: the pages; one without a question is not shown, so it takes no time.
        language: the language in which they are read, such as "es".
    """
    words = questions = 0
    for part, items in parts:
        around = (part.title, part.intro, part.why) if items else ()
        texts = [*around, *(text for item in items for text in (item.text, item.why, *item.options.values()))]
        words += sum(len(text[language].split()) for text in texts if text)
        questions += len(items)
    return ceil(words / WORDS_A_MINUTE + questions * SECONDS_TO_ANSWER / 60)


def shortest_and_longest(parts: Sequence[Section | Page], language: str) -> tuple[int, int]:
    """Return the minutes for a person who is asked as little as possible, and for one who is asked everything.

    Args:
        parts: all pages, in order.
        language: the language in which they are read, such as "es".
    """
    least: dict[str, tuple[str, ...]] = {}
    for question in (item.question for part in parts for item in part.wordings):
        if is_asked(question, least):
            least[question.id] = (min(question.exclusive, default=question.offered[0]),)
    pages = [(part, part.wordings) for part in parts]
    shortest = [(part, [item for item in items if item.id in least]) for part, items in pages]
    return minutes_for(shortest, language), minutes_for(pages, language)
