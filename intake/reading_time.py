"""How long the questions take, from the words there are to read."""

from collections.abc import Iterable, Sequence
from math import ceil

from intake.questionnaire import QuestionItem, Questionnaire, Section
from recommend.engine import is_asked

WORDS_A_MINUTE = 200
"""Slower than the 238 words of non-fiction that adults read silently in a minute (Brysbaert 2019, Journal of Memory and
Language 109): people read these pages under strain, many of them in a second language."""
SECONDS_TO_ANSWER = 4
"""To choose one of the options of a question, once it is read. Our own estimate."""


Page = tuple[Section, Sequence[QuestionItem]]
"""A section, and its questions that a person is asked."""


def minutes_for(pages: Iterable[Page], language: str) -> int:
    """Return the minutes that pages take to read and to answer, rounded up.

    Args:
        pages: a page without a question is not shown, and takes no time.
        language: the language they are read in.
    """
    words = questions = 0
    for section, items in pages:
        around = (section.title, section.intro, section.why) if items else ()
        texts = [*around, *(text for item in items for text in (item.text, item.why, *item.options.values()))]
        words += sum(len(text[language].split()) for text in texts if text)
        questions += len(items)
    return ceil(words / WORDS_A_MINUTE + questions * SECONDS_TO_ANSWER / 60)


def shortest_and_longest(questionnaire: Questionnaire, language: str) -> tuple[int, int]:
    """Return the minutes for somebody who is asked as little as possible, and for somebody who is asked everything."""
    least: dict[str, tuple[str, ...]] = {}
    for question in questionnaire.questions.all.values():
        if is_asked(question, least):
            least[question.id] = (min(question.exclusive, default=question.offered[0]),)
    pages = [(section, section.wordings) for section in questionnaire.sections]
    shortest = [(section, [item for item in items if item.id in least]) for section, items in pages]
    return minutes_for(shortest, language), minutes_for(pages, language)
