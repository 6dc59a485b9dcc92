"""Pages to take along: the levels side by side and the plan for hard moments, on a phone and on paper."""

import pypdfium2
import pytest

from tests.support.browser import PAPERS, pages_of, wider_than_the_window
from tests.support.people import BOB, checked_draft_for

pytestmark = pytest.mark.django_db(transaction=True)

PHONES = {"small": {"width": 320, "height": 568}, "usual": {"width": 390, "height": 844}}


@pytest.mark.parametrize(
    ("viewport", "locale"),
    [(PHONES["small"], "es-MX"), pytest.param(PHONES["usual"], "en-US", marks=pytest.mark.slow)],
    ids=PHONES,
)
def test_a_phone_shows_two_levels_and_a_press_shows_others(new_context, live_server, viewport, locale):
    page = new_context(viewport=viewport, locale=locale).new_page()
    page.goto(f"{live_server.url}/levels-of-care/")
    shown = [set(range(1, 3)), set(range(2, 4)), set(range(3, 5))]
    for number, columns in enumerate(shown, start=1):
        page.locator(".pairs label").nth(number - 1).click()
        assert page.locator(f"#pair-{number}").is_checked()
        for column in range(1, 5):
            assert page.locator(f"tbody td.column-{column}").first.is_visible() == (column in columns)
        assert not wider_than_the_window(page)
        assert page.url == f"{live_server.url}/levels-of-care/"


def test_a_desktop_shows_all_levels_and_nothing_to_choose(new_context, live_server):
    page = new_context(viewport={"width": 1280, "height": 900}).new_page()
    page.goto(f"{live_server.url}/levels-of-care/")
    assert not page.locator(".pairs").is_visible()
    assert [page.locator(f"tbody td.column-{column}").first.is_visible() for column in range(1, 5)] == [
        True
    ] * 4


@pytest.mark.parametrize("locale", ["es-MX", pytest.param("en-US", marks=pytest.mark.slow)])
@pytest.mark.parametrize(("path", "most"), [("/levels-of-care/", 4), ("/plan/", 2)])
def test_paper_is_short(new_context, live_server, path, most, locale):
    page = new_context(locale=locale).new_page()
    page.goto(live_server.url + path)
    for paper, size in PAPERS.items():
        sizes = pages_of(page.pdf(format=paper, tagged=True))
        assert set(sizes) == {size}
        assert len(sizes) <= most


def test_paper_has_all_that_was_typed_into_the_plan(client, new_context, live_server):
    page = new_context().new_page()
    page.goto(f"{live_server.url}/plan/")
    lines = [f"line {number} of many" for number in range(30)]
    box = page.locator("[role=textbox]").nth(1)
    box.click()
    for line in lines:
        page.keyboard.insert_text(line)
        page.keyboard.press("Enter")
    document = pypdfium2.PdfDocument(page.pdf(format="Letter"))
    printed = "\n".join(sheet.get_textpage().get_text_range() for sheet in document)
    assert [line for line in lines if line not in printed] == []


def test_the_marked_level_is_shown_first_on_a_phone(client, new_context, live_server, settings):
    checked_draft_for(client, BOB.answers | {"share": "only_me"})
    context = new_context(viewport=PHONES["usual"])
    context.add_cookies(
        [
            {"name": name, "value": cookie.value, "url": live_server.url}
            for name, cookie in client.cookies.items()
        ]
    )
    page = context.new_page()
    page.goto(f"{live_server.url}/levels-of-care/")
    assert page.locator("tbody td.own-level").first.is_visible()
