"""How long the questions take, from the words there are to read."""

from collections.abc import Iterable, Sequence
from math import ceil

from intake.pages_file import Page
from intake.questionnaire import QuestionItem, Section
from recommend.engine import is_asked

WORDS_A_MINUTE = 200
"""Slower than the 238 words of non-fiction that adults read silently in a minute (Brysbaert 2019, Journal of Memory and
Language 109): people read these pages under strain, many of them in a second language."""
SECONDS_TO_ANSWER = 4
"""To choose one of the options of a question, once it is read. Our own estimate."""


Part = tuple[Section | Page, Sequence[QuestionItem]]
"""A page or a section, and its questions that a person is asked."""


def minutes_for(parts: Iterable[Part], language: str) -> int:
    """Return the minutes that pages take to read and to answer, rounded up.

    Args:
        parts: a page without a question is not shown, and takes no time.
        language: the language they are read in.
    """
    words = questions = 0
    for part, items in parts:
        around = (part.title, part.intro, part.why) if items else ()
        texts = [*around, *(text for item in items for text in (item.text, item.why, *item.options.values()))]
        words += sum(len(text[language].split()) for text in texts if text)
        questions += len(items)
    return ceil(words / WORDS_A_MINUTE + questions * SECONDS_TO_ANSWER / 60)


def shortest_and_longest(parts: Sequence[Section | Page], language: str) -> tuple[int, int]:
    """Return the minutes for somebody who is asked as little as possible, and for somebody who is asked everything.

    Args:
        parts: all pages, in order.
        language: the language they are read in.
    """
    least: dict[str, tuple[str, ...]] = {}
    for question in (item.question for part in parts for item in part.wordings):
        if is_asked(question, least):
            least[question.id] = (min(question.exclusive, default=question.offered[0]),)
    pages = [(part, part.wordings) for part in parts]
    shortest = [(part, [item for item in items if item.id in least]) for part, items in pages]
    return minutes_for(shortest, language), minutes_for(pages, language)
