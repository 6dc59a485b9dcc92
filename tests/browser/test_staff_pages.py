"""Every staff page that somebody may open, the admin's own included: nothing for axe to find, nothing cut off."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from recommend.programs.models import ProgramSession
from tests.browser.pictures import take_picture
from tests.browser.states import press
from tests.support.browser import DESKTOP, NARROW, PHONE, end_fades, sign_in_browser, wider_than_the_window
from tests.support.permissions import TABLE, VISITORS, address

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

COORDINATOR, LEAD, ADMINISTRATOR = VISITORS[2:]
NO_PAGES = ("accounts:time_left", "admin:jsi18n", "admin:dashboard_file")
"""What scripts ask for, and a file."""


def pages_of(role: str) -> list[str]:
    place = VISITORS.index(role)
    return [name for name, row in TABLE["staff"].items() if row[place] == "200" and name not in NO_PAGES]


PAGES = [
    *((COORDINATOR, name) for name in pages_of(COORDINATOR)),
    *((LEAD, name) for name in pages_of(LEAD) if name not in pages_of(COORDINATOR)),
    *((ADMINISTRATOR, name) for name in pages_of(ADMINISTRATOR)),
]


@pytest.fixture
def look(values, new_context, live_server, axe) -> Callable[..., None]:
    def look(role: str, name: str, do: Callable[[Page], None] | None = None, after: str = "") -> None:
        ProgramSession.objects.create(
            program_id=values["recommend_program"], day=1, starts="09:00", ends="12:00"
        )
        context = new_context(viewport=DESKTOP)
        sign_in_browser(context, live_server.url, role)
        page = context.new_page()
        page.goto(live_server.url + address(name, values))
        if do:
            do(page)
        see(page, axe, f"{role}-{name.replace(':', '-')}{after}".replace(" ", "-"))

    return look


def see(page: Page, axe: Callable[[Page], None], name: str) -> None:
    for scheme, size in (("dark", DESKTOP), ("light", PHONE)):
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size(size)
        end_fades(page)
        axe(page)
        take_picture(page, "staff", f"{name}-{scheme}")
    page.set_viewport_size(NARROW)
    assert not wider_than_the_window(page)
    assert page.locator("h1").count() == 1


@pytest.mark.parametrize(("role", "name"), PAGES)
def test_staff_page_passes_the_look(role, name, look):
    look(role, name)


@pytest.mark.parametrize("name", ["admin:recommend_program_add", "admin:password_change"])
def test_staff_form_with_errors_passes_the_look(name, look):
    def send_it_empty(page: Page) -> None:
        page.evaluate("document.querySelectorAll('form').forEach(each => each.noValidate = true)")
        press(page, "#content form [type=submit] >> nth=0")
        assert page.locator(".errorlist").count()

    look(ADMINISTRATOR, name, send_it_empty, after="-errors")


def test_bulk_delete_confirmation_passes_the_look(look):
    def choose(page: Page) -> None:
        page.check("#action-toggle")
        page.select_option("[name=action]", "delete_selected")
        press(page, "button[name=index]")
        assert "Are you sure" in page.locator("#content").inner_text()

    look(ADMINISTRATOR, "admin:recommend_program_changelist", choose, after="-delete")


def test_admin_calendar_and_clock_work_under_the_strict_policy(look):
    def open_both(page: Page) -> None:
        page.click(".field-checked_on .date-icon")
        expect(page.locator(".calendarbox")).to_be_visible()
        page.keyboard.press("Escape")
        page.click("#sessions-0 .clock-icon >> nth=0")
        expect(page.locator(".clockbox >> nth=0")).to_be_visible()
        page.click(".clockbox >> nth=0 >> text=Noon")
        assert page.input_value("[name=sessions-0-starts]") == "12:00:00"

    look(ADMINISTRATOR, "admin:recommend_program_change", open_both, after="-opened")
