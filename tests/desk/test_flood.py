"""Many cases from one address: a group of their own and few e-mails, and nobody is refused or hidden."""

from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.core import mail
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from carenav.plumbing.throttle.rates import Rate
from recommend.desk import notifications, office_time
from recommend.desk.models import Case, NextAction, OutboxMessage, StaffMember, Tier
from recommend.desk.submissions import erase, flood
from tests.support.cases import new_case
from tests.support.people import ALICE, CONTACT, DANA, WELL, checked_draft_for
from tests.support.staff import sign_in, staff_user
from tests.support.submissions import send_again

pytestmark = pytest.mark.django_db

LIST = "/staff/desk/case/"


@pytest.fixture(autouse=True)
def mail_server(settings):
    settings.EMAIL_HOST = "mail.example.org"
    settings.SITE_URL = "https://intake.example.org"


@pytest.fixture(autouse=True)
def small_burst(monkeypatch):
    monkeypatch.setattr(flood, "OWN", Rate(2, timedelta(minutes=10)))


def send(address="203.0.113.9", person=ALICE) -> Case:
    client = Client()
    checked_draft_for(client, person.answers | {"share": "send"})
    assert client.post("/send/", CONTACT, REMOTE_ADDR=address)["Location"] == "/result/"
    return Case.objects.latest("pk")


def flooded(more=3, person=ALICE) -> list[Case]:
    """Cases that came after the burst."""
    for _ in range(flood.OWN.burst):
        assert send().flood == ""
    return [send(person=person) for _ in range(more)]


def test_cases_after_the_burst_are_one_group_and_all_are_taken():
    groups = {case.flood for case in flooded()}
    assert len(groups) == 1
    assert "" not in groups
    assert Case.objects.count() == flood.OWN.burst + 3
    assert send("198.51.100.1").flood == ""


def test_two_addresses_are_two_groups():
    first = flooded()[0].flood
    for _ in range(flood.OWN.burst):
        send("198.51.100.1")
    assert send("198.51.100.1").flood not in ("", first)


def test_far_more_than_usual_from_everywhere_is_a_group_too(monkeypatch):
    monkeypatch.setattr(flood, "TOTAL", Rate(3, timedelta(minutes=1)))
    for number in range(3):
        assert send(f"203.0.113.{number}").flood == ""
    assert {send("203.0.113.8").flood, send("203.0.113.9").flood} != {""}


def test_a_group_ends_when_no_more_come(clock):
    before = flooded()[0].flood
    clock.forward(flood.OWN.burst * 600 + 60)
    assert send().flood == ""
    for _ in range(flood.OWN.burst - 1):
        send()
    assert send().flood not in ("", before)


def test_changed_answers_are_no_new_case(monkeypatch):
    client = Client()
    checked_draft_for(client, WELL | {"share": "send"})
    client.post("/send/", CONTACT, REMOTE_ADDR="203.0.113.9")
    client.defaults |= {"REMOTE_ADDR": "203.0.113.9"}
    monkeypatch.setattr(flood, "OWN", Rate(1, timedelta(minutes=10)))
    send_again(client)
    assert Case.objects.get().flood == ""


def test_no_more_than_one_mail_in_a_while_tells_of_a_group(clock):
    get_user_model().objects.filter(pk=staff_user().pk).update(email="cora@example.org")
    StaffMember.objects.update(on_duty=True)
    flooded(1)
    call_command("send_notifications", verbosity=0)
    mail.outbox.clear()
    for _minute in range(14):
        clock.forward(60)
        send(person=DANA)
        call_command("send_notifications", verbosity=0)
    assert len(mail.outbox) <= 2
    clock.forward(1200)
    call_command("send_notifications", verbosity=0)
    assert not OutboxMessage.objects.filter(sent_at__isnull=True).exists()  # late, and never left out


@pytest.mark.parametrize(("limit", "at_once"), [("TOTAL", True), ("OWN", False)])
def test_mail_about_danger_is_late_only_for_a_flood_from_its_own_address(clock, monkeypatch, limit, at_once):
    monkeypatch.setattr(flood, limit, Rate(1, timedelta(hours=1)))
    for _ in range(3):
        send()
    clock.forward(60)
    case = send("198.51.100.1" if at_once else "203.0.113.9", DANA)
    assert case.flood != ""
    assert case.tier == Tier.NOW
    message = OutboxMessage.objects.get(case=case)
    assert (message.due_at <= timezone.now()) == at_once


@pytest.fixture
def office_open(monkeypatch):
    monkeypatch.setattr(office_time, "is_open", lambda now: True)


@pytest.mark.parametrize(
    "fields", [{"tier": Tier.NOW, "urgent": True}, {"next_action": NextAction.LEAD_REVIEW}]
)
def test_leads_are_told_of_each_case_in_danger_or_put_to_them_of_any_group(clock, office_open, fields):
    told, case, other = new_case(ALICE), new_case(ALICE), new_case(ALICE)
    clock.forward(timedelta(days=20).total_seconds())
    now = timezone.now()
    Case.objects.update(flood="AAAAAAAA")
    assert set(notifications.untold(now)) == {told, case, other}
    Case.objects.filter(pk=told.pk).update(lead_told_at=now)
    assert not notifications.untold(now).exists()
    Case.objects.filter(pk=case.pk).update(**fields)
    assert set(notifications.untold(now)) == {case}


def test_the_lead_is_told_of_a_group_once(clock, office_open):
    flooded(3)
    marked = Case.objects.exclude(flood="")
    clock.forward(timedelta(days=20).total_seconds())
    now = timezone.now()
    assert set(marked) <= set(notifications.untold(now))
    told = marked.first()
    Case.objects.filter(pk=told.pk).update(lead_told_at=now)
    assert not set(marked) & set(notifications.untold(now))


def test_the_desk_sees_and_filters_them_and_still_finds_them_on_to_do(client):
    marked = flooded(2)
    sign_in(client)
    page = client.get(LIST + "?many=1&list=all").content.decode()
    assert all(case.reference in page for case in marked)
    assert f"Many at once ({marked[0].flood})" in page
    assert Case.objects.filter(flood="").first().reference not in page
    assert marked[0].reference not in client.get(LIST + "?many=0&list=all").content.decode()
    assert marked[0].reference in client.get(LIST + "?list=todo").content.decode()
    assert "Many cases came at once" in client.get(f"{LIST}{marked[0].pk}/change/").content.decode()


def test_a_deleted_case_is_of_no_group():
    case = flooded(1)[0]
    erase.erase(case.submission)
    case.refresh_from_db()
    assert case.flood == ""


def test_programs_on_this_machine_are_not_counted():
    for _ in range(flood.OWN.burst + 2):
        assert send("127.0.0.1").flood == ""
