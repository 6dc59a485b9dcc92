"""Back in the browser leads to a page of ours after every page that was sent, never to an error of the browser."""

from contextlib import suppress

import pytest
from playwright.sync_api import Error as BetweenPages
from playwright.sync_api import Page

from tests.browser.states import CONTINUE, choose, choosing, press
from tests.support.browser import PHONE, kind, path
from tests.support.codes import WRONG
from tests.support.people import CONTACT, DANA, WELL

pytestmark = pytest.mark.django_db(transaction=True)

ENDS = ("result", "stop", "error")


def pages_back(page: Page, number: int) -> list[str]:
    """Go back so many pages; each has to be one of ours."""
    seen = []
    for _ in range(number):
        # A page out of the back-forward cache does not load again, so there is no load to wait for.
        page.evaluate("() => { window.isLeft = true; setTimeout(() => history.back()); }")
        for _try in range(100):
            page.wait_for_timeout(50)
            with suppress(BetweenPages):
                if page.evaluate("!window.isLeft && document.readyState !== 'loading'"):
                    break
        assert page.locator("body[data-page]").count() == 1, page.url
        seen.append(kind(page))
    return seen


@pytest.mark.slow
def test_back_after_every_page_of_the_way_is_a_page(new_context, live_server):
    """Each page is sent blank first, so that it comes with its errors, and its language is changed and changed back."""
    page = new_context(viewport=PHONE).new_page()
    page.goto(live_server.url)
    answers = DANA.answers | CONTACT | {"share": "send"}
    steps = 0
    while kind(page) not in ENDS:
        steps += 1
        assert steps < 25, page.url
        if kind(page) == "crisis":
            press(page, "[data-action=go-on]")
        elif kind(page) == "start":
            press(page, CONTINUE)
        else:
            here = page.url
            press(page, ".language")
            pages_back(page, 1)
            page.goto(here)
            press(page, ".language")
            if kind(page) != "check":
                press(page, CONTINUE)
                if page.url == here:
                    pages_back(page, 1)
                    page.goto(here)
            choose(page, answers)
            press(page, CONTINUE)
    assert kind(page) == "result"
    sent = page.evaluate("history.length") - 2
    assert sent > 30
    assert "error" not in pages_back(page, min(sent, 40))


def test_back_after_saving_is_a_page_and_the_code_is_still_there(new_context, live_server):
    page = new_context(viewport=PHONE).new_page()
    page.goto(f"{live_server.url}/answers/1/")
    choosing(**DANA.answers)(page)
    press(page, "[name=save]")
    assert path(page) == "/save/"
    press(page, CONTINUE)
    code = page.locator(".code").inner_text()
    press(page, "footer a[href='/privacy/']")
    pages_back(page, 1)
    assert page.locator(".code").inner_text() == code
    press(page, "[name=stop]")
    assert path(page) == "/stopped-for-now/"
    press(page, "footer a[href='/privacy/']")
    assert "crisis" not in pages_back(page, 4)


@pytest.mark.some(1)
@pytest.mark.parametrize(
    ("answers", "number"), [({"who": "other"}, 1), ({"age": "13_17"}, 2), ({"age": "under_13"}, 3)]
)
def test_a_help_page_is_there_again_after_another_page(answers, number, new_context, live_server):
    page = new_context(viewport=PHONE).new_page()
    page.goto(f"{live_server.url}/answers/1/")
    choosing(age="13_17")(page)
    assert path(page) == "/where-to-get-help/2/"
    press(page, "footer a[href='/privacy/']")
    assert pages_back(page, 2) == ["stop", "section"]


@pytest.mark.parametrize(
    "way", ["footer button[value='/privacy/']", ".crisis-bar button[value='/help-now/']"]
)
def test_what_is_typed_is_there_again_after_a_link_of_the_page_and_back(way, with_draft, live_server):
    context, _draft = with_draft(WELL | {"share": "send"})
    page = context.new_page()
    page.goto(f"{live_server.url}/contact/")
    choose(page, CONTACT)
    press(page, way)
    assert kind(page) in ("info", "crisis")
    assert pages_back(page, 1) == ["contact"]
    assert page.locator("[name=note]").input_value() == CONTACT["note"]
    assert page.locator("[name=phone]").input_value() == CONTACT["phone"]
    assert page.locator(f"[name=reach_by][value={CONTACT['reach_by']}]").is_checked()


@pytest.mark.some(1)
@pytest.mark.parametrize(
    ("address", "fill"),
    [
        ("/come-back/", {"code": WRONG}),
        ("/delete/", {"reference": "K7QX-97MD", "code": WRONG}),
        ("/try-it/", DANA.answers),
        ("/try-it/", {"emergency": ["none", "drunk_high"]}),
    ],
)
def test_back_after_a_page_that_is_not_on_the_way_is_a_page(address, fill, new_context, live_server):
    page = new_context(viewport=PHONE).new_page()
    page.goto(live_server.url + address)
    choose(page, fill)
    press(page, CONTINUE)
    assert path(page) == address
    press(page, "footer a[href='/privacy/']")
    assert pages_back(page, 1) == ["info"]
    assert path(page) == address
    press(page, ".language")
    assert pages_back(page, 1) == ["info"]


def test_back_after_deleting_is_a_page_that_deletes_nothing_more(with_draft, live_server):
    context, _draft = with_draft(WELL)
    page = context.new_page()
    page.goto(f"{live_server.url}/delete/")
    press(page, CONTINUE)
    assert path(page) == "/delete/done/"
    press(page, "footer a[href='/privacy/']")
    assert pages_back(page, 2) == ["info", "info"]
    assert path(page) == "/delete/"
