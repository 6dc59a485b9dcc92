"""Links on other sites, such as web mail: the person is known, and a page that is open in another tab still works."""

import pytest
from playwright.sync_api import expect

from intake.models import Submission
from tests.support.browser import kind
from tests.support.people import BOB, CONTACT

pytestmark = pytest.mark.django_db(transaction=True)


def follow_a_link(context, elsewhere, to):
    page = context.new_page()
    page.goto(elsewhere)
    page.evaluate("url => document.body.innerHTML = `<a href=${url}>go</a>`", to)
    with page.expect_navigation():
        page.click("a")
    return page


@pytest.mark.some(1)
@pytest.mark.parametrize("path", ["/come-back/", "/delete/", "/answers/1/"])
def test_a_form_in_another_tab_is_taken_after_a_link_from_elsewhere(
    path, with_draft, neutral_site, settings, live_server
):
    context, _draft = with_draft(BOB.answers | {"share": "send"})
    page = context.new_page()
    page.goto(f"{live_server.url}/contact/")
    page.fill("[name=name]", CONTACT["name"])
    page.check("[name=reach_by][value=phone]")
    page.fill("[name=phone]", CONTACT["phone"])
    page.check("[name=leave_message][value=name_only]")
    follow_a_link(context, settings.LEAVE_TO, live_server.url + path)
    with page.expect_navigation():
        page.click("[data-form=main] .actions .button")
    assert kind(page) == "result"
    assert Submission.objects.get().contact.name == CONTACT["name"]


def test_a_link_from_elsewhere_leads_to_the_persons_own_result(
    with_draft, neutral_site, settings, live_server
):
    context, _draft = with_draft(BOB.answers | {"share": "only_me"})
    page = follow_a_link(context, settings.LEAVE_TO, f"{live_server.url}/result/")
    expect(page.locator("[data-level]")).to_have_attribute("data-level", BOB.level)
