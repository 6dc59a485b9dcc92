"""A page sent after its answers are gone says so, and how to continue."""

import pytest
from django.utils import timezone

from intake.models import Draft, Submission
from tests.support.people import CONTACT, WELL, checked_draft_for, draft_for, well_in

pytestmark = pytest.mark.django_db

POSTS = {
    "/answers/3/": well_in("symptoms"),
    "/answers/check/": {"shown": "{}"},
    "/answers/sharing/": {"share": "send"},
    "/send/": CONTACT,
    "/save/": {},
}
each_page = pytest.mark.parametrize("path", POSTS)


@each_page
def test_post_to_an_expired_draft_says_that_it_is_gone(path, client):
    checked_draft_for(client, WELL | {"share": "send"})
    Draft.objects.all().delete()
    page = client.post(path, POSTS[path], follow=True)
    assert page.status_code == 410
    assert "What you sent just now was not kept" in page.text
    assert "988" in page.text
    for way_on in ('href="/continue/"', 'href="/come-back/"'):
        assert way_on in page.text
    assert not Draft.objects.exists()


@each_page
def test_post_after_sending_redirects_to_the_result(path, client):
    checked_draft_for(client, WELL | {"share": "send"})
    assert client.post("/send/", CONTACT).url == "/result/"
    assert client.post(path, POSTS[path]).url == "/result/"


@each_page
def test_post_without_a_draft_leads_to_the_first_page(path, client):
    assert client.post(path, POSTS[path]).url == "/answers/1/"


def test_a_crisis_answer_leads_to_help_all_the_same(client):
    checked_draft_for(client, WELL)
    Draft.objects.all().delete()
    assert client.post("/answers/2/", {"suicidal_now": "yes"}).url == "/help-now/"


def test_post_of_the_first_page_starts_over(client):
    checked_draft_for(client, WELL)
    Draft.objects.all().delete()
    assert client.post("/answers/1/", well_in("about")).url == "/answers/2/"
    assert Draft.objects.get().answers == well_in("about")


STILL_THERE = "If you sent answers to the team, it still has them"


@each_page
def test_gone_page_mentions_an_earlier_submission(path, client):
    """What was sent stays with the team, and a day later its browser cannot tell it from what was never sent."""
    checked_draft_for(client, WELL | {"share": "send"})
    client.post("/send/", CONTACT)
    Submission.objects.update(open_until=timezone.now())
    page = client.post(path, POSTS[path], follow=True)
    assert page.status_code == 410
    assert STILL_THERE in page.text


OPENED = ["/answers/3/", "/answers/check/", "/answers/sharing/", "/contact/", "/save/", "/result/"]


@pytest.mark.parametrize("path", OPENED)
def test_a_page_that_is_opened_again_later_leads_to_the_first_with_a_word(path, client):
    """A phone reloads a page that it had put away, which is how most people see this."""
    checked_draft_for(client, WELL | {"share": "send"})
    Draft.objects.all().delete()
    page = client.get(path, follow=True)
    assert page.redirect_chain[-1][0] == "/answers/1/"
    assert "those answers are not here any more" in page.text
    assert STILL_THERE in page.text
    assert 'href="/come-back/"' in page.text


@pytest.mark.parametrize("path", OPENED[:-1])
def test_going_back_after_sending_leads_to_the_result(path, client):
    checked_draft_for(client, WELL | {"share": "send"})
    client.post("/send/", CONTACT)
    assert client.get(path)["Location"] == "/result/"
    assert "not here any more" not in client.get("/answers/1/").text


def test_the_first_page_says_nothing_of_it_to_others(client):
    assert "not here any more" not in client.get("/answers/1/").text
    draft_for(client, well_in("about"))
    for path in ("/answers/1/", "/answers/2/"):
        assert "not here any more" not in client.get(path).text


def test_a_page_that_is_over_says_so_in_another_language_too(client):
    checked_draft_for(client, WELL)
    Draft.objects.all().delete()
    page = client.post("/answers/3/", well_in("symptoms") | {"switch_to": "es"}, follow=True)
    assert page.status_code == 410
    assert "Sus respuestas ya no están aquí" in page.text


@pytest.mark.parametrize("changed", [{"who": "other"}, {"age": "13_17"}, {"age": "under_13"}])
def test_stop_page_mentions_an_earlier_submission(changed, client):
    """For the second press of two the draft is gone."""
    answers = well_in("about") | changed
    assert STILL_THERE not in client.post("/answers/1/", answers, follow=True).text
    checked_draft_for(client, WELL | {"share": "send"})
    client.post("/send/", CONTACT)
    client.post("/result/change/")
    for _press in range(2):
        page = client.post("/answers/1/", answers, follow=True)
        assert "Your answers were not kept" in page.text
        assert STILL_THERE in page.text


def test_the_page_that_says_so_leads_on_where_nothing_is_gone(client):
    assert client.get("/not-here/")["Location"] == "/continue/"
    draft_for(client, WELL)
    assert client.get("/not-here/")["Location"] == "/continue/"
    checked_draft_for(client, WELL | {"share": "send"})
    client.post("/send/", CONTACT)
    assert client.get("/not-here/")["Location"] == "/continue/"
