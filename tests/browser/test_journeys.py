"""The whole way in a real browser: without JavaScript, by keyboard alone, and when things go wrong."""

import threading
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from playwright.sync_api import BrowserContext, Page, expect
from playwright.sync_api import Error as BetweenPages

from intake.models import Draft
from recommend.desk.models import Case
from tests import database
from tests.browser.states import CONTINUE, bring, choose, press, press_enter
from tests.people import ALICE, CHARLIE, CONTACT, DANA, WELL, Answers, draft_for, well_before

pytestmark = pytest.mark.django_db(transaction=True)

ENDS = ("result", "stop", "error")


def kind(page: Page) -> str:
    return page.locator("body").get_attribute("data-page")


def path(page: Page) -> str:
    return urlsplit(page.url).path


def with_draft(context: BrowserContext, home: str, client, answers: Answers) -> Draft:
    """Give the browser a draft with these answers."""
    draft = draft_for(client, answers)
    bring(context, home, client.cookies[settings.DRAFT_COOKIE_NAME].value)
    return draft


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

FOCUSED = """() => {
    const e = document.activeElement;
    const group = e.type === 'radio' ? [...document.getElementsByName(e.name)] : [];
    return {tag: e.tagName, type: e.type || '', name: e.name || '', value: e.value || '', text: e.innerText || '',
        checked: !!e.checked, place: group.indexOf(e), values: group.map(r => r.value),
        seen: e.checkVisibility() && getComputedStyle(e).outlineStyle !== 'none'};
}"""


def by_keyboard(
    page: Page, answers: Answers, words: tuple[str, str] = ("Leave this site", "Skip to content")
) -> None:
    """Answer one page: Tab to move, Scales and the arrows to choose, Enter on the button to send."""
    leave, skip = words
    page.keyboard.press("Tab")
    assert page.evaluate(FOCUSED)["text"] == leave
    page.keyboard.press("Tab")
    focused = page.evaluate(FOCUSED)
    assert focused["text"] == skip
    assert focused["seen"]
    page.keyboard.press("Enter")
    for _ in range(100):
        page.keyboard.press("Tab")
        focused = page.evaluate(FOCUSED)
        assert focused["seen"], focused
        if focused["tag"] == "BUTTON":
            press_enter(page)
            return
        answer = answers.get(focused["name"])
        if focused["type"] == "radio" and not focused["checked"]:
            page.keyboard.press("Scales")
            for _ in range(focused["values"].index(answer) - focused["place"]):
                page.keyboard.press("ArrowDown")
            assert page.evaluate(FOCUSED)["value"] == answer
        elif focused["type"] == "checkbox" and focused["value"] in (answer or ()):
            page.keyboard.press("Scales")
            assert page.evaluate(FOCUSED)["checked"]
        elif (
            focused["tag"] in ("INPUT", "TEXTAREA")
            and answer
            and focused["type"] not in ("radio", "checkbox")
        ):
            page.keyboard.type(answer)
    raise AssertionError("no button within reach")


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until what this selects has the focus."""
    for _ in range(150):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"{selector} is out of reach")


def enter_on(page: Page, selector: str) -> None:
    tab_to(page, selector)
    press_enter(page)


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
    page.goto(f"{live_server.url}/answers/about/")
    press(page, CONTINUE)
    page.locator("#error-summary a").last.click()
    assert urlsplit(page.url).fragment
    press(page, CONTINUE)
    expect(page.locator("#error-summary")).to_be_focused()
    page.locator("#error-summary a").last.click()
    choose(page, WELL)
    press(page, CONTINUE)
    assert urlsplit(page.url)[2:] == ("/answers/safety/", "", "")


# ---- a crisis answer, and whatever else is wrong


@pytest.mark.parametrize("fault", ["nothing", "draft", "cookies", "database"])
@pytest.mark.parametrize(
    ("section", "question", "option"),
    [
        ("about", "emergency", "about_to"),
        ("safety", "losing_touch", "command"),
        ("daily_life", "self_care", "stopped"),
    ],
)
def test_a_crisis_answer_alone_leads_to_help(
    section, question, option, fault, new_context, live_server, client
):
    context = new_context(java_script_enabled=False)
    with_draft(context, live_server.url, client, well_before(section))
    page = context.new_page()
    page.goto(f"{live_server.url}/answers/{section}/")
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


class NeutralSite(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>An encyclopedia</title><p>Nothing to see.")

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def neutral_site(settings) -> Iterator[None]:
    """Another origin, where "Leave this site" leads."""
    with HTTPServer(("127.0.0.1", 0), NeutralSite) as server:
        settings.LEAVE_TO = f"http://127.0.0.1:{server.server_port}/"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield
        server.shutdown()


def test_after_leave_going_back_shows_no_answer(neutral_site, new_context, live_server):
    context = new_context()
    page = context.new_page()
    page.goto(live_server.url)
    while path(page) != "/answers/health/":
        choose(page, ALICE.answers)
        press(page, CONTINUE)
    press(page, "text=Leave this site >> nth=0")
    assert page.title() == "An encyclopedia"
    assert not Draft.objects.exists()
    assert context.cookies() == []
    for _ in range(5):
        go_back(page)
        assert page.locator(":checked").count() == 0
        assert path(page) in ("/", "/answers/about/")


def go_back(page: Page) -> None:
    """One page back, if there is one. The browser's own go_back fails now and then with its back-forward cache on."""
    page.evaluate("() => { window.isLeft = true; setTimeout(() => history.back()); }")
    for _ in range(20):
        page.wait_for_timeout(100)
        with suppress(BetweenPages):
            if not page.evaluate("!!window.isLeft"):
                break
    page.wait_for_load_state()


def through_history(page: Page, step: int, to: str) -> None:
    """Back (-1) or forward (1), to where that must lead."""
    page.evaluate("step => { setTimeout(() => history.go(step)) }", step)
    page.wait_for_url(f"**{to}")


def test_back_and_forward_keep_the_answers_while_somebody_is_here(new_context, live_server):
    page = new_context().new_page()
    page.goto(live_server.url)
    while path(page) != "/answers/symptoms/":
        choose(page, ALICE.answers)
        press(page, CONTINUE)
    through_history(page, -1, to="/answers/safety/")
    assert page.locator("[name=wish_dead][value=no]").is_checked()
    through_history(page, 1, to="/answers/symptoms/")
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
