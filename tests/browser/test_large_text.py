"""Text twice as large on the narrowest phone (WCAG 1.4.4, 1.4.10): no page of the way scrolls sideways."""

from pathlib import Path

import pytest

from tests.browser.states import CONTINUE, choose, press
from tests.support.browser import NARROW, kind, wider_than_the_window
from tests.support.people import CONTACT, DANA, WELL

pytestmark = pytest.mark.django_db(transaction=True)

TWICE = "document.documentElement.style.fontSize = '200%'"
OTHERS = ("/where-to-get-help/1/", "/where-to-get-help/2/", "/where-to-get-help/3/", "/stopped-for-now/", "/come-back/",
          "/delete/", "/privacy/", "/accessibility/", "/staying-private/", "/help-now/")  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("locale", [pytest.param("en-US", marks=pytest.mark.slow), "es-MX"])
def test_no_page_of_the_way_scrolls_sideways_with_text_twice_as_large(locale, new_context, live_server):
    page = new_context(viewport=NARROW, locale=locale).new_page()
    page.goto(live_server.url)
    answers = DANA.answers | CONTACT | {"share": "send"}
    wide = []

    def look() -> None:
        page.evaluate(TWICE)
        if wider_than_the_window(page):
            wide.append(f"{page.url} {page.title()}")

    steps = 0
    while kind(page) != "result":
        look()
        steps += 1
        assert steps < 25, page.url
        if kind(page) == "crisis":
            press(page, "[data-action=go-on]")
            continue
        if kind(page) in ("section", "share", "contact"):
            press(page, CONTINUE)  # as far as it is not filled in, with its errors
            look()
        if kind(page) != "crisis":
            choose(page, answers)
            press(page, CONTINUE)
    for path in OTHERS:
        page.goto(live_server.url + path)
        look()
    assert wide == []


BROKEN_WORDS = """() => {
    const broken = [];
    for (const head of document.querySelectorAll('th, .grid .part')) {
        const clipped = head.closest('thead, .away');
        if (clipped && getComputedStyle(clipped).clipPath !== 'none') continue;  // heard, not seen
        if (!head.checkVisibility()) continue;
        const walker = document.createTreeWalker(head, NodeFilter.SHOW_TEXT);
        for (let text = walker.nextNode(); text; text = walker.nextNode()) {
            for (const word of text.data.matchAll(/[^\\s-]+/g)) {
                const range = document.createRange();
                range.setStart(text, word.index);
                range.setEnd(text, word.index + word[0].length);
                if (new Set([...range.getClientRects()].map(rect => rect.top)).size > 1) broken.push(word[0]);
            }
        }
    }
    return broken;
}"""


@pytest.mark.some(2)
@pytest.mark.parametrize("locale", ["en-US", "es-MX"])
@pytest.mark.parametrize("path", ["/answers/8/", "/levels-of-care/", "/proof/"])
def test_no_head_of_a_table_breaks_inside_a_word(path, locale, new_context, live_server, with_draft):
    context, _draft = with_draft(WELL, new_context(viewport=NARROW, locale=locale))
    page = context.new_page()
    settings_of_browser = context.new_cdp_session(page)
    for size in (16, 32):
        settings_of_browser.send("Page.setFontSizes", {"fontSizes": {"standard": size}})
        page.goto(live_server.url + path)
        assert page.evaluate("getComputedStyle(document.documentElement).fontSize") == f"{size}px"
        assert page.evaluate(BROKEN_WORDS) == [], size
        assert not wider_than_the_window(page)
    if path == "/answers/8/":
        box = page.locator("[name=free_times][value=tue_afternoon]")
        assert box.evaluate("box => box.closest('label').innerText").strip()


def test_no_size_container_is_on_a_page():
    """Chromium 156 sometimes leaves out what is in one when a page loads: the table of free times was not there."""
    sheets = list(Path("static").rglob("*.css"))
    assert len(sheets) > 3
    assert [str(sheet) for sheet in sheets if "container-type" in sheet.read_text()] == []
