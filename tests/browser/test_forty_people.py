"""Forty people go the whole way, and how long is what they read at its end.

First each keeps the answers, then sends them: both results are measured. `make lengths` writes the table of
docs/result-lengths.md; how many screens a page has depends on the fonts of the machine.
"""

import os
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from playwright.sync_api import Page

from carenav.clinic.opening_hours import read_opening_hours
from intake.crisis import marks_carried
from intake.journey import Journey
from recommend.desk.management.commands.demo import add_programs
from tests.browser.states import CONTINUE, press
from tests.support.browser import PHONE, kind
from tests.support.forty import Somebody, everybody
from tests.support.people import CONTACT

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

TABLE = Path(django_settings.BASE_DIR) / "docs" / "result-lengths.md"
WRITE = bool(os.environ.get("WRITE_LENGTHS"))

MOST_SCREENS = 4.0
MOST_WORDS = 350
MOST_WORDS_IN_DANGER = 500

MEASURE = """screen => {
    const main = document.querySelector('main');
    const folds = [...main.querySelectorAll('details')];
    const last = folds.length ? folds.at(-1).getBoundingClientRect().bottom + scrollY : 0;
    const calls = [...main.querySelectorAll("a[href^='tel:']")].filter(link => link.checkVisibility());
    return {
        words: main.innerText.split(/\\s+/).filter(word => /[\\p{L}\\p{N}]/u.test(word)).length,
        screens: last / screen,
        number: calls.some(link => link.getBoundingClientRect().bottom + scrollY <= screen),
    };
}"""
"""What is folded is not text; a number counts as soon as the whole of its link is on the first screen."""


FILL_IN = """answers => {
    for (const control of document.querySelector('[data-form=main]').elements) {
        const answer = [answers[control.name] ?? []].flat();
        if (['radio', 'checkbox'].includes(control.type)) control.checked ||= answer.includes(control.value);
        else if (answer.length && control.type !== 'hidden') control.value = answer[0];
    }
}"""
"""All controls at once: other tests choose each by mouse and by keyboard, and this way is long."""


@dataclass(frozen=True)
class Length:
    """One result as it is first seen on a phone."""

    who: str
    sent: bool
    level: str
    marked: bool
    words: int
    screens: float
    number: bool

    @property
    def is_too_long(self) -> bool:
        if self.marked:
            return self.words > MOST_WORDS_IN_DANGER
        return self.words > MOST_WORDS or self.screens > MOST_SCREENS

    @property
    def row(self) -> str:
        cells = (
            self.who,
            self.level,
            "sent" if self.sent else "kept",
            "yes" if self.marked else "",
            f"{self.words}",
            f"{self.screens:.1f}",
            "yes" if self.number else "no",
        )
        return f"| {' | '.join(cells)} |"


def test_there_are_forty_people():
    names = [person.name for person in everybody()]
    assert len(names) == len({*names}) == 40


@pytest.fixture
def clinic(settings):
    """A clinic that says all it can about itself, with programs: the longest results."""
    settings.CLINIC_NAME, settings.CLINIC_PHONE = "Harbor Lights", "(555) 010-4477"
    settings.CLINIC_HOURS, settings.CLINIC_RESPONSE_TIME = (
        "Monday to Friday, 8 am to 6 pm",
        "within one working day",
    )
    settings.CLINIC_OPEN = read_opening_hours("mon-sun 08:00-18:00")
    add_programs()


def to_the_result(page: Page, person: Somebody, share: str) -> None:
    """From the page that is open to the result."""
    answers = person.answers | CONTACT | {"share": share}
    for _ in range(40):
        if kind(page) == "result":
            return
        if kind(page) == "crisis":
            press(page, "[data-action=go-on]")
            continue
        page.evaluate(FILL_IN, answers)
        press(page, CONTINUE)
    raise AssertionError(f"{person} does not arrive: {page.url}")


def length(page: Page, person: Somebody, sent: bool) -> Length:
    marks = marks_carried(Journey.at(person.answers).pruned.given)
    level = page.locator("[data-level]").get_attribute("data-level")
    measured = page.evaluate(MEASURE, PHONE["height"])
    return Length(person.name, sent, level, any(marks.values()), **measured)


def go_the_whole_way(page: Page, person: Somebody, home: str) -> list[Length]:
    """Keep the answers first, then send them; return how long both results are."""
    page.goto(home)
    to_the_result(page, person, "only_me")
    kept = length(page, person, sent=False)
    press(page, "main a[href='/answers/sharing/']")
    to_the_result(page, person, "send")
    return [kept, length(page, person, sent=True)]


def write_table(lengths: list[Length]) -> None:
    """Put the rows in place of those of the document; everything else in it is written by hand."""
    lines = TABLE.read_text(encoding="utf-8").splitlines()
    first = next(number for number, line in enumerate(lines) if line.startswith("|---")) + 1
    before = lines[:first]
    after = [line for line in lines[first:] if not line.startswith("|")]
    TABLE.write_text("\n".join([*before, *(each.row for each in lengths), *after]) + "\n", encoding="utf-8")


def test_results_of_forty_people_fit_four_screens_and_begin_with_a_number(new_context, live_server, clinic):
    found: list[Length] = []
    for person in everybody():
        context = new_context(viewport=PHONE)
        found += go_the_whole_way(context.new_page(), person, live_server.url)
        context.close()
    if WRITE:
        write_table(found)
    assert [each.row for each in found if not each.number] == []
    assert [each.row for each in found if each.is_too_long] == []


def test_every_person_of_the_table_is_walked():
    rows = [line for line in TABLE.read_text(encoding="utf-8").splitlines() if line.startswith("| ")][1:]
    assert [row.split(" | ")[0].removeprefix("| ") for row in rows[::2]] == [
        str(each) for each in everybody()
    ]
