"""The error page of the desk in a real browser: nothing for axe to find, and a note that is sent again from it."""

import pytest
from playwright.sync_api import expect

from recommend.desk.models import Note
from recommend.desk.pages import case_page
from tests.browser.states import press
from tests.support.browser import DESKTOP, look, sign_in_browser
from tests.support.cases import case_url, new_case

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_note_is_sent_again_from_the_error_page(new_context, live_server, axe, monkeypatch):
    case = new_case()
    context = new_context(viewport=DESKTOP)
    sign_in_browser(context, live_server.url, name="ann")
    page = context.new_page()
    page.goto(live_server.url + case_url(case))
    page.fill("[name=note]", "Not before ten on Tuesday.")
    with monkeypatch.context() as patch:
        patch.setattr(case_page, "save", None)
        press(page, "[name=save]")
    expect(page.locator("h1")).to_have_text("Something went wrong on our side")
    look(page, axe)
    press(page, "button.default")
    expect(page.locator(".messagelist")).to_contain_text("saved")
    assert Note.objects.get().text == "Not before ten on Tuesday."
