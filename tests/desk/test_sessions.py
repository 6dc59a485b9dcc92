"""Sessions end: after 15 minutes without use, 12 hours after they began, and at once when a user is disabled."""

import re

import pytest
from django.contrib.auth import get_user_model
from django.contrib.sessions.models import Session
from django.test import Client

from carenav.accounts.models import Authenticator, current_code
from tests.support.staff import PASSWORD, sign_in

pytestmark = pytest.mark.django_db

MINUTE = 60
HOUR = 60 * MINUTE


@pytest.fixture
def cora(client, clock):
    return sign_in(client, name="cora")


def open_still(client):
    return client.get("/staff/").status_code == 200


def test_a_session_that_is_used_goes_on(client, cora, clock):
    for _ in range(20):
        clock.forward(14 * MINUTE)
        assert open_still(client)


def test_a_session_without_use_ends_after_15_minutes_on_the_server(client, cora, clock):
    assert open_still(client)
    clock.forward(15 * MINUTE)
    response = client.get("/staff/desk/case/")
    assert response["Location"] == "/staff/login/?next=/staff/desk/case/"
    assert not Session.objects.exists()


def test_a_form_sent_after_the_end_changes_nothing(client, cora, clock):
    clock.forward(15 * MINUTE)
    response = client.post("/staff/password_change/", {"old_password": "x"})
    assert response["Location"].startswith("/staff/login/")


def test_noting_use_seldom_never_makes_a_session_longer(client, cora, clock):
    clock.forward(20)
    assert open_still(client)  # not written: 20 seconds after the sign-in
    clock.forward(15 * MINUTE - 1)
    assert not open_still(client)


def test_asking_for_the_time_left_does_not_count_as_use(client, cora, clock):
    for _ in range(14):
        clock.forward(MINUTE)
        left = client.get("/staff/time-left/").json()["seconds"]
    assert 55 <= left <= 60
    clock.forward(MINUTE)
    assert client.get("/staff/time-left/").json() == {"seconds": 0}
    assert not open_still(client)


def test_post_to_time_left_extends_the_session(client, cora, clock):
    clock.forward(14 * MINUTE)
    assert client.post("/staff/time-left/").json()["seconds"] > 14 * MINUTE
    clock.forward(14 * MINUTE)
    assert open_still(client)


def test_after_12_hours_a_session_ends_however_much_it_is_used(client, cora, clock):
    for _ in range(12 * 6 - 1):
        clock.forward(10 * MINUTE)
        assert open_still(client)
    assert client.post("/staff/time-left/").json()["seconds"] <= 10 * MINUTE
    clock.forward(10 * MINUTE)
    assert not open_still(client)


def test_a_session_without_its_clocks_is_over(client, cora):
    session = client.session
    del session["accounts_began"]
    session.save()
    assert not open_still(client)


@pytest.mark.parametrize(
    "change",
    [{"is_active": False}, {"is_staff": False}, {"password": "!"}],
    ids=lambda change: next(iter(change)),
)
def test_a_user_who_may_not_any_more_is_out_at_the_next_request(change, client, cora):
    assert open_still(client)
    get_user_model().objects.update(**change)
    assert not open_still(client)


def test_user_without_second_factor_is_out_at_the_next_request(client, cora):
    Authenticator.objects.all().delete()
    assert not open_still(client)


def test_a_deleted_user_is_out_at_the_next_request(client, cora):
    get_user_model().objects.all().delete()
    assert not open_still(client)


def test_a_new_password_signs_out_everywhere_else(client, cora):
    elsewhere = Client()
    sign_in(elsewhere, name="cora")
    new = "another long way to the sea"
    form = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    assert client.post("/staff/password_change/", form).status_code == 302
    assert open_still(client)
    assert not open_still(elsewhere)


def test_password_change_needs_a_fresh_code_and_shows_no_password(client, cora, clock):
    clock.forward(6 * MINUTE)
    new = "another long way to the sea"
    form = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    page = client.post("/staff/password_change/", form)
    assert "Enter a new code" in page.text
    assert PASSWORD not in page.text
    assert new not in page.text
    cora.refresh_from_db()
    assert cora.check_password(PASSWORD)
    code = {"step_up_code": current_code(Authenticator.objects.get().key), "step_up_was": "GET"}
    assert client.post("/staff/password_change/", code)["Location"] == "/staff/password_change/"
    assert "old_password" in client.get("/staff/password_change/").text
    assert client.post("/staff/password_change/", form).status_code == 302
    cora.refresh_from_db()
    assert cora.check_password(new)


def test_session_warning_is_on_every_staff_page_and_no_patient_page(client, cora):
    page = client.get("/staff/").content.decode()
    assert 'id="time-ends"' in page
    seconds = int(re.search(r'data-seconds="(\d+)"', page)[1])
    assert 880 < seconds <= 900  # on a busy machine some have gone by
    for path in ("/", "/help-now/", "/privacy/"):
        assert "time-ends" not in client.get(path).content.decode()
    assert "time-ends" not in client.get("/staff/nowhere/").content.decode()
