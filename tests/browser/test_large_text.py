"""Text twice as large on the narrowest phone (WCAG 1.4.4, 1.4.10): no page of the way scrolls sideways."""

import pytest

from tests.browser.states import CONTINUE, choose, press
from tests.support.browser import NARROW, kind, wider_than_the_window
from tests.support.people import CONTACT, DANA

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
