"""Inputs and situations that once failed, one row each; the larger ones have tests of their own."""

import io
import json
import sys
import unicodedata

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.core.management import CommandError, call_command
from django.test import Client

from carenav.accounts.hashers import NormalizingHasher
from carenav.plumbing.throttle import network
from intake import content
from recommend.rules.json_lines import recommend_lines
from tests.support.codes import saved
from tests.support.people import CONTACT, WELL, checked_draft_for
from tests.support.staff import PASSWORD, code_of, sign_in, staff_user
from tests.support.walker import parsed_page

pytestmark = pytest.mark.django_db


def sent() -> Client:
    client = Client()
    checked_draft_for(client, WELL | {"share": "send"})
    client.post("/send/", CONTACT)
    return client


# ---- the file of answers


def test_a_file_of_answers_may_begin_with_a_byte_order_mark():
    [answer] = recommend_lines(content.ruleset(), [b'\xef\xbb\xbf{"id": "a", "answers": {}}\n'])
    assert "error" not in answer
    assert json.dumps(answer)


def test_no_input_at_all_is_said_and_no_traceback(monkeypatch):
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(CommandError, match="no standard input"):
        call_command("recommend", stdout=io.StringIO())


# ---- what a translator must leave alone


def test_codes_and_references_are_not_translated(client):
    result = sent().get("/result/", follow=True).content.decode()
    assert result.count('<b class="reference" translate="no">') == 2
    saved(client)
    assert '<p class="code" translate="no">' in client.get("/save/").content.decode()


def test_backup_codes_are_not_translated(client):
    sign_in(client)
    page = client.post("/staff/backup-codes/").content.decode()
    assert page.count('<code translate="no">') == 10


# ---- start while a result is open


def test_the_first_page_says_that_answers_were_sent_and_leads_to_the_result(client):
    client = sent()
    page = parsed_page(client.get("/answers/1/"))
    assert "You have already sent answers from this browser" in page.text
    assert "/result/" in page.links
    assert "already sent" not in parsed_page(Client().get("/answers/1/")).text


def test_somebody_on_the_way_reads_nothing_of_sent_answers(client):
    checked_draft_for(client, WELL)
    assert "already sent" not in parsed_page(client.get("/answers/1/")).text


# ---- names and passwords of staff


@pytest.mark.parametrize("typed", ["cora", "Cora", "CORA", "ｃｏｒａ"])
def test_case_and_width_of_a_name_do_not_matter_at_sign_in(client, typed):
    cora = staff_user("coordinator", "cora")
    form = {"username": typed, "password": PASSWORD, "code": code_of(cora)}
    assert client.post("/staff/login/", form).status_code == 302


def test_of_two_names_that_differ_by_case_each_is_its_own(client):
    staff_user("coordinator", "cora")
    other = staff_user("coordinator", "Cora")
    form = {"username": "Cora", "password": PASSWORD, "code": code_of(other)}
    assert client.post("/staff/login/", form).status_code == 302
    assert client.get("/staff/").wsgi_request.user == other


def test_two_names_that_differ_by_case_cannot_be_made(client):
    staff_user("coordinator", "cora")
    sign_in(client, "administrator", "boss")
    page = client.post("/staff/auth/user/add/", {"username": "Cora", "email": "", "role": "coordinator"})
    assert "Somebody has this name" in page.content.decode()
    with pytest.raises(CommandError, match="already"):
        call_command("make_staff", "CORA", "--role", "coordinator", stdout=io.StringIO())
    assert get_user_model().objects.filter(username__iexact="cora").count() == 1


def test_a_name_may_change_its_case(client):
    cora = staff_user("coordinator", "cora")
    sign_in(client, "administrator", "boss")
    typed = {"username": "Cora", "email": "", "role": "coordinator", "is_active": "on"}
    shown = {"initial-username": "cora", "initial-role": "coordinator", "initial-is_active": "True"}
    client.post(f"/staff/auth/user/{cora.pk}/change/", typed | shown)
    cora.refresh_from_db()
    assert cora.username == "Cora"


@pytest.mark.parametrize("form", ["NFC", "NFD", "NFKC", "NFKD"])
def test_a_password_is_the_same_on_every_keyboard(form):
    hasher = NormalizingHasher()
    stored = hasher.encode("Crème brûlée für zwölf", "saltsaltsalt", 10)
    assert hasher.verify(unicodedata.normalize(form, "Crème brûlée für zwölf"), stored)
    assert not hasher.verify("Creme brulee fur zwolf", stored)


def test_passwords_that_are_stored_already_still_fit():
    stored = PBKDF2PasswordHasher().encode(PASSWORD, "saltsaltsalt", 10)
    assert NormalizingHasher().verify(PASSWORD, stored)
    assert NormalizingHasher.algorithm == "pbkdf2_sha256"


# ---- a proxy that writes the port


def test_the_port_in_the_address_does_not_switch_the_slowing_off(settings):
    settings.PRODUCTION, settings.SECURE_SSL_REDIRECT = True, False
    for number in range(8):
        browser = Client()
        header = {"X-Forwarded-For": f"203.0.113.6:{40001 + number}"}
        response = browser.post("/come-back/", {"code": "AAAA-AAAA-AAAA-AAAA"}, headers=header, secure=True)
    assert response["Retry-After"]
    assert network.without_port("203.0.113.6:40001") == "203.0.113.6"
