"""Passkeys without a browser: what is made up, replayed or removed opens nothing. tests/browser tries real ones."""

import json

import pytest
from django.conf import settings
from django.test import Client

from carenav.accounts import passkeys, second_factor
from carenav.accounts.models import Authenticator, Passkey
from carenav.plumbing.throttle.rates import PASSKEY
from recommend.desk.models import AccessEvent, StrangerEvent
from tests.support.staff import PASSWORD, code_of, sign_in, staff_user

pytestmark = pytest.mark.django_db

USE, OWN = "/staff/passkey/", "/staff/passkeys/"
WIFI = {"REMOTE_ADDR": "203.0.113.9"}


@pytest.fixture
def key():
    return Passkey.objects.create(
        user=staff_user("coordinator", "cora"), name="phone", credential_id="abc", public_key="def"
    )


def challenge(client) -> str:
    return client.get("/staff/login/").context["passkey"]["challenge"]


ANSWER = {"id": "abc", "rawId": "abc", "type": "public-key", "clientExtensionResults": {}}


@pytest.mark.parametrize(
    "credential",
    [
        "",
        "x",
        "[]",
        "{}",
        json.dumps(ANSWER),
        json.dumps(ANSWER | {"response": {}}),
        json.dumps(
            ANSWER | {"response": {"clientDataJSON": "e30", "authenticatorData": "AAAA", "signature": "AAAA"}}
        ),
        json.dumps(
            ANSWER | {"id": "é", "response": {"clientDataJSON": "", "authenticatorData": "", "signature": ""}}
        ),
    ],
)
def test_a_made_up_answer_signs_nobody_in(client, key, credential):
    response = client.post(USE, {"credential": credential, "challenge": challenge(client)})
    assert response.status_code == 403
    assert "does not belong to this site" in response.content.decode()
    assert client.get("/staff/").status_code == 302
    assert StrangerEvent.objects.filter(verb="sign_in_failed").count() == 1


@pytest.mark.parametrize("made_up", ["", "x", "a:b:c"])
def test_a_made_up_challenge_signs_nobody_in(client, key, made_up):
    assert client.post(USE, {"credential": "{}", "challenge": made_up}).status_code == 403


def test_a_challenge_is_good_once():
    assert passkeys.is_first("a challenge")
    assert not passkeys.is_first("a challenge")
    assert passkeys.is_first("another")


def test_every_sign_in_page_has_a_challenge_of_its_own_and_stores_none(client):
    assert challenge(client) != challenge(client)
    assert not client.session.keys()


def too_many_tries(client) -> list[int]:
    return [client.post(USE, {}, **WIFI).status_code for _ in range(PASSKEY.own.burst + 1)]


def test_tries_are_limited_by_address(client):
    assert too_many_tries(client) == [403] * PASSKEY.own.burst + [429]


def signed_in_before(user) -> Client:
    client = Client()
    given = {"username": user.get_username(), "password": PASSWORD, "code": code_of(user)}
    assert client.post("/staff/login/", given, **WIFI).status_code == 302
    client.post("/staff/logout/")
    return client


def test_nobody_at_the_same_address_blocks_a_browser_that_is_known(client, key):
    known = signed_in_before(key.user)
    too_many_tries(client)
    assert known.post(USE, {}, **WIFI).status_code == 403


@pytest.mark.parametrize("cookie", ["", "x", "a:b:c"])
def test_a_made_up_device_is_limited_like_any_other(client, cookie):
    client.cookies[settings.DEVICE_COOKIE_NAME] = cookie
    assert too_many_tries(client)[-1] == 429


def test_tries_with_passkeys_do_not_slow_down_passwords(client, key):
    too_many_tries(client)
    signed_in_before(key.user)


def test_a_new_sign_in_link_ends_the_passkeys(key):
    second_factor.new_link(key.user)
    assert not Passkey.objects.exists()


def session_of(client: Client, key: Passkey) -> None:
    """As after a sign-in with the passkey."""
    sign_in(client, name="cora")
    session = client.session
    session["otp_device_id"] = key.persistent_id
    session.save()


def test_a_session_by_passkey_ends_when_the_passkey_is_removed(client, key):
    session_of(client, key)
    assert client.get("/staff/").status_code == 200
    key.delete()
    assert client.get("/staff/").status_code == 302


def test_who_signed_in_by_passkey_can_make_backup_codes(client, key):
    session_of(client, key)
    assert client.post("/staff/backup-codes/").content.decode().count("<code") == 10
    assert Authenticator.objects.get(user=key.user).backup_codes.count() == 10


def test_one_removes_only_ones_own(client, key):
    sign_in(client, "coordinator", "dan")
    client.post(OWN, {"remove": key.pk})
    assert Passkey.objects.exists()
    sign_in(client, "coordinator", "cora")
    assert client.post(OWN, {"remove": key.pk})["Location"] == OWN
    assert not Passkey.objects.exists()
    assert AccessEvent.objects.first().verb == "passkey_removed"


def test_adding_needs_a_fresh_code(client, clock):
    sign_in(client, "coordinator", "cora")
    clock.forward(6 * 60)
    assert "enter a current code" in client.post(OWN).content.decode()


def test_an_answer_without_the_challenge_of_the_session_adds_nothing(client):
    sign_in(client, "coordinator", "cora")
    assert "could not be added" in client.post(OWN, {"credential": "{}", "name": "x"}).content.decode()
    client.post(OWN)
    assert "could not be added" in client.post(OWN, {"credential": "{}", "name": "x"}).content.decode()
    assert not Passkey.objects.exists()
