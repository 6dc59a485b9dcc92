"""E-mail to those on duty: sent once, never about health, never lost, with an error if nobody gets it."""

import io
import logging
import smtplib
import threading
from datetime import timedelta

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import connections
from django.test import Client
from django.utils import timezone

from carenav.clinic.opening_hours import read_opening_hours
from recommend.desk import notifications
from recommend.desk.models import Case, OutboxMessage, StaffMember
from recommend.desk.notifications import LEASE, Undelivered, claim, undelivered
from recommend.desk.staff.roles import Role, assign_role
from recommend.desk.workflow import NOTHING_NEXT
from tests.support.database import count_queries
from tests.support.people import ALICE, DANA
from tests.support.staff import sign_in, staff_user
from tests.support.submissions import CANARIES, delete_elsewhere, send_again, send_answers
from tests.support.threads import at_once

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def mail_server(settings):
    settings.EMAIL_HOST = "mail.example.org"
    settings.DEFAULT_FROM_EMAIL = "carenav@example.org"
    settings.SITE_URL = "https://intake.example.org"
    settings.CLINIC_NAME = "Example Clinic"


def on_duty(name: str, role: str = "coordinator", **fields):
    """Somebody on duty."""
    user = staff_user(role, name)
    for field, value in ({"email": f"{name}@example.org"} | fields).items():
        setattr(user, field, value)
    user.save()
    StaffMember.objects.filter(user=user).update(on_duty=True)
    return user


def run(*options: str) -> str:
    out = io.StringIO()
    call_command("send_notifications", *options, stdout=out)
    return out.getvalue().strip()


def fails(*options: str) -> str:
    with pytest.raises(CommandError) as error:
        run(*options)
    return str(error.value)


class BrokenServer:
    """A mail server that refuses some, or everybody."""

    def __init__(self, monkeypatch, *refused: str) -> None:
        self.refused = refused
        monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", self.send)

    def send(self, messages) -> int:
        for message in messages:
            if not self.refused or message.to[0] in self.refused:
                raise smtplib.SMTPRecipientsRefused({message.to[0]: (550, b"a secret of the server")})
            mail.outbox.append(message)
        return len(messages)


class HangsUp(BrokenServer):
    """A mail server that hangs up on who is refused: over that connection it takes no more."""

    def __init__(self, monkeypatch, *refused: str) -> None:
        super().__init__(monkeypatch, *refused)
        self.is_gone = False
        monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.close", self.close)

    def send(self, messages) -> int:
        if self.is_gone:
            raise smtplib.SMTPServerDisconnected("a secret of the server")
        self.is_gone = True
        sent = super().send(messages)
        self.is_gone = False
        return sent

    def close(self) -> None:
        self.is_gone = False


# ---- a case is waiting


@pytest.mark.parametrize(
    ("person", "subject"), [(ALICE, "A case is waiting"), (DANA, "An urgent case is waiting")], ids=str
)
def test_new_case_is_mailed_once_to_those_on_duty(client, person, subject):
    on_duty("cora")
    on_duty("cleo")
    staff_user("coordinator", "off")
    send_answers(client, person)
    assert run() == "cases told to those on duty: 1"
    assert [(each.to, each.cc, each.bcc) for each in mail.outbox] == [
        (["cora@example.org"], [], []), (["cleo@example.org"], [], []),
    ]  # fmt: skip
    message = mail.outbox[0]
    assert message.subject == subject
    assert message.from_email == "carenav@example.org"
    assert message.extra_headers["Auto-Submitted"] == "auto-generated"
    assert message.body == (
        f"{subject} at Example Clinic.\n\nhttps://intake.example.org/staff/\n\n"
        f"Came in since the last e-mail: 1, of them urgent: {int(person is DANA)}.\n\n"
        "You get this e-mail because you are on duty; you can change that at the desk.\n"
    )
    assert OutboxMessage.objects.get().sent_at
    assert run() == "nothing to tell"
    assert len(mail.outbox) == 2


def test_several_cases_are_one_mail_marked_urgent_if_any_is():
    on_duty("cora")
    for person in (ALICE, DANA, ALICE):
        send_answers(Client(), person)
    run()
    assert [each.subject for each in mail.outbox] == ["An urgent case is waiting"]
    assert "Came in since the last e-mail: 3, of them urgent: 1." in mail.outbox[0].body


def test_resubmitted_case_is_mailed_again(client):
    on_duty("cora")
    send_answers(client, ALICE)
    run()
    send_again(client, DANA)
    run()
    assert [each.subject for each in mail.outbox] == ["A case is waiting", "An urgent case is waiting"]


@pytest.mark.parametrize("fields", [{"is_active": False}, {"is_staff": False}, {"email": ""}])
def test_on_duty_needs_an_active_account_and_an_address(client, fields):
    on_duty("cora")
    on_duty("gone", **fields)
    send_answers(client)
    run()
    assert [each.to for each in mail.outbox] == [["cora@example.org"]]


def test_user_without_case_permission_gets_no_mail(client):
    on_duty("cora")
    on_duty("ada", role="administrator")
    on_duty("moved").groups.clear()
    other = on_duty("other")
    assign_role(other, Role.ADMINISTRATOR)
    assert not StaffMember.objects.get(user=other).on_duty  # however the role was given, by a command too
    send_answers(client)
    run()
    assert [each.to for each in mail.outbox] == [["cora@example.org"]]


# ---- what goes wrong


@pytest.mark.parametrize("how", ["seen", "closed", "deleted"])
def test_case_that_no_longer_waits_is_not_mailed(client, how):
    """Somebody was faster than the e-mail, or it could not be sent for a while."""
    reference, code = send_answers(client)
    assert "on duty" in fails()
    cora = on_duty("cora")
    if how == "deleted":
        delete_elsewhere(reference, code)
    elif how == "seen":
        Case.objects.update(acknowledged_by=cora, acknowledged_at=timezone.now())
    else:
        Case.objects.update(status="closed", outcome="declined", finished_at=timezone.now(), **NOTHING_NEXT)
    assert run() == "nothing to tell"
    assert mail.outbox == []
    if how != "deleted":
        send_again(client, DANA)  # now it waits again
        run()
        assert [each.subject for each in mail.outbox] == ["An urgent case is waiting"]


def test_nobody_on_duty_fails_and_keeps_the_message(client):
    send_answers(client)
    assert "Nobody with an e-mail address is on duty" in fails()
    on_duty("cora")
    assert run() == "cases told to those on duty: 1"


@pytest.mark.parametrize("options", [(), ("--digest",)])
def test_without_a_mail_server_nothing_is_sent_and_it_says_so(client, settings, options):
    on_duty("cora")
    send_answers(client)
    settings.EMAIL_HOST = ""
    assert "No mail server is set (EMAIL_HOST)" in fails(*options)
    assert mail.outbox == []
    assert OutboxMessage.objects.get().sent_at is None


def test_empty_outbox_needs_no_mail_server(settings):
    settings.EMAIL_HOST = ""
    assert run() == run("--digest") == "nothing to tell"


def test_failed_message_is_retried_with_backoff_up_to_an_hour(client, monkeypatch):
    on_duty("cora")
    send_answers(client)
    with monkeypatch.context() as patch:
        BrokenServer(patch)
        for minutes in (1, 2, 4, 8, 16, 32, 60, 60):
            assert fails() == "1 messages could not be sent (SMTPRecipientsRefused)."
            assert fails().startswith(
                "Still waiting: 1 message about"
            )  # the alarm does not end before it is sent
            message = OutboxMessage.objects.get()
            wait = message.due_at - timezone.now()
            assert timedelta(minutes=minutes) - wait < timedelta(seconds=5)
            assert wait <= timedelta(minutes=minutes)
            OutboxMessage.objects.update(due_at=timezone.now())
    run()
    assert len(mail.outbox) == 1
    assert run() == "nothing to tell"


@pytest.fixture
def closed(settings, monkeypatch):
    settings.CLINIC_OPEN = read_opening_hours("mon-fri 09:00-17:00")
    monkeypatch.setattr(notifications.office_time, "is_open", lambda now: False)


@pytest.mark.usefixtures("closed")
def test_nobody_on_duty_is_no_alarm_at_a_closed_clinic_unless_a_case_is_urgent(client, settings, monkeypatch):
    send_answers(client, ALICE)
    OutboxMessage.objects.update(due_at=timezone.now() - 2 * notifications.OVERDUE)
    assert run() == "nothing to tell"
    with monkeypatch.context() as patch:
        patch.setattr(notifications.office_time, "is_open", lambda now: True)
        assert "Nobody with an e-mail address is on duty" in fails()
    send_answers(Client(), DANA)
    assert "Nobody with an e-mail address is on duty" in fails()
    on_duty("cora")
    run()
    assert len(mail.outbox) == 1  # and nothing was lost


@pytest.mark.usefixtures("closed")
def test_a_failed_message_is_an_alarm_also_at_a_closed_clinic(client, monkeypatch):
    on_duty("cora")
    send_answers(client)
    with monkeypatch.context() as patch:
        BrokenServer(patch)
        assert "could not be sent" in fails()
        assert fails().startswith("Still waiting")


def test_a_clinic_that_has_not_said_when_it_is_open_is_alarmed_at_any_time(client, monkeypatch):
    monkeypatch.setattr(notifications.office_time, "is_open", lambda now: False)
    send_answers(client)
    assert "Nobody with an e-mail address is on duty" in fails()


def test_one_refused_recipient_does_not_stop_or_repeat_the_others(client, monkeypatch):
    gone = on_duty("gone")
    on_duty("cora")
    send_answers(client)
    BrokenServer(monkeypatch, "gone@example.org")
    said = fails()
    assert said == f"Sent, but not to 1 of 2 on duty: user [{gone.pk}]."
    assert run() == "nothing to tell"
    assert [each.to for each in mail.outbox] == [["cora@example.org"]]


def test_a_server_that_hangs_up_on_one_is_called_again_for_the_others(client, monkeypatch):
    on_duty("ann")
    gone = on_duty("gone")
    on_duty("cora")
    on_duty("dan")
    send_answers(client)
    HangsUp(monkeypatch, "gone@example.org")
    assert fails() == f"Sent, but not to 1 of 4 on duty: user [{gone.pk}]."
    assert [each.to for each in mail.outbox] == [
        ["ann@example.org"], ["cora@example.org"], ["dan@example.org"],
    ]  # fmt: skip


def test_a_run_that_dies_leaves_its_messages_to_a_later_one(client):
    on_duty("cora")
    send_answers(client)
    assert len(claim()) == 1
    assert run() == "nothing to tell"
    assert OutboxMessage.objects.get().due_at > timezone.now() + LEASE - timedelta(seconds=5)
    OutboxMessage.objects.update(due_at=timezone.now())
    assert run() == "cases told to those on duty: 1"


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_send_no_mail_twice(shared_database, monkeypatch):
    on_duty("cora")
    for _ in range(3):
        send_answers(Client(), ALICE)
    sending, done = threading.Event(), threading.Event()
    real = notifications.send

    def slowly(*args):
        sending.set()
        done.wait(2)
        return real(*args)

    monkeypatch.setattr(notifications, "send", slowly)
    first = threading.Thread(target=lambda: (notifications.send_waiting(), connections.close_all()))
    first.start()
    sending.wait(10)
    assert notifications.send_waiting() == 0
    assert Client().get("/").status_code == 200
    send_answers(Client(), DANA)  # the mail server holds up nobody who sends
    done.set()
    first.join()
    assert len(mail.outbox) == 1
    assert notifications.send_waiting() == 1


@pytest.mark.django_db(transaction=True)
def test_concurrent_claims_share_no_message(shared_database):
    for _ in range(8):
        send_answers(Client(), ALICE)
    claimed: list[int] = []

    class Answer:
        status_code = 200

    def take():
        claimed.extend(message.pk for message in claim())
        return Answer()

    assert at_once(*[take] * 6) == [200] * 6
    assert sorted(claimed) == sorted(OutboxMessage.objects.values_list("pk", flat=True))


def test_sending_query_count_is_constant(client):
    on_duty("cora")
    for _ in range(3):
        send_answers(Client())
    with count_queries() as asked:
        run()
    # one of them for reminders, two for messages to people, one for the backlog, one to store that it ran
    assert len(asked) <= 11
    with count_queries() as asked:
        run()
    # cases that wait, that still wait, that need a lead, messages to people; backlogs of both; that it ran
    assert len(asked) == 7


# ---- the digest


def test_the_digest_counts_what_nobody_has_seen(client):
    cora = on_duty("cora")
    for person in (ALICE, DANA, ALICE, ALICE):
        send_answers(Client(), person)
    newest = Case.objects.latest("pk")
    Case.objects.filter(pk=newest.pk).update(acknowledged_by=cora, acknowledged_at=timezone.now())
    oldest = Case.objects.earliest("pk")
    Case.objects.filter(pk=oldest.pk).update(opened_at=timezone.now() - timedelta(days=3, hours=4))
    assert run("--digest") == "cases told to those on duty: 3"
    (message,) = mail.outbox
    assert message.subject == "Cases are waiting"
    assert "nobody has seen yet: 3\nOf them urgent: 1\nThe oldest waits for: 3 days\n" in message.body
    assert OutboxMessage.objects.filter(sent_at=None).count() == 4  # of these it says nothing


def test_a_digest_that_cannot_be_sent_is_loud(client, monkeypatch):
    send_answers(client)
    assert "on duty" in fails("--digest")
    on_duty("cora")
    BrokenServer(monkeypatch)
    assert fails("--digest") == "The digest could not be sent (SMTPRecipientsRefused)."


# ---- nothing about anybody in any of them


def as_sent(message):
    """All of an e-mail but its number, whose random digits may be those of a phone number."""
    mime = message.message()
    del mime["Message-ID"]
    return message.subject + message.body + str(mime)


def test_no_answer_name_phone_level_or_reference_in_any_mail_or_log(client, monkeypatch, caplog, capsys):
    caplog.set_level(logging.DEBUG)
    on_duty("cora")
    reference, code = send_answers(client)
    run("--digest")
    run()
    send_again(client, DANA)
    with monkeypatch.context() as patch:
        BrokenServer(patch)
        said = fails() + fails("--digest")
    OutboxMessage.objects.update(due_at=timezone.now())
    run()
    sent = "".join(as_sent(each) for each in mail.outbox)
    assert len(mail.outbox) == 3
    words = [
        *CANARIES.values(),
        reference,
        code,
        "inpatient",
        "Inpatient",
        "suicid",
        "a secret of the server",
    ]
    for word in [*words, "Robin", "555", "danger", "level", "evaluation"]:
        for place in (sent, said, caplog.text, "".join(capsys.readouterr())):
            assert word not in place, word


# ---- what the desk says in red


def late(**ago) -> None:
    OutboxMessage.objects.update(created_at=timezone.now() - timedelta(**ago))


def test_the_desk_says_when_messages_did_not_go_out_and_why(client, settings):
    send_answers(client)
    assert undelivered() is None  # it is only just due
    late(minutes=11)
    assert undelivered().words == (
        "1 message about waiting cases did not go out by e-mail: nobody with an e-mail address is on duty."
    )
    on_duty("cora")
    assert undelivered().words.endswith("they could not be sent.")
    settings.EMAIL_HOST = ""
    assert undelivered().words.endswith("no mail server is set up.")
    settings.EMAIL_HOST = "mail.example.org"
    run()
    assert undelivered() is None


def test_acknowledged_case_needs_no_mail(client):
    cora = on_duty("cora")
    send_answers(client)
    late(hours=1)
    assert isinstance(undelivered(), Undelivered)
    Case.objects.update(acknowledged_by=cora, acknowledged_at=timezone.now())
    assert undelivered() is None


# ---- on duty


def test_duty_switch_changes_only_oneself(client):
    user = sign_in(client, "coordinator")
    user.email = "cora@example.org"
    user.save()
    response = client.post("/staff/on-duty/", {"duty": "on"}, follow=True)
    assert "You’re <strong>on duty</strong>" in response.content.decode()
    assert list(notifications.on_duty()) == [user]
    client.post("/staff/on-duty/", {"duty": "off"})
    assert list(notifications.on_duty()) == []


def test_on_duty_without_an_address_is_refused(client):
    sign_in(client, "coordinator")
    response = client.post("/staff/on-duty/", {"duty": "on"}, follow=True)
    assert "You have no e-mail address here" in response.content.decode()
    assert not StaffMember.objects.filter(on_duty=True).exists()


def test_sign_in_after_an_expired_duty_switch_leads_to_the_desk(client):
    sign_in(client, "coordinator")
    response = client.get("/staff/on-duty/?duty=on")
    assert (response.status_code, response["Location"]) == (302, "/staff/")
    assert not StaffMember.objects.filter(on_duty=True).exists()


@pytest.mark.parametrize(("role", "status"), [("clinical lead", 302), ("administrator", 403), (None, 302)])
def test_only_who_sees_cases_can_be_on_duty_for_them(client, role, status):
    if role:
        sign_in(client, role)
    response = client.post("/staff/on-duty/", {"duty": "off"})
    assert response.status_code == status
    assert client.get("/staff/on-duty/").status_code == status
    if role is None:
        assert response["Location"].startswith("/staff/login/")
