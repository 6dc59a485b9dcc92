"""A device that is not the person's own: 15 minutes of no use end what it can show."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from intake.models import SHARED_LIFE, Draft, Submission
from tests.support.codes import come_back, is_taken, saved
from tests.support.database import count_queries
from tests.support.people import CONTACT, WELL, age_by, checked_draft_for, draft_for, well_before, well_in
from tests.support.walker import Walker, parsed_page

pytestmark = pytest.mark.django_db

ABOUT = well_in("about")
MINUTES = SHARED_LIFE.total_seconds() / 60


def test_the_box_stands_on_the_first_page_only_and_nothing_is_chosen(client):
    walker = Walker(client)
    page = walker.get("/answers/1/")
    assert page.form.offered["shared_device"] == ["yes"]
    assert "shared_device" not in page.form.chosen
    draft_for(client, WELL, shared_device=True)
    assert walker.get("/answers/1/").form.chosen["shared_device"] == ["yes"]
    assert "shared_device" not in walker.get("/answers/2/").form.offered


def test_shared_device_choice_is_kept_and_can_be_undone(client):
    client.post("/answers/1/", ABOUT | {"shared_device": "yes"})
    assert Draft.objects.get().shared_device
    client.post("/answers/2/", well_in("safety"))  # a page without the box changes nothing about it
    draft = Draft.objects.get()
    assert draft.shared_device
    assert "shared_device" not in draft.answers
    client.post("/answers/1/", ABOUT)
    assert not Draft.objects.get().shared_device


def test_a_page_with_an_error_keeps_the_tick(client):
    response = client.post("/answers/1/", {"shared_device": "yes"}, follow=True)
    assert response.redirect_chain == [("/answers/1/", 302)]
    assert parsed_page(response).form.chosen["shared_device"] == ["yes"]


def test_shared_device_box_costs_no_extra_query(client):
    with count_queries() as statements:
        client.post("/answers/1/", ABOUT | {"shared_device": "yes"})
    assert len(statements) <= 2
    with count_queries() as statements:
        assert client.get("/answers/2/").status_code == 200
    assert len(statements) == 1
    with count_queries() as statements:
        client.post("/answers/2/", well_in("safety"))
    assert len(statements) == 2


def test_fifteen_minutes_without_use_end_the_draft(client):
    draft = draft_for(client, WELL, shared_device=True)
    age_by(draft, minutes=MINUTES - 1)
    assert client.get("/answers/check/").status_code == 200
    assert not Draft.objects.gone()
    age_by(draft, minutes=MINUTES, seconds=1)
    assert client.get("/answers/check/")["Location"] == "/answers/1/"
    page = client.post("/answers/5/", well_in("health"), follow=True)
    assert page.status_code == 410
    assert "Your answers are not here any more" in page.text
    assert set(Draft.objects.gone()) == {draft}
    call_command("purge_drafts", verbosity=0)
    assert not Draft.objects.exists()


def test_looking_at_a_page_is_no_use_and_sending_one_is(client):
    draft = draft_for(client, WELL, shared_device=True)
    age_by(draft, minutes=10)
    with count_queries() as statements:
        client.get("/answers/5/")
    assert [each for each in statements if not each.startswith("SELECT")] == []
    draft.refresh_from_db()
    assert draft.seconds_left <= 5 * 60
    client.post("/answers/5/", well_in("health"))
    draft.refresh_from_db()
    assert draft.seconds_left > 14 * 60


def test_saved_with_a_code_it_ends_here_and_stays_for_the_code(client):
    draft, code = saved(client, shared_device=True)
    age_by(draft, minutes=MINUTES, seconds=1)
    assert client.get("/answers/check/").status_code == 302
    assert not Draft.objects.gone()
    client.get("/leave/")  # where the page goes by itself when the time is over
    assert Draft.objects.get() == draft
    elsewhere = Client()
    assert is_taken(come_back(code, elsewhere))
    assert not Draft.objects.get().shared_device
    assert elsewhere.get("/answers/check/").status_code == 200


def test_a_code_from_before_does_not_open_what_is_answered_once_the_device_is_shared(client):
    """Somebody who walked off with a code of this browser must not read what the next person answers."""
    planted, code = saved(client, well_before("mind"))
    client.post("/answers/1/", well_in("about") | {"shared_device": "yes", "place": "ca"})
    theirs = Draft.objects.get(code_hash__isnull=True)
    assert theirs.shared_device
    assert theirs.answers.keys() <= well_in("about").keys()
    assert theirs.answers["place"] == "ca"
    assert client.get("/answers/2/").status_code == 200
    assert is_taken(come_back(code))
    planted.refresh_from_db()
    assert planted.answers["place"] != "ca"


@pytest.mark.parametrize("with_code", [True, False])
def test_a_person_who_finds_answers_that_are_not_theirs_starts_over(client, with_code):
    code = saved(client, well_before("mind"))[1] if with_code else ""
    if not with_code:
        draft_for(client, well_before("mind"))
    page = client.get("/answers/1/").text
    assert "There are answers in this browser already." in page
    folded = page.partition("They are not mine</summary>")[2].partition("</details>")[0]
    assert 'name="start_over"' in folded, "one wrong press must delete nothing"
    assert page.count('name="start_over"') == 1
    response = client.post("/answers/1/", {"start_over": "yes"})
    assert (response.status_code, response["Location"]) == (302, "/answers/1/")
    assert "There are answers in this browser already." not in client.get("/answers/1/").text
    assert parsed_page(client.get("/answers/1/")).form.chosen.get("place", [""]) == [""]
    assert Draft.objects.count() == with_code
    if code:
        elsewhere = Client()
        come_back(code, elsewhere)
        assert "There are answers in this browser already." in elsewhere.get("/answers/1/").text


def test_nobody_who_begins_is_asked_whose_answers_they_are(client):
    assert "There are answers in this browser already." not in client.get("/answers/1/").text


def test_leave_in_time_deletes_what_is_saved_too(client):
    saved(client, shared_device=True)
    client.get("/leave/")
    assert not Draft.objects.exists()


def test_leave_after_the_time_deletes_what_no_code_opens(client):
    draft = draft_for(client, WELL, shared_device=True)
    age_by(draft, minutes=MINUTES + 1)
    client.get("/leave/")
    assert not Draft.objects.exists()


def test_somebody_who_comes_back_on_a_shared_device_can_say_so(client):
    _, code = saved(client)
    elsewhere = Client()
    elsewhere.post("/come-back/", {"code": code, "shared_device": "on"})
    assert Draft.objects.get().shared_device
    assert "/static/shared_device.js" in elsewhere.get("/answers/check/").content.decode()


# ---- what was sent


@pytest.mark.parametrize(("shared", "minutes"), [(True, 15), (False, 24 * 60)])
def test_the_result_of_what_was_sent_is_open_as_long(client, monkeypatch, shared, minutes):
    checked_draft_for(client, WELL | {"share": "send"}, shared_device=shared)
    client.post("/send/", CONTACT)
    sent = Submission.objects.get()
    assert sent.shared_device is shared
    start = timezone.now()
    for after, status in ((minutes - 1, 200), (minutes + 1, 302)):
        moment = start + timedelta(minutes=after)
        monkeypatch.setattr("django.utils.timezone.now", lambda moment=moment: moment)
        assert client.get("/result/").status_code == status
    assert sent.reference not in client.get("/delete/").content.decode()


# ---- the page that warns


def test_the_script_stands_only_where_the_device_is_shared(client):
    for shared in (False, True):
        draft_for(client, WELL, shared_device=shared)
        for path in ("/answers/5/", "/answers/check/", "/save/", "/delete/"):
            response = client.get(path)
            assert ('<script src="/static/shared_device.js" defer>' in response.content.decode()) is shared
            policy = response["Content-Security-Policy"]
            assert ("script-src 'self'" in policy) is shared
            assert ("connect-src 'self'" in policy) is shared
            assert "default-src 'none'" in policy
            assert "unsafe" not in policy
        for path in ("/", "/privacy/", "/answers/nothing/"):
            assert "<script" not in client.get(path).content.decode()


def test_the_crisis_page_never_goes_away_under_its_reader(client):
    draft_for(client, WELL, shared_device=True)
    html = client.get("/help-now/").content.decode()
    assert "<script" not in html
    assert "<dialog" not in html


def test_more_time_returns_the_seconds_and_a_post_restarts_them(client):
    draft = draft_for(client, WELL, shared_device=True)
    age_by(draft, minutes=10)
    before = Draft.objects.get().touched_at
    with count_queries() as statements:
        assert 280 < client.get("/more-time/").json()["seconds"] <= 300
    assert len(statements) == 1
    assert Draft.objects.get().touched_at == before
    assert 880 < client.post("/more-time/").json()["seconds"] <= 900
    draft.refresh_from_db()
    assert draft.seconds_left > 880
    assert draft.answers == WELL


def test_more_time_for_a_result_that_was_sent(client):
    checked_draft_for(client, WELL | {"share": "send"}, shared_device=True)
    client.post("/send/", CONTACT)
    Submission.objects.update(open_until=timezone.now() + timedelta(minutes=1))
    assert 40 < client.get("/more-time/").json()["seconds"] <= 60
    assert 880 < client.post("/more-time/").json()["seconds"] <= 900
    assert Submission.objects.get().seconds_left > 880


def test_more_time_is_refused_when_over_without_draft_or_unshared(client):
    assert client.post("/more-time/").json() == {"seconds": 0}
    draft = draft_for(client, WELL, shared_device=True)
    age_by(draft, minutes=MINUTES, seconds=1)
    assert client.get("/more-time/").json() == {"seconds": 0}
    assert client.post("/more-time/").json() == {"seconds": 0}
    assert not Draft.objects.alive()
    client.cookies.pop(settings.DRAFT_COOKIE_NAME)
    own = draft_for(client, well_before("health"))
    age_by(own, hours=23)
    assert client.post("/more-time/").json() == {"seconds": 0}
    assert Draft.objects.get(pk=own.pk).touched_at < timezone.now() - timedelta(hours=22)


def test_more_time_needs_a_token_of_the_form():
    assert Client(enforce_csrf_checks=True).post("/more-time/").status_code == 403


def test_accessibility_page_mentions_the_time_on_shared_devices(client):
    """WCAG 2.2.1: a limit that there is, is told."""
    text = client.get("/accessibility/").content.decode()
    assert "if you say that the device is not your own, it is 15 minutes" in text
