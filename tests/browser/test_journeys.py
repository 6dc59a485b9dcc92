"""The whole way in a real browser: without JavaScript, by keyboard alone, and when things go wrong."""

from urllib.parse import urlsplit

import pytest
from django.conf import settings
from playwright.sync_api import BrowserContext, Page, expect

from intake.models import Draft
from recommend.desk.models import Case
from tests.browser.states import CONTINUE, bring, choose, press
from tests.support import database
from tests.support.browser import by_keyboard, enter_on, go_back, kind, path
from tests.support.people import ALICE, CHARLIE, CONTACT, DANA, WELL, Answers, draft_for, well_before
from tests.support.walker import section_url

pytestmark = pytest.mark.django_db(transaction=True)

ENDS = ("result", "stop", "error")


def with_draft(context: BrowserContext, home: str, client, answers: Answers) -> Draft:
    """Give the browser a draft with these answers."""
    draft = draft_for(client, answers)
    bring(context, home, client.cookies[settings.DRAFT_COOKIE_NAME].value)
    return draft


@pytest.mark.slow
@pytest.mark.parametrize("person", [CHARLIE, DANA], ids=str)
def test_the_whole_way_without_javascript(person, new_context, live_server):
    page = new_context(java_script_enabled=False, viewport={"width": 320, "height": 640}).new_page()
    page.goto(live_server.url)
    seen = []
    while kind(page) not in ENDS:
        seen.append(kind(page))
        if kind(page) == "crisis":
            press(page, "[data-action=go-on]")
            continue
        choose(page, person.answers | CONTACT | {"share": "send"})
        press(page, CONTINUE)
        assert len(seen) < 30
    assert seen.count("crisis") == person.crisis_pages
    assert page.locator("[data-level]").get_attribute("data-level") == person.level
    rules = page.locator("[data-rule]")
    assert {rules.nth(i).get_attribute("data-rule") for i in range(rules.count())} == set(person.rules)
    assert Case.objects.get().level == person.level


# ---- by keyboard alone


@pytest.mark.slow
def test_the_whole_way_by_keyboard(new_context, live_server):
    page = new_context().new_page()
    page.goto(live_server.url)
    answers = DANA.answers | CONTACT | {"share": "send"}
    seen = []
    while kind(page) not in ENDS:
        seen.append(kind(page))
        before = page.url
        if kind(page) == "crisis":
            enter_on(page, "[data-action=go-on]")
        else:
            by_keyboard(page, answers)
        assert len(seen) < 20, before
    assert seen.count("crisis") == 1
    assert page.locator("[data-level]").get_attribute("data-level") == "inpatient"


def test_a_link_within_a_page_does_not_follow_somebody_to_the_next(new_context, live_server):
    """Left in the address, a fragment would keep the focus from the next summary of errors, and from Leave."""
    page = new_context().new_page()
    page.goto(f"{live_server.url}/answers/1/")
    press(page, CONTINUE)
    page.locator("#error-summary a").last.click()
    assert urlsplit(page.url).fragment
    press(page, CONTINUE)
    expect(page.locator("#error-summary")).to_be_focused()
    page.locator("#error-summary a").last.click()
    choose(page, WELL)
    press(page, CONTINUE)
    assert urlsplit(page.url)[2:] == ("/answers/2/", "", "")


# ---- a crisis answer, and whatever else is wrong


@pytest.mark.some(3)
@pytest.mark.parametrize("fault", ["nothing", "draft", "cookies", "database"])
@pytest.mark.parametrize(
    ("section", "question", "option"),
    [
        ("about", "emergency", "about_to"),
        ("mind", "losing_touch", "command"),
        ("daily_life", "self_care", "stopped"),
    ],
)
def test_a_crisis_answer_alone_leads_to_help(
    section, question, option, fault, new_context, live_server, client
):
    context = new_context(java_script_enabled=False)
    with_draft(context, live_server.url, client, well_before(section))
    page = context.new_page()
    page.goto(live_server.url + section_url(section))
    choose(page, {question: option})
    if fault == "draft":
        Draft.objects.all().delete()
    if fault == "cookies":
        context.clear_cookies()
    if fault == "database":
        with database.gone():
            press(page, CONTINUE)
            assert kind(page) == "crisis"
    else:
        press(page, CONTINUE)
    assert kind(page) == "crisis"
    assert path(page) == "/help-now/"
    assert page.locator("a[href='tel:988']").first.is_visible()
    press(page, "[data-action=go-on]")
    assert kind(page) == "section"


# ---- leave


def test_after_leave_going_back_shows_no_answer(neutral_site, new_context, live_server):
    context = new_context()
    page = context.new_page()
    page.goto(live_server.url)
    while path(page) != "/answers/5/":
        choose(page, ALICE.answers)
        press(page, CONTINUE)
    press(page, "text=Leave this site >> nth=0")
    assert page.title() == "An encyclopedia"
    assert not Draft.objects.exists()
    assert context.cookies() == []
    for _ in range(5):
        go_back(page)
        assert page.locator(":checked").count() == 0
        assert path(page) in ("/", "/answers/1/")


def through_history(page: Page, step: int, to: str) -> None:
    """Back (-1) or forward (1), to where that must lead."""
    page.evaluate("step => { setTimeout(() => history.go(step)) }", step)
    page.wait_for_url(f"**{to}")


def test_back_and_forward_keep_the_answers_while_somebody_is_here(new_context, live_server):
    page = new_context().new_page()
    page.goto(live_server.url)
    while path(page) != "/answers/3/":
        choose(page, ALICE.answers)
        press(page, CONTINUE)
    through_history(page, -1, to="/answers/2-3/")
    assert page.locator("[name=losing_touch][value=none]").is_checked()
    through_history(page, 1, to="/answers/3/")
    assert page.locator(":checked").count() == 0


def test_nothing_is_kept_in_the_browser_but_two_cookies(new_context, live_server, client):
    context = new_context()
    with_draft(context, live_server.url, client, WELL)
    page = context.new_page()
    page.goto(f"{live_server.url}/answers/check/")
    press(page, CONTINUE)
    kept = page.evaluate(
        "[localStorage.length, sessionStorage.length, document.cookie, document.scripts.length]"
    )
    assert kept == [0, 0, "", 0]
    assert {cookie["name"] for cookie in context.cookies()} == {
        settings.DRAFT_COOKIE_NAME,
        settings.CSRF_COOKIE_NAME,
    }
    assert all(cookie["expires"] == -1 for cookie in context.cookies())
