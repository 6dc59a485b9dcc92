"""Those on duty get another e-mail about urgent cases that nobody acknowledges."""

import io

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.utils import timezone

from carenav.clinic.opening_hours import read_opening_hours
from recommend.desk import notifications, workflow
from recommend.desk.models import Case, OutboxMessage, StaffMember
from recommend.desk.reminders import send_reminders
from tests.support.people import ALICE, DANA
from tests.support.staff import staff_user
from tests.support.submissions import CANARIES, send_again, send_answers

pytestmark = pytest.mark.django_db

MINUTE = 60
SUBJECT = "An urgent case is still waiting"


@pytest.fixture(autouse=True)
def cora(settings):
    """A coordinator on duty, and a mail server."""
    settings.EMAIL_HOST = "mail.example.org"
    settings.SITE_URL = "https://intake.example.org"
    user = staff_user("coordinator", "cora")
    user.email = "cora@example.org"
    user.save()
    StaffMember.objects.filter(user=user).update(on_duty=True)
    return user


def told_in(clock, minutes: int) -> list[int]:
    """Run the job each minute; return after how many minutes it reminded."""
    found = []
    for minute in range(1, minutes + 1):
        clock.forward(MINUTE)
        if send_reminders():
            found.append(minute)
    return found


def sent_case(client, person=DANA) -> Case:
    send_answers(client, person)
    call_command("send_notifications", stdout=io.StringIO())
    mail.outbox.clear()
    return Case.objects.get()


def test_an_urgent_case_is_told_again_until_somebody_acknowledges_it(client, clock, cora):
    case = sent_case(client)
    half_hours = [round(minute / 30) for minute in told_in(clock, 1000)]
    assert half_hours == [1, 2, 4, 8, 16, 24, 32]
    assert {(each.subject, *each.to) for each in mail.outbox} == {(SUBJECT, "cora@example.org")}
    workflow.acknowledge(Case.objects.get(pk=case.pk), cora)
    assert told_in(clock, 300) == []


def test_the_timer_sends_reminders(client, clock):
    sent_case(client)
    clock.forward(31 * MINUTE)
    call_command("send_notifications", stdout=(out := io.StringIO()))
    assert SUBJECT in [each.subject for each in mail.outbox]
    assert "told to those on duty" in out.getvalue()


def test_a_reminder_says_how_many_and_nothing_about_anybody(client, clock):
    case = sent_case(client)
    clock.forward(31 * MINUTE)
    send_reminders()
    text = mail.outbox[0].body
    assert "Urgent cases that nobody has acknowledged: 1\n" in text
    assert case.reference not in text
    assert not any(word in text for word in (*CANARIES, "suicide", "health"))


def test_nothing_is_told_of_a_closed_case(client, clock):
    case = sent_case(client)
    closed = {"status": "closed", "outcome": "other", "finished_at": timezone.now()}
    Case.objects.filter(pk=case.pk).update(**closed, next_action="", next_action_at=None)
    assert told_in(clock, 60) == []


def test_cases_that_are_not_urgent_are_not_told_again(client, clock):
    sent_case(client, ALICE)
    assert told_in(clock, 300) == []


def test_a_case_sent_again_counts_once(client, clock):
    sent_case(client)
    clock.forward(MINUTE)
    send_again(client, DANA)
    call_command("send_notifications", stdout=io.StringIO())
    mail.outbox.clear()
    clock.forward(40 * MINUTE)
    assert send_reminders() == 1


@pytest.mark.parametrize(("tier", "half_hours"), [(1, [1, 2]), (2, [])])
def test_while_the_office_is_closed_only_the_tier_now_is_told(client, clock, settings, tier, half_hours):
    case = sent_case(client)
    Case.objects.filter(pk=case.pk).update(tier=tier)
    day = timezone.localtime(timezone.now()).strftime("%a").lower()
    other = "mon" if day not in ("sun", "mon") else "wed"
    settings.CLINIC_OPEN = read_opening_hours(f"{other} 09:00-10:00")
    assert [round(minute / 30) for minute in told_in(clock, 100)] == half_hours


def test_what_could_not_be_sent_is_tried_at_the_next_run(client, clock, monkeypatch):
    sent_case(client)
    before = OutboxMessage.objects.get().sent_at
    clock.forward(31 * MINUTE)
    with monkeypatch.context() as patch:
        patch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", lambda *args: 1 / 0)
        with pytest.raises(CommandError, match="Reminders of 1 cases could not be sent"):
            call_command("send_notifications")
    assert OutboxMessage.objects.get().sent_at == before
    assert send_reminders() == 1


def test_nobody_on_duty_is_an_error(client, clock, cora):
    sent_case(client)
    clock.forward(31 * MINUTE)
    StaffMember.objects.update(on_duty=False)
    with pytest.raises(notifications.NotSent, match="on duty"):
        send_reminders()
