"""Ten cases from "sent" to "arrived" and "what next?", in a browser; two are declined and placed again."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from recommend.desk import queues
from recommend.desk.models import Case, Placement
from tests.browser.states import press
from tests.support.browser import PHONE, sign_in_browser, wider_than_the_window
from tests.support.cases import case_url, new_case, user
from tests.support.people import BOB, CHARLIE
from tests.support.programs import make_program

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

TODAY = timezone.localdate()
DECLINED = (2, 5)
STEPS_DOWN = (3, 7)


class Coordinator:
    """Somebody who works on cases in a browser without scripts of their own."""

    def __init__(self, page: Page, home: str) -> None:
        self.page, self.home = page, home

    def open(self, case: Case) -> None:
        self.page.goto(self.home + case_url(case))

    def reach(self, case: Case) -> None:
        """Tick that the person was reached, with the recommended level; nothing is saved yet."""
        self.open(case)
        self.page.check("[name=reached]")
        self.page.check(".reached [name=level]")

    def place(self, program: str) -> None:
        self.page.fill("[name=place_on]", f"{TODAY}")
        press(self.page, f"li:has-text('{program}') [name=place]")

    def answer(self, value: str, ends_on: str = "") -> None:
        if ends_on:
            self.page.fill("[name=ends_on]", ends_on)
        press(self.page, f"[name=placed][value={value}]")

    def decline(self, case: Case) -> None:
        self.open(case)
        self.page.click("#place-part summary")
        self.page.select_option("[name=placement]", "declined")
        self.page.select_option("[name=declined_because]", "hours")
        press(self.page, "[name=save]")


@pytest.fixture
def ann(new_context, live_server) -> Coordinator:
    context = new_context(viewport=PHONE)
    sign_in_browser(context, live_server.url, name="ann")
    return Coordinator(context.new_page(), live_server.url)


def test_ten_cases_go_from_sent_to_arrived_and_what_next(ann, axe):
    for level in ("outpatient", "iop", "php"):
        make_program(f"Elm {level}", level, sessions=[(day, 18, 21) for day in range(3)])
        make_program(f"Oak {level}", level)
    cases = [new_case(BOB if number % 2 else CHARLIE) for number in range(10)]

    for number, case in enumerate(cases):
        ann.reach(case)
        if number in DECLINED:
            press(ann.page, "li:has-text('Elm') [name=offer]")
            ann.decline(case)
            ann.open(case)
            ann.place("Oak")
        else:
            ann.place("Elm")
    assert Case.objects.filter(status="placed", next_action="arrival").count() == 10
    assert [each.name[:3] for each in Placement.objects.filter(state="declined")] == ["Elm", "Elm"]
    assert Placement.objects.filter(state="start_set", name__startswith="Oak").count() == 2

    ann.open(cases[0])
    expect(ann.page.locator("#placed-now")).to_contain_text("Did they arrive?")
    axe(ann.page)
    assert not wider_than_the_window(ann.page)
    for case in cases:
        ann.open(case)
        ann.answer("arrived", f"{TODAY + timedelta(weeks=6)}")
    assert Case.objects.filter(next_action="what_next", next_action_at__gt=timezone.now()).count() == 10

    for number, case in enumerate(cases):
        ann.open(case)
        ann.answer("finished_go_on" if number in STEPS_DOWN else "finished")
    assert Case.objects.filter(queues.done(user("ann"), timezone.now())).count() == 8
    assert Case.objects.filter(status="assessed", next_action="check_placement").count() == 2
    assert Placement.objects.filter(state="finished").count() == 10

    ann.open(cases[STEPS_DOWN[0]])
    axe(ann.page)
    assert not wider_than_the_window(ann.page)
    expect(ann.page.locator("#history")).to_contain_text("Finished")
