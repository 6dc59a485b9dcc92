"""A morning with thirty cases, walked in a browser: presses and page loads of each kind of case, in docs/desk.md."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import Page, expect

from recommend.desk import queues
from recommend.desk.models import Case, ContactAttempt
from recommend.levels.choices import LevelOfCare
from tests.support.browser import DESKTOP, sign_in_browser
from tests.support.cases import case_like, user
from tests.support.people import ALICE, BOB, CHARLIE, DANA
from tests.support.programs import make_program

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

# As measured before there were one-press outcomes: presses and page loads of one case of each kind.
BEFORE = {"no answer": (7, 1), "message": (8, 2), "agreed": (12, 2), "override": (15, 2)}
KINDS = {
    "no answer": "No answer, next",
    "message": "Read what the person wrote, assign, left a message, next",
    "agreed": "Assign, reached with a note, recommended level, placed, next",
    "override": "The same with another level, its reason and a text",
}
MORNING = ["no answer"] * 10 + ["message"] * 8 + ["agreed"] * 9 + ["override"] * 3


class Hand:
    """Presses on a page, and counts them: a choice in a list is two. Typing is counted apart."""

    def __init__(self, page: Page) -> None:
        self.page, self.presses, self.loads = page, 0, 0
        page.on("domcontentloaded", lambda _page: self.loaded())

    def loaded(self) -> None:
        self.loads += 1

    def press(self, what: str) -> None:
        self.page.click(what)
        self.presses += 1

    def send(self, what: str) -> None:
        with self.page.expect_navigation():
            self.press(what)

    def choose(self, name: str, value: str) -> None:
        self.page.select_option(f"[name={name}]", value)
        self.presses += 2

    def write(self, name: str, words: str) -> None:
        self.press(f"[name={name}]")
        self.page.keyboard.type(words)

    def write_day(self, name: str) -> None:
        self.page.fill(f"[name={name}]", f"{timezone.localdate() + timedelta(days=1)}")
        self.presses += 1

    def work_on(self, kind: str) -> None:
        """Do one case, from its open page to that of the next."""
        if kind == "no answer":
            self.send("[value=no_answer]")
            return
        if kind == "message":
            self.send("[name=reveal]")
        self.press("text=Assign to me")
        if kind == "message":
            self.send("[value=message]")
            return
        self.press("[name=reached]")
        if kind == "agreed":
            self.press(".reached [name=level]")
        else:
            self.another_level()
        self.write("note", "Can come from Tuesday.")
        if kind == "agreed":
            self.write_day("place_on")
            self.send("[name=place]")
            return
        self.press("#place-part summary")
        self.write("elsewhere", "Her own clinic")
        self.write_day("starts_on")
        self.press("[name=status][value=placed]")
        self.send("[name=next]")

    def another_level(self) -> None:
        recommended = self.page.locator(".reached [name=level]").get_attribute("value")
        self.press("summary:has-text('Level of care')")
        self.press(f"fieldset [name=level][value={'php' if recommended != 'php' else 'iop'}]")
        self.choose("reason", "more_known")
        self.write("text", "Said more on the phone.")


def thirty_cases() -> None:
    people = [DANA] * 5 + [CHARLIE] * 5 + [BOB] * 10 + [ALICE] * 10
    for level in LevelOfCare.values:
        make_program(f"Program of {level}", level)
    for number, person in enumerate(people):
        case_like(person, timedelta(minutes=20 + number))


def table(measured: dict[str, tuple[int, int]], all_presses: int, all_loads: int) -> list[str]:
    """The lines of the table in docs/desk.md."""
    rows = [
        f"| {KINDS[kind]} | {BEFORE[kind][0]} | {BEFORE[kind][1]} | {presses} | {loads} |"
        for kind, (presses, loads) in measured.items()
    ]
    return [
        *rows,
        f"| Thirty cases: 10, 8, 9 and 3 of these | about 290 | about 55 | {all_presses} | {all_loads} |",
    ]


def test_a_morning_of_thirty_cases_leaves_none_without_a_next_step(new_context, live_server):
    thirty_cases()
    context = new_context(viewport=DESKTOP)
    sign_in_browser(context, live_server.url, name="ann")
    page = context.new_page()
    hand = Hand(page)
    page.goto(f"{live_server.url}/staff/")
    hand.send("#next-case")
    measured: dict[str, tuple[int, int]] = {}
    seen: set[Any] = set()
    for kind in MORNING:
        seen.add(page.locator("h1").inner_text())
        presses, loads = hand.presses, hand.loads
        hand.work_on(kind)
        expect(page.locator(".messagelist")).to_contain_text("saved")
        counted = (hand.presses - presses, hand.loads - loads)
        assert measured.setdefault(kind, counted) == counted, kind
    assert len(seen) == 30
    expect(page.locator(".caught-up")).to_be_visible()
    assert_all_have_a_next_step()
    assert measured["no answer"][0] <= 2
    assert measured["agreed"] <= (6, 1)  # one save
    words = (settings.BASE_DIR / "docs" / "desk.md").read_text()
    for line in table(measured, hand.presses, hand.loads):
        assert line in words, line


def assert_all_have_a_next_step() -> None:
    now = timezone.now()
    waiting = Case.objects.filter(finished_at__isnull=True)
    assert waiting.count() == 18
    assert all(case.next_action and case.next_action_at > now for case in waiting)
    placed = Case.objects.filter(status="placed")
    assert placed.count() == 12
    assert all(case.next_action == "arrival" and case.next_action_at > now for case in placed)
    assert not queues.rows(queues.to_do(user("ann"), now)).exists()
    assert ContactAttempt.objects.count() == 30


def test_the_table_of_the_morning_is_one_in_the_docs():
    words = (settings.BASE_DIR / "docs" / "desk.md").read_text()
    for kind, (presses, loads) in BEFORE.items():
        assert re.search(rf"\| {re.escape(KINDS[kind])} \| {presses} \| {loads} \| \d+ \| \d+ \|", words), (
            kind
        )
