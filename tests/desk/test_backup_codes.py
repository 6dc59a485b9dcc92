"""New backup codes: how many are left, and others in their place, after a fresh code only."""

import re

import pytest
from django.test import Client

from carenav.accounts.models import Authenticator, BackupCode, current_code
from recommend.desk.models import AccessEvent
from tests.support.staff import PASSWORD, sign_in

pytestmark = pytest.mark.django_db

PAGE = "/staff/backup-codes/"
MINUTE = 60


def codes_on(response) -> list[str]:
    return re.findall(r'<li><code translate="no">([A-Z0-9-]{14})</code>', response.content.decode())


def opens_the_desk(code: str) -> bool:
    client = Client()
    client.post("/staff/login/", {"username": "cora", "password": PASSWORD, "code": code})
    return client.get("/staff/").status_code == 200


@pytest.fixture
def authenticator(client, clock) -> Authenticator:
    return Authenticator.objects.get(user=sign_in(client, name="cora"))


@pytest.mark.parametrize("left", [0, 1, 10])
def test_backup_codes_page_counts_codes_and_changes_nothing(client, authenticator, left):
    authenticator.new_backup_codes()
    for code in authenticator.backup_codes.all()[left:]:
        code.delete()
    response = client.get(PAGE)
    assert f"You have <strong>{left}</strong> of 10 left." in response.content.decode()
    assert codes_on(response) == []
    assert BackupCode.objects.count() == left


def test_new_ones_work_and_the_old_ones_end(client, authenticator, events):
    old = authenticator.new_backup_codes()
    response = client.post(PAGE)
    new = codes_on(response)
    assert len(set(new)) == 10
    assert not set(new) & set(old)
    assert events == [("backup_codes", f"user {authenticator.user_id}")]
    event = AccessEvent.objects.latest("number")
    assert (event.who, event.verb) == (authenticator.user, "backup_codes")
    assert codes_on(client.get(PAGE)) == []  # shown once
    assert opens_the_desk(new[0])
    assert not opens_the_desk(new[0])
    assert not opens_the_desk(old[0])


def test_an_unattended_screen_gives_none(client, authenticator, clock):
    [paper, *_] = old = authenticator.new_backup_codes()
    clock.forward(6 * MINUTE)
    response = client.post(PAGE)
    assert 'name="step_up_code"' in response.content.decode()
    wrong = client.post(PAGE, {"step_up_code": "000000", "step_up_was": "POST"})
    assert codes_on(response) == codes_on(wrong) == []
    assert authenticator.backup_codes.count() == len(old)
    right = client.post(PAGE, {"step_up_code": current_code(authenticator.key), "step_up_was": "POST"})
    assert len(codes_on(right)) == 10
    assert not opens_the_desk(paper)


def test_nobody_gets_those_of_somebody_else(client, authenticator):
    others = Client()
    sign_in(others, name="bo")
    others.post(PAGE)
    assert authenticator.backup_codes.count() == 0
    assert BackupCode.objects.count() == 10
