"""Messages to a person: never against their wishes, nothing about health, in their language, logged."""

import io
import re
import smtplib
from dataclasses import replace
from pathlib import Path

import pytest
from django.core import mail
from django.core.management import CommandError, call_command

from recommend.desk import workflow
from recommend.desk.models import Case, ContactAttempt, OutboxMessage
from recommend.desk.person_messages.templates import load_templates, messages_for, templates
from recommend.desk.submissions.erase import erase
from recommend.desk.workflow import TransitionNotAllowed
from recommend.engine import ContentError
from tests.support.case_forms import filled, page
from tests.support.cases import at_desk, case_url, new_case, user
from tests.support.people import ALICE, BOB, DANA

pytestmark = pytest.mark.django_db

YES = {"leave_message": "yes", "email": "robin@example.net"}


@pytest.fixture(autouse=True)
def clinic(settings):
    settings.CLINIC_PHONE = "617 555 0100"
    settings.CLINIC_MESSAGE_NAME = ""
    settings.EMAIL_HOST = "mail.example.org"
    settings.DEFAULT_FROM_EMAIL = "Harbor Clinic <desk@example.org>"
    settings.SITE_URL = "https://intake.example.org"


@pytest.fixture
def ann(db):
    return at_desk("ann")


def run() -> str:
    out = io.StringIO()
    call_command("send_notifications", stdout=out)
    return out.getvalue().strip()


def keys(case: Case) -> list[str]:
    return [each.key for each in messages_for(case)]


def press(client, case: Case, key: str):
    return client.post(case_url(case), filled(client, case, message=key))


# ---- what is offered


def test_every_template_is_offered_for_the_ways_that_the_person_gave():
    assert {each.how for each in messages_for(new_case(contact=YES))} == {"text", "email"}
    assert {each.how for each in messages_for(new_case(contact=YES | {"email": ""}))} == {"text"}
    assert {each.how for each in messages_for(new_case(contact=YES | {"phone": ""}))} == {"email"}


def test_nobody_who_wants_no_messages_or_may_be_unsafe_at_home_is_offered_one(ann):
    wants_none = new_case(contact=YES | {"leave_message": "no"})
    unsafe = new_case(replace(ALICE, differs={"home": ["unsafe"]}), contact=YES)
    will_call = new_case(contact=YES | {"reach_by": "i_will_call"})
    for case in (wants_none, unsafe, will_call):
        assert keys(case) == []
        assert "Messages to send" not in page(ann, case)


def test_a_refused_message_is_refused_by_the_workflow_too(ann):
    case = new_case(contact=YES | {"leave_message": "no"})
    assert press(ann, case, "text:we-tried").status_code == 422
    with pytest.raises(TransitionNotAllowed, match="can’t go to this person"):
        workflow.send_message(case, user("bo"), "text:we-tried")
    assert not ContactAttempt.objects.exists()


def test_a_template_with_a_number_needs_one(settings):
    case = new_case(contact=YES)
    assert "text:please-call" in keys(case)
    settings.CLINIC_PHONE = ""
    assert "text:please-call" not in keys(case)
    assert "text:we-tried" in keys(case)


@pytest.mark.parametrize(
    ("wish", "name", "said"),
    [
        ("yes", "Harbor", "Hello, this is Harbor. We tried"),
        ("yes", "", "Hello. We tried"),
        ("name_only", "Harbor", "Hello. We tried"),
        ("", "Harbor", "Hello. We tried"),
    ],
)
def test_the_sender_is_named_only_with_a_chosen_name_and_a_plain_yes(settings, wish, name, said):
    settings.CLINIC_MESSAGE_NAME, settings.CLINIC_NAME = name, "Harbor Addiction Center"
    case = new_case(contact=YES | {"leave_message": wish})
    [words] = [each.text for each in messages_for(case) if each.key == "text:we-tried"]
    assert words.startswith(said)


def test_it_is_in_the_language_of_the_person_with_the_english_for_staff(ann):
    case = new_case(contact=YES, language="es")
    message = messages_for(case)[0]
    assert (message.language, message.text[:5]) == ("es", "Hola.")
    assert message.english.startswith("Hello.")
    html = page(ann, case)
    assert re.search(r'class="words" lang="es"[^>]*>Hola\.', html)


def test_no_template_says_anything_about_health():
    told = re.compile(
        r"health|care|clinic|therap|counsel|treat|appointment|intake|crisis|program|salud|atenci|cl.nica"
        r"|terap|tratam|cita|crisis|programa",
        re.IGNORECASE,
    )
    for each in templates().templates:
        for words in (*each.text.values(), *each.subject.values()):
            assert not told.search(words), words


FILE = """[greeting]
named = { en = "This is {sender}.", es = "Es {sender}." }
plain = { en = "Hello.", es = "Hola." }
[[template]]
id = "a"
title = "A"
ways = ["text"]
subject = { en = "A", es = "A" }
text = { en = "{greeting} A", es = "{greeting} A" }
"""


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('es = "{greeting} A"', 'es = "A"', "{greeting} is missing in language 'es'"),
        ('en = "{greeting} A"', 'en = "{greeting} {name}"', "unknown placeholder in language 'en'"),
        ('named = { en = "This is {sender}."', 'named = { en = "Us."', "{sender} is missing"),
        ('ways = ["text"]', 'ways = ["letter"]', "unknown way 'letter'"),
    ],
)
def test_a_wrong_file_is_refused(tmp_path: Path, before, after, said):
    path = tmp_path / "templates.toml"
    path.write_text(FILE.replace(before, after), encoding="utf-8")
    with pytest.raises(ContentError, match=re.escape(said)):
        load_templates(path, ["en", "es"])


# ---- a text message


def test_a_text_message_is_logged_with_its_way_and_template_in_one_press(ann):
    case = new_case(BOB, contact=YES)
    assert press(ann, case, "text:we-tried").status_code == 302
    attempt = ContactAttempt.objects.get()
    assert (attempt.how, attempt.outcome, attempt.template) == ("text", "message", "we-tried")
    stored = Case.objects.get()
    assert (stored.status, stored.next_action) == ("in_contact", "try_again")
    assert "Text message: Left a message (“We tried to reach you”)" in page(ann, stored)
    assert not OutboxMessage.objects.filter(attempt__isnull=False).exists()


# ---- an e-mail


def test_an_email_goes_out_once_with_the_words_alone(ann):
    case = new_case(DANA, contact=YES)
    assert press(ann, case, "email:we-tried").status_code == 302
    assert "waiting to be sent" in page(ann, case)
    assert run() == "messages to people: 1"
    [sent] = mail.outbox
    assert (sent.to, sent.from_email) == (["robin@example.net"], "desk@example.org")
    assert (sent.subject, sent.body) == (
        "A message for you",
        "Hello. We tried to reach you and will try again. You don’t need to do anything.",
    )
    assert case.reference not in str(sent.message())
    assert "waiting to be sent" not in page(ann, case)
    assert run() == "nothing to tell"
    assert len(mail.outbox) == 1


def test_without_a_mail_server_none_is_offered_and_none_is_logged(ann, settings):
    settings.EMAIL_HOST = ""
    case = new_case(contact=YES)
    assert "Send it by e-mail" not in page(ann, case)
    assert press(ann, case, "email:we-tried").status_code == 422
    assert not ContactAttempt.objects.exists()


def test_what_the_server_refuses_is_tried_again_and_shown_at_the_desk(ann, monkeypatch, clock):
    def refuse(self, messages):
        raise smtplib.SMTPRecipientsRefused({"robin@example.net": (550, b"a secret")})

    case = new_case(contact=YES)
    press(ann, case, "email:we-tried")
    with monkeypatch.context() as patch:
        patch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", refuse)
        with pytest.raises(CommandError, match="Messages to people that could not be sent: 1") as error:
            run()
    assert "robin" not in str(error.value)
    assert "secret" not in str(error.value)
    clock.forward(11 * 60)
    ann = at_desk("ann")
    assert "E-mails to people that have not gone yet:" in ann.get("/staff/").text
    assert run() == "messages to people: 1"
    assert "have not gone yet" not in ann.get("/staff/").text


def test_a_wish_that_changed_meanwhile_stops_it_and_the_desk_shows_that(ann, clock):
    case = new_case(contact=YES)
    press(ann, case, "email:we-tried")
    contact = case.submission.contact
    contact.leave_message = "no"
    contact.save()
    assert run() == "nothing to tell"
    assert mail.outbox == []
    clock.forward(11 * 60)
    assert "have not gone yet" in at_desk("ann").get("/staff/").text


def test_one_that_was_entered_in_error_never_goes(ann):
    case = new_case(contact=YES)
    press(ann, case, "email:we-tried")
    workflow.mark_entered_in_error(Case.objects.get(), user("bo"), ContactAttempt.objects.get().pk, "No.")
    assert run() == "nothing to tell"
    assert mail.outbox == []
    assert not OutboxMessage.objects.filter(attempt__isnull=False).exists()


def test_it_is_deleted_with_the_case(ann):
    case = new_case(contact=YES)
    press(ann, case, "email:we-tried")
    erase(case.submission)
    assert run() == "nothing to tell"
    assert mail.outbox == []
