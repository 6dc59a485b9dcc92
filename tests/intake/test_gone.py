"""A page sent after its answers are gone says so, and how to continue."""

import time

import pytest
from django.utils import timezone

from intake import held, lost
from intake.models import Draft, Submission
from tests.support.people import CONTACT, WELL, checked_draft_for, draft_for, well_before, well_in
from tests.support.walker import parsed_page

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


# ---- what was on the page is not lost with the answers


OWN = {"own_device": "yes"}


def sent_too_late(client, path, post):
    """A page sent after its draft has expired; the answer, and the page that says so."""
    checked_draft_for(client, WELL | {"share": "send"})
    assert 'name="own_device"' in client.get("/contact/" if path == "/send/" else path).text
    Draft.objects.all().delete()
    return client.post(path, post | OWN, follow=True)


def test_a_page_of_questions_is_filled_in_again_once_somebody_gets_there(client):
    page = sent_too_late(client, "/answers/3/", well_in("symptoms") | {"worry": "no such option"})
    assert "stays in this browser for an hour" in page.text
    assert "was not kept" not in page.text
    draft_for(client, well_before("symptoms"))
    chosen = parsed_page(client.get("/answers/3/")).form.chosen
    assert (chosen["nervous"], chosen.get("worry")) == (["never"], None)
    assert Draft.objects.get().answers == well_before("symptoms")  # nothing counts as answered
    client.post("/answers/3/", well_in("symptoms"))
    assert not client.cookies[held.cookie_name("lost")].value


def test_contact_details_are_filled_in_again_once_somebody_gets_there(client):
    page = sent_too_late(client, "/send/", CONTACT | {"note": "canary " * 100})
    assert "stays in this browser for an hour" in page.text
    cookie = client.cookies[held.cookie_name("lost")]
    assert cookie["httponly"]
    assert CONTACT["name"] not in cookie.value
    checked_draft_for(client, WELL | {"share": "send"})
    again = parsed_page(client.get("/contact/")).form.chosen
    assert (again["name"], again["phone"]) == ([CONTACT["name"]], [CONTACT["phone"]])
    assert client.post("/send/", CONTACT).url == "/result/"
    assert not client.cookies[held.cookie_name("lost")].value


@pytest.mark.parametrize("note", ["", "x" * 1000, "é" * 1000, "😀" * 1000, "\x01" * 1000])
def test_the_cookie_has_one_length_and_leaves_out_what_finds_no_room(client, note):
    long = CONTACT | {"name": "😀" * 200, "safe_times": "é" * 300, "access_needs": "é" * 300, "note": note}
    sent_too_late(client, "/send/", long)
    assert len(client.cookies[held.cookie_name("lost")].value) == 3556  # of a cookie's 4096
    checked_draft_for(client, WELL | {"share": "send"})
    assert parsed_page(client.get("/contact/")).form.chosen["name"] == ["😀" * 200]


def test_it_is_forgotten_after_an_hour_and_with_leaving_or_deleting(client, monkeypatch):
    for way_out in ("/leave/", "/delete/"):
        sent_too_late(client, "/send/", CONTACT)
        client.post(way_out, {"here": "yes"}) if way_out == "/delete/" else client.get(way_out)
        assert not client.cookies[held.cookie_name("lost")].value
    sent_too_late(client, "/send/", CONTACT)
    late = time.time() + lost.SECONDS + 1
    monkeypatch.setattr("intake.held.time.time", lambda: late)
    checked_draft_for(client, WELL | {"share": "send"})
    assert parsed_page(client.get("/contact/")).form.chosen["name"] == [""]


def test_on_a_shared_device_nothing_is_kept(client):
    checked_draft_for(client, WELL | {"share": "send"}, shared_device=True)
    for path in ("/contact/", "/answers/3/"):
        assert "own_device" not in client.get(path).text
    Draft.objects.all().delete()
    assert "was not kept" in client.post("/send/", CONTACT, follow=True).text
    post = well_in("symptoms") | OWN | {"shared_device": "yes"}
    assert "was not kept" in client.post("/answers/3/", post, follow=True).text
    assert held.cookie_name("lost") not in client.cookies


def test_somebody_who_never_had_answers_here_has_nothing_kept(client):
    client.post("/send/", CONTACT | OWN)
    assert held.cookie_name("lost") not in client.cookies
