"""How to be reached: what is asked for, what is refused."""

import re

import pytest
from django.db import connection
from django.test import Client

from carenav import errors
from intake import side_pages
from intake.models import ContactDetails, Draft, Submission
from tests.support import database
from tests.support.people import CONTACT, WELL, checked_draft_for
from tests.support.walker import Page, Walker

pytestmark = pytest.mark.django_db

NOTHING = {
    "name": "",
    "reach_by": "",
    "phone": "",
    "email": "",
    "leave_message": "",
    "safe_times": "",
    "language": "",
    "access_needs": "",
    "note": "",
}
CALLS_US = NOTHING | {"reach_by": "i_will_call", "leave_message": "no"}


@pytest.fixture
def sender(client):
    checked_draft_for(client, WELL | {"share": "send"})
    return client


GOOD = [
    CONTACT,
    CALLS_US,
    CALLS_US | {"name": "X Æ A-12 🙂", "note": "<script>alert(1)</script>\r\n\tline two"},
    NOTHING | {"reach_by": "phone", "phone": "+44 20 7946 0000", "leave_message": "yes"},
    NOTHING | {"reach_by": "text", "phone": "6175550100", "leave_message": "no"},
    NOTHING | {"reach_by": "email", "email": "robin@example.com", "leave_message": "no"},
    NOTHING | {"reach_by": "email", "email": "robin@example.com"},
    NOTHING | {"reach_by": "i_will_call"},
    CALLS_US | {"note": "x" * 1000},
    CALLS_US | {"name": "x" * 200, "safe_times": "x" * 300, "language": "x" * 100, "access_needs": "x" * 300},
]


@pytest.mark.parametrize("contact", GOOD)
def test_contact_that_is_enough(sender, contact):
    assert sender.post("/send/", contact)["Location"] == "/result/"
    stored = ContactDetails.objects.get()
    for name, value in contact.items():
        assert getattr(stored, name) == value.strip().replace("\r\n", "\n")


BAD = [
    (NOTHING, {"reach_by"}),
    ({}, {"reach_by"}),
    (NOTHING | {"reach_by": "phone", "phone": "6175550100"}, {"leave_message"}),
    (NOTHING | {"reach_by": "text"}, {"phone", "leave_message"}),
    (CALLS_US | {"reach_by": "pigeon"}, {"reach_by"}),
    (CALLS_US | {"leave_message": "maybe"}, {"leave_message"}),
    (CALLS_US | {"reach_by": "phone"}, {"phone"}),
    (CALLS_US | {"reach_by": "text"}, {"phone"}),
    (CALLS_US | {"reach_by": "text", "email": "robin@example.com"}, {"phone"}),
    (CALLS_US | {"reach_by": "email"}, {"email"}),
    (CALLS_US | {"reach_by": "email", "phone": "6175550100"}, {"email"}),
    (CALLS_US | {"reach_by": "phone", "phone": "12345"}, {"phone"}),
    (CALLS_US | {"phone": "call me"}, {"phone"}),
    (CALLS_US | {"phone": "1" * 41}, {"phone"}),
    (CALLS_US | {"email": "robin"}, {"email"}),
    (CALLS_US | {"email": "robin@example.com\0"}, {"email"}),
    (CALLS_US | {"email": "robin@example.com\r\nBcc: all@example.com"}, {"email"}),
    (CALLS_US | {"name": "x" * 201}, {"name"}),
    (CALLS_US | {"name": "Rob\0in"}, {"name"}),
    (CALLS_US | {"name": "Rob\x1b[31min"}, {"name"}),
    (CALLS_US | {"safe_times": "\x07 bell"}, {"safe_times"}),
    (CALLS_US | {"language": "\x9f"}, {"language"}),
    (CALLS_US | {"access_needs": "x" * 301}, {"access_needs"}),
    (CALLS_US | {"note": "x" * 1001}, {"note"}),
    (CALLS_US | {"note": "x" * 200_000}, {"note"}),
    (CALLS_US | {"note": "\0"}, {"note"}),
]


def test_a_line_break_counts_once_as_the_browser_counts_it(sender):
    """A browser lets 1,000 characters through and sends each line break as two."""
    note = "line\r\n" * 199 + "12345"
    assert sender.post("/send/", CALLS_US | {"note": note}).status_code == 302
    assert ContactDetails.objects.get().note == note.replace("\r\n", "\n")


@pytest.mark.parametrize(("contact", "wrong"), BAD)
def test_contact_that_is_not_enough_comes_back_with_what_was_written(sender, contact, wrong):
    response = sender.post("/send/", contact, follow=True)
    assert response.redirect_chain == [("/contact/", 302)]
    page = Page(response.content.decode())
    assert page.name == "contact"
    assert page.title.startswith("Error:")
    assert {link[4:].removesuffix("_0") for link in page.links if link.startswith("#id_")} == wrong
    assert {"tel:911", "tel:988"} <= set(page.links)
    for name in ("reach_by", "leave_message"):
        value = contact.get(name)
        assert page.form.chosen.get(name, []) == ([value] if value in page.form.offered[name] else [])
    assert not Submission.objects.exists()
    assert Draft.objects.exists()


def test_typed_contact_details_are_escaped_on_the_page(sender):
    response = sender.post(
        "/send/", NOTHING | {"name": '"><script>', "note": "</textarea><script>"}, follow=True
    )
    html = response.content.decode()
    assert "<script" not in html
    assert "&lt;script&gt;" in html


def test_somebody_at_risk_at_home_is_asked_for_a_safe_way(client):
    checked_draft_for(client, WELL | {"home": ["unsafe"], "share": "send"})
    assert "A safe way to reach you" in Page(client.get("/contact/").content.decode()).text


@pytest.mark.parametrize("name", ["name", "tel", "email"])
def test_what_an_input_is_for_is_said_in_a_way_that_browsers_know(sender, name):
    """WCAG 1.3.5."""
    html = sender.get("/contact/").text
    assert html.count(f'autocomplete="{name}"') == 1


def test_what_is_typed_is_not_sent_away_by_a_spell_checker(sender):
    html = sender.get("/contact/").text
    assert '<textarea name="note" cols="40" rows="5" spellcheck="false"' in html
    assert html.count('spellcheck="false"') >= 4


def test_the_consent_stands_beside_the_button(sender):
    page = Page(sender.get("/contact/").content.decode())
    assert "By sending, you agree" in page.text
    assert page.form.action == "/send/"


TYPED = CONTACT | {"note": "canary-fomalhaut\r\nline two", "reach_by": "phone", "phone": ""}


def row_of_the_draft() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM intake_draft")
        return str(cursor.fetchall())


def test_what_was_typed_is_kept_encrypted_until_it_is_sent(sender):
    page = sender.post("/send/", TYPED, follow=True)
    assert "canary-fomalhaut" in page.text
    assert Page(page.text).title.startswith("Error:")
    assert "canary" not in row_of_the_draft()
    assert CONTACT["name"] not in row_of_the_draft()
    assert sender.get("/answers/sharing/").status_code == 200  # and back again
    again = sender.get("/contact/").text
    assert "canary-fomalhaut" in again
    assert f'value="{CONTACT["name"]}"' in again
    sender.post("/send/", CONTACT)
    assert not Draft.objects.exists()


def test_typed_details_stay_where_an_answer_changed_in_another_tab(sender):
    draft = Draft.objects.get()
    draft.answers |= {"home": ["strain"]}
    draft.save()
    assert sender.post("/send/", TYPED)["Location"] == "/answers/check/"
    walker = Walker(sender)
    walker.get("/answers/check/")
    walker.send({})
    assert walker.page.name == "contact"
    assert "canary-fomalhaut" in walker.page.text
    assert not walker.page.title.startswith("Error:")


def test_typed_details_go_with_the_choice_to_send(sender):
    sender.post("/send/", TYPED)
    sender.post("/answers/sharing/", {"share": "only_me"})
    assert Draft.objects.get().typed == ""


def test_no_other_page_needs_the_key_of_what_was_typed(sender, settings):
    """Crisis help least of all."""
    sender.post("/send/", TYPED)
    settings.FIELD_KEYS = ["t2LyfdEdmjJ3n8NHchKUPdvfj2CwhZ6FCUOvdTQTTAA="]
    for path in ("/help-now/", "/answers/1/", "/answers/check/", "/answers/sharing/", "/save/"):
        assert sender.get(path).status_code == 200
    assert sender.post("/answers/2/", {"suicidal_now": "yes"})["Location"] == "/help-now/"
    sender.get("/leave/")
    assert not Draft.objects.exists()


def test_every_link_of_the_page_but_leave_keeps_what_is_typed(sender):
    page = Page(sender.get("/contact/").text)
    inside = {link for link in page.links if link.startswith("/")}
    assert inside == {"/leave/"}  # which deletes it
    buttons = re.findall(r'form="main" name="go" value="([^"]*)"', sender.get("/contact/").text)
    assert {"/help-now/", "/privacy/", "/delete/", "/where-to-get-help/1/"} <= {*buttons}
    # Back leads staff, who take the answers of a caller, to another page.
    assert side_pages.addresses() - {*buttons} == {"/answers/check/"}


@pytest.mark.parametrize("address", sorted(side_pages.addresses()))
def test_a_page_opened_on_the_way_costs_nothing_that_was_typed(sender, address):
    response = sender.post("/send/", TYPED | {"go": address})
    assert response["Location"] == address
    assert not Submission.objects.exists()
    again = sender.get("/contact/").text
    assert "canary-fomalhaut" in again
    assert not Page(again).title.startswith("Error:")


@pytest.mark.parametrize(
    "address", ["https://evil.example/", "//evil.example", "/staff/", "/leave/", "/send/"]
)
def test_a_post_leads_to_no_other_page_than_those(sender, address):
    assert sender.post("/send/", TYPED | {"go": address})["Location"] == "/contact/"


@pytest.mark.parametrize("error", database.LOST)
def test_crisis_help_comes_though_nothing_can_be_kept(sender, error):
    with database.gone(error):
        assert sender.post("/send/", TYPED | {"go": "/help-now/"})["Location"] == "/help-now/"
    strict = Client(enforce_csrf_checks=True)
    assert strict.post("/send/", TYPED | {"go": "/help-now/"})["Location"] == "/help-now/"


@pytest.mark.parametrize("error", database.LOST)
def test_nothing_typed_is_lost_while_the_database_is_gone(sender, error):
    """The page that says so holds it, and sends it again."""
    sender.raise_request_exception = False
    with database.gone(error):
        response = sender.post("/send/", CONTACT | {"note": "line one\r\nline two"})
    assert response.status_code == 503
    held = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', response.text, re.S))
    assert 'action="/send/"' in response.text
    held.pop("csrfmiddlewaretoken")
    assert sender.post("/send/", held)["Location"] == "/result/"
    assert ContactDetails.objects.get().note == "line one\nline two"
    assert ContactDetails.objects.get().phone == CONTACT["phone"]


def test_an_error_page_of_the_staff_repeats_nothing_that_was_sent(rf):
    request = rf.post("/staff/login/", {"username": "ann", "password": "canary"})
    request.path_info = "/staff/login/"
    assert "canary" not in errors.service_unavailable(request).content.decode()
