"""A call in a real browser: what is typed survives, a message is copied, answers are taken from a caller."""

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import expect

from recommend.desk.models import Case, UnsavedWork
from tests.browser.states import press
from tests.support.browser import DESKTOP, go_back, look, sign_in_browser
from tests.support.cases import case_url, new_case
from tests.support.people import BOB, DANA

pytestmark = pytest.mark.django_db(transaction=True)

NOTE, STATE = "textarea[name=note]", "#unsaved"


@pytest.fixture
def desk(new_context, live_server):
    """A page of a coordinator who is signed in."""
    context = new_context(viewport=DESKTOP)
    sign_in_browser(context, live_server.url, name="ann")
    return context.new_page()


def test_what_is_typed_is_kept_and_comes_back_after_the_sheet_and_back(desk, live_server):
    case = new_case(DANA)
    desk.goto(live_server.url + case_url(case))
    desk.fill(NOTE, "Call back at four.")
    desk.locator("[name^=learned-]").first.fill("Not now.")
    expect(desk.locator(STATE)).to_have_text("What you typed is kept, not saved yet.")
    press(desk, "a[href$='/print/']")
    go_back(desk)
    expect(desk.locator(NOTE)).to_have_value("Call back at four.")
    expect(desk.locator("[name^=learned-]").first).to_have_value("Not now.")


def test_who_leaves_the_page_at_once_loses_nothing(desk, live_server):
    case = new_case(BOB)
    desk.goto(live_server.url + case_url(case))
    desk.fill(NOTE, "Half a sent")
    desk.goto(f"{live_server.url}/staff/")
    desk.goto(live_server.url + case_url(case))
    expect(desk.locator(NOTE)).to_have_value("Half a sent")


def test_after_the_session_ended_the_page_says_so_and_keeps_what_is_typed(desk, live_server):
    case = new_case(BOB)
    desk.goto(live_server.url + case_url(case))
    Session.objects.all().delete()
    desk.fill(NOTE, "They hung up.")
    expect(desk.locator(STATE)).to_have_text("You are signed out. What you typed is kept.")
    sign_in_browser(desk.context, live_server.url, name="ann")
    desk.goto(live_server.url + case_url(case))
    expect(desk.locator(NOTE)).to_have_value("They hung up.")


def test_saving_leaves_nothing_unsaved(desk, live_server):
    case = new_case(BOB)
    desk.goto(live_server.url + case_url(case))
    desk.fill(NOTE, "Done.")
    press(desk, "[name=save]")
    expect(desk.locator(".messagelist")).to_contain_text("saved")
    expect(desk.locator(NOTE)).to_have_value("")
    assert not UnsavedWork.objects.exists()


def test_a_message_is_copied_by_its_button(desk, live_server):
    case = new_case(BOB, {"leave_message": "yes"})
    desk.context.grant_permissions(["clipboard-read", "clipboard-write"])
    desk.goto(live_server.url + case_url(case))
    desk.locator(".messages summary").click()
    button = desk.locator("[data-copy]").first
    button.click()
    expect(button).to_have_text("Copied")
    copied = desk.evaluate("navigator.clipboard.readText()")
    assert copied == desk.locator(".messages .words").first.inner_text()


def test_answers_are_taken_from_a_caller_through_a_crisis_to_a_case(desk, live_server, axe):
    desk.goto(f"{live_server.url}/staff/desk/case/take/")
    look(desk, axe)
    for name, value in (("told_by", "person"), ("told_how", "phone"), ("consent", "staff-1-agreed")):
        desk.check(f"[name={name}][value={value}]")
    press(desk, ".submit button")
    expect(desk.locator(".taking")).to_contain_text("answers from the person, by phone")
    look(desk, axe)
    desk.check("[name=emergency][value=about_to]")
    for name, value in (("who", "with_help"), ("age", "18_64"), ("place", "us")):
        desk.check(f"[name={name}][value='{value}']")
    press(desk, "[data-form=main] .actions button")
    expect(desk.locator(".taking")).to_contain_text("Say this now")
    look(desk, axe)
    press(desk, ".taking [name=end]")
    expect(desk.locator(".taking")).to_contain_text("The questions ended early")
    look(desk, axe)
    desk.check("[name=reach_by][value=i_will_call]")
    press(desk, "[data-form=main] .actions button")
    expect(desk.locator("h1")).to_contain_text("Case")
    assert Case.objects.get().tier == 1
