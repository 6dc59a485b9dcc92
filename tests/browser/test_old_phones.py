"""Phones of 2016 to 2020: what their browsers do not know is taken away from Chromium, as far as it can be."""

import pytest
from django.conf import settings
from playwright.sync_api import Page, expect

from intake.models import Draft
from tests.browser.states import STATES
from tests.support.browser import DIALOG, PHONE, minutes_before_the_end

pytestmark = pytest.mark.django_db(transaction=True)

# Such a browser reads what stands under "@supports not (inset: 0)": they learnt it together with gaps in rows.
WITHOUT_GAPS = """() => {
    const old = [...document.styleSheets].flatMap(sheet => [...sheet.cssRules])
        .filter(rule => rule.conditionText === 'not (inset: 0)')
        .flatMap(rule => [...rule.cssRules].map(each => each.cssText));
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(['* { gap: 0 !important }', ...old].join(' '));
    document.adoptedStyleSheets = [sheet];
}"""
# Side by side on one line, with less than 6 pixels between them.
TOO_CLOSE = """() => {
    const seen = element => element.getBoundingClientRect();
    const text = element => element.textContent.trim().slice(0, 30) || element.tagName;
    return [...document.querySelectorAll('.ways, .links, .option, .top .width')].flatMap(row => {
        const cells = [...row.children].filter(each => !each.matches('.away') && seen(each).width > 1)
            .filter(each => seen(each).left >= 0);
        return cells.slice(1).map((cell, index) => [cells[index], cell])
            .filter(([a, b]) => Math.min(seen(a).bottom, seen(b).bottom) - Math.max(seen(a).top, seen(b).top) > 4)
            .filter(([a, b]) => seen(b).left - seen(a).right < 6 && seen(a).left - seen(b).right < 6)
            .map(pair => pair.map(text).join(' | '));
    });
}"""
# Stacked buttons, with less than 4 pixels between them.
BUTTONS_THAT_TOUCH = """() => [...document.querySelectorAll('.ways .button')].filter(button => {
    const above = button.previousElementSibling;
    if (!above || !above.matches('.button')) return false;
    const [a, b] = [above.getBoundingClientRect(), button.getBoundingClientRect()];
    return b.top >= a.bottom && b.top - a.bottom < 4;
}).map(button => button.textContent)"""


@pytest.mark.some(3)
@pytest.mark.parametrize("name", ["start", "crisis", "about", "schedule-answered", "result-dana-inpatient"])
@pytest.mark.parametrize("width", [320, 390])
def test_browser_without_flex_gaps_keeps_words_apart(name, width, new_context, live_server, monkeypatch):
    state = next(each for each in STATES if each.name == name)
    page = state.open(new_context(viewport={"width": width, "height": 700}), live_server.url, monkeypatch)
    assert page.evaluate(TOO_CLOSE) == []
    page.evaluate(WITHOUT_GAPS)
    assert page.evaluate(TOO_CLOSE) == []
    assert page.evaluate(BUTTONS_THAT_TOUCH) == []
    assert page.evaluate("document.scrollingElement.scrollWidth <= document.scrollingElement.clientWidth")


@pytest.fixture
def without_dialogs(new_context, with_draft):
    def make(**fields):
        context = new_context(viewport=PHONE)
        context.add_init_script(
            "delete HTMLDialogElement.prototype.showModal; delete HTMLDialogElement.prototype.close;"
            "delete HTMLDialogElement.prototype.open"
        )
        return with_draft(context=context, shared_device=True, **fields)

    return make


def open_check(context, live_server) -> Page:
    page = context.new_page()
    page.goto(f"{live_server.url}/answers/check/")
    return page


def test_a_browser_without_dialogs_warns_and_gives_more_time(without_dialogs, live_server):
    context, draft = without_dialogs()
    minutes_before_the_end(draft, 2.03)
    page = open_check(context, live_server)
    assert page.locator(DIALOG).is_hidden()
    expect(page.locator(DIALOG)).to_be_visible()
    assert page.evaluate("document.activeElement.innerText") == "I need more time"
    expect(page.locator(f"{DIALOG} [role=status]")).to_have_text("Less than 2 minutes left.")
    page.keyboard.press("Enter")
    expect(page.locator(DIALOG)).to_be_hidden()
    assert Draft.objects.get().seconds_left > 880


def test_a_browser_without_dialogs_clears_itself_at_the_end(without_dialogs, live_server, neutral_site):
    context, draft = without_dialogs()
    minutes_before_the_end(draft, 0.06)
    page = open_check(context, live_server)
    page.wait_for_url(settings.LEAVE_TO)
    assert context.cookies() == []
    assert not Draft.objects.exists()
