"""The keys of the desk: a walk through a list and a case, none while typing, and all of them turned off."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from recommend.desk.models import Case
from tests.support.browser import DESKTOP, path, sign_in_browser
from tests.support.cases import case_like, case_url
from tests.support.people import BOB, CHARLIE

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def two() -> list[Case]:
    """Two cases, the first to be worked on first."""
    return [case_like(CHARLIE, timedelta(hours=3)), case_like(BOB, timedelta(hours=2))]


def opened(new_context, url: str) -> Page:
    context = new_context(viewport=DESKTOP)
    sign_in_browser(context, re.match(r"https?://[^/]*", url)[0], name="ann")
    page = context.new_page()
    page.goto(url)
    return page


def type_keys(page: Page, keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def focused(page: Page) -> str:
    return page.evaluate("document.activeElement.textContent.trim()")


def test_keys_walk_through_the_list_and_open_a_case(two, new_context, live_server, axe):
    first, second = two
    page = opened(new_context, f"{live_server.url}/staff/desk/case/?list=todo")
    type_keys(page, "j")
    assert focused(page) == first.reference
    type_keys(page, "jj")
    assert focused(page) == second.reference
    type_keys(page, "k")
    assert focused(page) == first.reference
    axe(page)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert path(page) == case_url(first)


def test_keys_of_a_case_log_assign_and_go_on_to_the_next(two, new_context, live_server):
    first, second = two
    page = opened(new_context, live_server.url + case_url(first))
    type_keys(page, "c")
    assert page.evaluate("document.activeElement.name") == "how"
    page.locator("#case-form").evaluate("e => e.reset()")
    page.evaluate("document.activeElement.blur()")
    with page.expect_navigation():
        type_keys(page, "n")
    assert path(page) == case_url(second)
    assert not Case.objects.filter(version__gt=1).exists()
    type_keys(page, "a")
    assert page.locator("[name=who][value=take]").is_checked()
    type_keys(page, "n")  # something is chosen now: nothing is saved by a key
    assert page.evaluate("document.activeElement.name") == "next"
    assert not Case.objects.filter(version__gt=1).exists()


def test_slash_leads_to_the_search_from_every_page(two, new_context, live_server):
    page = opened(new_context, f"{live_server.url}/staff/")
    type_keys(page, "/")
    assert page.evaluate("document.activeElement.id") == "search-text"
    page.goto(live_server.url + case_url(two[0]))
    with page.expect_navigation():
        type_keys(page, "/")
    assert path(page) == "/staff/desk/case/search/"


def test_keys_do_nothing_while_somebody_types(two, new_context, live_server):
    page = opened(new_context, live_server.url + case_url(two[0]))
    page.click("#contact-part summary")
    for field in ("[name=note]", "[name=attempt_note]"):
        page.focus(field)
        page.keyboard.type("can j/k? na")
        assert page.input_value(field) == "can j/k? na"
    page.select_option("[name=how]", "call")
    page.focus("[name=how]")
    type_keys(page, "an?")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("Control+a")
    assert path(page) == case_url(two[0])
    assert not page.locator("[name=who][value=take]").is_checked()
    expect(page.locator("#keys")).to_be_hidden()


def test_keys_are_turned_off_for_this_browser_and_on_again(two, new_context, live_server, axe):
    page = opened(new_context, f"{live_server.url}/staff/")
    type_keys(page, "?")
    expect(page.locator("#keys")).to_be_visible()
    axe(page)
    page.click("text=Turn shortcuts off")
    page.click("#keys [data-close]")
    for key in "j?n":
        type_keys(page, key)
    page.reload()
    type_keys(page, "?j")
    expect(page.locator("#keys")).to_be_hidden()
    assert focused(page) != two[0].reference
    assert path(page) == "/staff/"
    page.click(".account summary")
    page.click("text=Keyboard shortcuts")
    page.click("text=Turn shortcuts on")
    page.keyboard.press("Escape")
    page.evaluate("document.activeElement.blur()")
    type_keys(page, "j")
    assert focused(page) == two[0].reference


def test_without_scripts_no_key_is_offered(two, new_context, live_server):
    context = new_context(viewport=DESKTOP, java_script_enabled=False)
    sign_in_browser(context, live_server.url, name="ann")
    page = context.new_page()
    page.goto(f"{live_server.url}/staff/")
    page.click(".account summary")
    expect(page.get_by_text("Log out")).to_be_visible()
    expect(page.locator("#keys-open")).to_be_hidden()
    expect(page.locator("#keys")).to_be_hidden()
    page.click("#next-case")
    page.locator("#contact-part summary").click()
    expect(page.locator("[name=how]")).to_be_visible()
