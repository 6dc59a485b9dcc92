"""The hits of a search as rows that say who it is, so that the right case is opened first; the search is recorded."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from intake import journey
from recommend import content
from recommend.desk.models import Case
from recommend.desk.pages.list_rows import Row, rows_of
from recommend.desk.queues import Viewer

AGE = "age"
"""The id of the question about the person's age, which has bands."""

SHOWN_DIGITS = 4


def hits_of(cases: Iterable[Case], viewer: Viewer, now: datetime) -> list[Row]:
    """Return the rows of found cases, each with the name, the end of the phone number, and the age.

    Args:
        cases: the cases, with ``submission__contact``.
        viewer: the user who searched.
        now: the current time.
    """
    return [replace(row, person=person(row.case)) for row in rows_of(cases, viewer, now)]


def person(case: Case) -> str:
    """Return who it is in words, such as "Robin Example, phone ends in 0100, 18 to 64"; "" for an erased case."""
    if case.erased_at:
        return ""
    contact = case.submission.contact
    return ", ".join(filter(None, [contact.name, end_of_phone(contact.phone), age(case)]))


def end_of_phone(phone: str) -> str:
    """Return the last digits of a phone number in words; "" if there is none, or too little would be left out."""
    digits = [char for char in phone if char.isdecimal()]
    return f"phone ends in {''.join(digits[-SHOWN_DIGITS:])}" if len(digits) > SHOWN_DIGITS else ""


def age(case: Case) -> str:
    """Return the age in the words of the questionnaire; "" if it was not asked."""
    item = content.questionnaire(case.submission.questionnaire).wordings.get(AGE)
    given = journey.chosen(case.submission.answers).get(AGE, ())
    return "; ".join(text["en"] for text in item.chosen(given)) if item else ""
