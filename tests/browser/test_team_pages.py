"""The pages of the team in a browser: nothing for axe to find and nothing cut off, in each size and color scheme."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from recommend.desk.models import Case, SavedView
from recommend.desk.staff.absence import store_absence
from tests.browser.pictures import take_picture
from tests.browser.states import press
from tests.support.browser import end_fades, sign_in_browser, wider_than_the_window
from tests.support.cases import case_like, case_url, new_case, user
from tests.support.people import BOB, CHARLIE, DANA
from tests.support.staff import staff_user

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

LIST = "/staff/desk/case/"
LOOKS = [("dark", 1440), ("light", 820), ("dark", 390), ("light", 390)]


@pytest.fixture
def lead(new_context, live_server) -> Page:
    context = new_context(viewport={"width": 1440, "height": 900})
    sign_in_browser(context, live_server.url, "clinical lead", name="lead")
    return context.new_page()


def see(page: Page, axe, name: str) -> None:
    for scheme, width in LOOKS:
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": 900})
        end_fades(page)
        axe(page)
        take_picture(page, "staff", f"team-{name}-{width}-{scheme}")
        assert not wider_than_the_window(page), (name, width)


def test_list_with_chips_and_views_passes_the_look(lead, live_server, axe):
    case_like(CHARLIE), case_like(DANA)
    SavedView.objects.create(
        by=staff_user("clinical lead", "lead"), name="Urgent", query="tier=1", shared=True
    )
    lead.goto(f"{live_server.url}{LIST}?level=php,inpatient&tier=1,3")
    lead.get_by_text("Save or delete a view").click()
    see(lead, axe, "list")
    lead.set_viewport_size({"width": 1440, "height": 900})
    lead.get_by_label("Name of this view").fill("Day programs")
    press(lead, ".save-view .button >> nth=0")
    expect(lead.get_by_role("link", name="Day programs")).to_have_attribute("aria-current", "true")


def test_sharing_out_passes_the_look_and_works_by_keyboard(lead, live_server, axe):
    cases = [case_like(BOB), case_like(DANA)]
    ann, bo = user("ann"), user("bo")
    lead.goto(f"{live_server.url}{LIST}?list=todo")
    lead.check("#action-toggle")
    lead.select_option("[name=action]", "share")
    press(lead, "button[name=index]")
    see(lead, axe, "share")
    for name in ("ann", "bo"):
        lead.get_by_role("checkbox", name=f"{name} (").focus()
        lead.keyboard.press("Space")
    lead.keyboard.press("Enter")
    expect(lead.locator(".messagelist")).to_contain_text("2 cases: shared.")
    assert {Case.objects.get(pk=case.pk).assignee for case in cases} == {ann, bo}


def test_team_with_somebody_away_passes_the_look(lead, live_server, axe):
    case_like(BOB, assignee=user("bo"))
    store_absence(user("bo"), timezone.localdate(), timezone.localdate() + timedelta(days=3))
    lead.goto(f"{live_server.url}/staff/team/")
    see(lead, axe, "team")


def test_two_cases_are_merged_from_the_hint(lead, live_server, axe):
    first, second = new_case(BOB), new_case(DANA)
    lead.goto(live_server.url + case_url(first))
    press(lead, f"text=Merge with {second.reference}")
    see(lead, axe, "merge")
    lead.set_viewport_size({"width": 1440, "height": 900})
    lead.get_by_label(first.reference).check()
    press(lead, "form.confirm button")
    expect(lead.locator("#history")).to_contain_text(f"Merged: {second.reference}")
    assert Case.objects.get(pk=second.pk).merged_into == first
