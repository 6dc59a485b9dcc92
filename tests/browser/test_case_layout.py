"""The layout of a case page: what to do is never below the fold, and the head of the case never scrolls away."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from recommend.desk import workflow
from recommend.desk.models import Case
from tests.support.browser import PHONE, sign_in_browser, wider_than_the_window
from tests.support.cases import called, case_url, new_case, user
from tests.support.people import DANA

pytestmark = pytest.mark.django_db(transaction=True)

SIZES = {
    "desktop": (1440, 900),
    "tablet": (820, 1180),
    "tablet on its side": (1180, 820),
    "phone": (390, 844),
}


def busy_case() -> Case:
    """A late case with every kind of chip, and more of a timeline than fits a window."""
    case = new_case(DANA, {"leave_message": "no", "safe_times": "not at work", "language": "Spanish"})
    Case.objects.update(opened_at=case.opened_at - timedelta(hours=3))
    case.refresh_from_db()
    for _ in range(12):
        called(case, user("bo"), "no_answer")
        workflow.add_note(case, user("bo"), "Words. " * 40)
    return case


def opened(new_context, home: str, case: Case, size: tuple[int, int]) -> Page:
    context = new_context(viewport={"width": size[0], "height": size[1]})
    sign_in_browser(context, home, name="ann")
    page = context.new_page()
    page.goto(home + case_url(case))
    return page


def in_sight(page: Page, what: str) -> bool:
    """Whether the whole of it lies in the window, with nothing over it."""
    return page.locator(what).first.evaluate(
        """e => {
            const box = e.getBoundingClientRect();
            const over = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
            return box.top >= 0 && box.left >= 0 && box.bottom <= innerHeight && box.right <= innerWidth
                && (e === over || e.contains(over));
        }"""
    )


@pytest.mark.some(1)
@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_what_to_do_is_on_the_first_screen(size, new_context, live_server):
    page = opened(new_context, live_server.url, busy_case(), size)
    for what in (".case-head .name", ".case-head .number a", ".case-head .clock", ".chip.strong",
                 "[value=no_answer]", "[value=message]", "[value=wrong]", "#contact-part summary",
                 "[name=save]", "[name=next]"):  # fmt: skip
        assert in_sight(page, what), what
    assert not wider_than_the_window(page)


@pytest.mark.some(1)
@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_head_stays_while_the_case_is_read(size, new_context, live_server):
    page = opened(new_context, live_server.url, busy_case(), size)
    page.locator("#recommendation-title").scroll_into_view_if_needed()
    expect(page.locator("#recommendation-title")).to_be_in_viewport()
    for what in (".case-head .name", ".case-head .number a", ".case-head .clock"):
        assert in_sight(page, what), what
    if size[0] > 400:
        assert in_sight(page, "[value=no_answer]")
        assert in_sight(page, "[name=save]")


def test_head_of_a_case_leaves_most_of_a_phone_to_the_case(new_context, live_server):
    page = opened(new_context, live_server.url, busy_case(), (PHONE["width"], PHONE["height"]))
    assert page.locator(".case-head").bounding_box()["height"] < PHONE["height"] / 6


def test_case_page_reflows_at_four_times_the_size(new_context, live_server):
    """1280 by 1024 at 400 percent: one column, and the window itself scrolls."""
    page = opened(new_context, live_server.url, busy_case(), (320, 256))
    assert not wider_than_the_window(page)
    assert page.evaluate("document.scrollingElement.scrollHeight > innerHeight")
