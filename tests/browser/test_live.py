"""A page of the desk that stays open: the title counts, a line says what is new, and nothing moves by itself."""

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from recommend.desk.models import AccessEvent, Tier
from tests.support.browser import DESKTOP, sign_in_browser
from tests.support.cases import case_like, case_url, new_case
from tests.support.people import BOB, DANA

pytestmark = pytest.mark.django_db(transaction=True)


def opened(new_context, url: str, name: str = "ann") -> Page:
    """A page whose clock the test moves."""
    context = new_context(viewport=DESKTOP)
    sign_in_browser(context, re.match(r"https?://[^/]*", url)[0], name=name)
    page = context.new_page()
    page.clock.install()
    page.goto(url)
    page.clock.pause_at(datetime.now(UTC) + timedelta(seconds=1))
    return page


def questions(page: Page) -> list[str]:
    """What the page asks by itself from now on."""
    asked: list[str] = []
    page.on(
        "request", lambda each: asked.append(each.url) if urlsplit(each.url).path == "/staff/live/" else None
    )
    return asked


def half_a_minute(page: Page) -> None:
    with page.expect_response(re.compile("/staff/live/")):
        page.clock.run_for(30_000)


def test_today_counts_in_the_title_and_says_what_is_new(new_context, live_server):
    first = case_like(BOB, timedelta(hours=1))
    page = opened(new_context, f"{live_server.url}/staff/")
    asked = questions(page)
    rows = page.locator("table.cases tbody tr")
    page.clock.run_for(25_000)
    assert asked == []
    new_case(BOB)
    new_case(BOB)
    before = AccessEvent.objects.count()
    half_a_minute(page)
    expect(page.locator("#live")).to_have_text("2 new cases: show them")
    expect(page).to_have_title("(3) Today | carenav desk")
    expect(rows).to_have_count(1)
    assert len(asked) == 1
    assert AccessEvent.objects.count() == before
    page.click("#live a")
    expect(rows).to_have_count(3)
    expect(rows.first).to_contain_text(first.reference)
    expect(page.locator("#live")).to_be_hidden()


def test_case_page_tells_of_a_new_crisis_and_of_nothing_less(new_context, live_server):
    case = new_case(BOB)
    page = opened(new_context, live_server.url + case_url(case))
    new_case(BOB)
    half_a_minute(page)
    expect(page).to_have_title(f"(2) Case {case.reference} | carenav desk")
    expect(page.locator("#live")).to_be_hidden()
    case_like(DANA, tier=Tier.NOW)
    half_a_minute(page)
    expect(page.locator("#live")).to_have_text("1 new “Now” case: show them")
    assert page.locator("#live a").get_attribute("href") == "/staff/"


def test_two_pages_of_one_case_show_each_other(new_context, live_server):
    case = new_case(BOB)
    ann = opened(new_context, live_server.url + case_url(case))
    expect(ann.locator("#here")).to_be_hidden()
    bo = opened(new_context, live_server.url + case_url(case), "bo")
    expect(bo.locator("#here")).to_have_text("ann has this case open")
    half_a_minute(ann)
    expect(ann.locator("#here")).to_have_text("bo has this case open")


def test_page_stops_asking_when_it_is_signed_out(new_context, live_server):
    page = opened(new_context, f"{live_server.url}/staff/")
    page.context.clear_cookies()
    asked = questions(page)
    half_a_minute(page)
    page.clock.run_for(120_000)
    assert len(asked) == 1
