"""Whoever sends a page of answers that are not here any more is told so, and how to go on."""

import pytest

from intake.models import Draft
from tests.people import CONTACT, WELL, checked_draft_for, well_in

pytestmark = pytest.mark.django_db

POSTS = {
    "/answers/symptoms/": well_in("symptoms"),
    "/answers/check/": {"shown": "{}"},
    "/answers/sharing/": {"share": "send"},
    "/send/": CONTACT,
    "/save/": {},
}
each_page = pytest.mark.parametrize("path", POSTS)


@each_page
def test_answers_that_are_over(path, client):
    checked_draft_for(client, WELL | {"share": "send"})
    Draft.objects.all().delete()
    page = client.post(path, POSTS[path])
    assert page.status_code == 410
    assert "What you sent just now was not kept" in page.text
    assert "988" in page.text
    for way_on in ('href="/continue/"', 'href="/come-back/"'):
        assert way_on in page.text
    assert not Draft.objects.exists()


@each_page
def test_answers_that_were_sent_meanwhile(path, client):
    checked_draft_for(client, WELL | {"share": "send"})
    assert client.post("/send/", CONTACT).url == "/result/"
    assert client.post(path, POSTS[path]).url == "/result/"


@each_page
def test_answers_that_there_never_were(path, client):
    assert client.post(path, POSTS[path]).url == "/answers/about/"


def test_a_crisis_answer_leads_to_help_all_the_same(client):
    checked_draft_for(client, WELL)
    Draft.objects.all().delete()
    assert client.post("/answers/safety/", {"suicidal_now": "yes"}).url == "/help-now/"


def test_on_the_first_page_one_begins_anew(client):
    checked_draft_for(client, WELL)
    Draft.objects.all().delete()
    assert client.post("/answers/about/", well_in("about")).url == "/answers/safety/"
    assert Draft.objects.get().answers == well_in("about")
