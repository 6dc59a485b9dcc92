"""How hard and how soon somebody is tried, by tier; what is escalated, and what closes as not reached."""

import io
import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.utils import timezone

from carenav.clinic.contact_policy import ContactPolicy, ContactPolicyError, read_contact_policy
from carenav.clinic.opening_hours import read_opening_hours
from recommend.desk import office_time, queues, reaching, workflow
from recommend.desk.models import Case, ContactAttempt, NextAction, StaffMember, Tier
from recommend.desk.next_steps import NextStep
from recommend.desk.workflow import TransitionNotAllowed
from tests.support.cases import at_desk, called, case_like, case_url, new_case, user
from tests.support.people import ALICE, CHARLIE, DANA, ERIN
from tests.support.staff import sign_in, staff_user

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
"""A Wednesday at noon."""
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def noon(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture
def ann(db):
    return user("ann")


@pytest.fixture
def lead(db):
    return staff_user("clinical lead", "lead")


# ---- the settings


def test_a_policy_is_read_from_its_text():
    assert read_contact_policy("attempts=4 days=2 ways=1 within=30m") == ContactPolicy(4, 2, 1, minutes=30)
    assert read_contact_policy("within=3d ways=1 days=2 attempts=2") == ContactPolicy(2, 2, 1, office_days=3)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "attempts is missing"),
        ("attempts=2 days=2 ways=1", "within is missing"),
        ("attempts=2 days=2 ways=1 within=soon", "is not a time"),
        ("attempts=2 days=2 ways=1 within=0m", "is not a time"),
        ("attempts=0 days=2 ways=1 within=1d", "from 1 to 9"),
        ("attempts=٣ days=2 ways=1 within=1d", "from 1 to 9"),
        ("attempts=2 days=3 ways=1 within=1d", "more days or ways than attempts"),
        ("attempts=2 attempts=2 days=1 ways=1 within=1d", "each given once"),
        ("tries=2", "'tries=2' is not one of"),
    ],
)
def test_a_policy_that_cannot_be_read_says_why(text, words):
    with pytest.raises(ContactPolicyError, match=words):
        read_contact_policy(text)


@pytest.mark.parametrize("tier", Tier)
def test_each_tier_asks_for_two_attempts_on_two_days_at_least(tier):
    policy = reaching.policy_of(tier)
    assert policy.attempts >= 2
    assert policy.days >= 2


# ---- until when, in office hours

# Thursday the 26th is a holiday. The office is open from 8 to 12 and from 1 to 5.
LIMITS = [
    (Tier.NOW, "2026-11-25 09:00", "2026-11-25 09:30"),
    (Tier.NOW, "2026-11-25 11:50", "2026-11-25 13:20"),
    (Tier.NOW, "2026-11-25 16:45", "2026-11-27 08:15"),
    (Tier.NOW, "2026-11-28 03:00", "2026-11-30 08:30"),
    (Tier.TODAY, "2026-11-25 09:00", "2026-11-25 17:00"),
    (Tier.TODAY, "2026-11-25 12:30", "2026-11-25 17:00"),
    (Tier.TODAY, "2026-11-25 18:00", "2026-11-27 17:00"),
    (Tier.SOON, "2026-11-25 09:00", "2026-11-27 17:00"),
    (Tier.SOON, "2026-11-27 16:00", "2026-11-30 17:00"),
    (Tier.ROUTINE, "2026-11-25 09:00", "2026-12-01 17:00"),
    (Tier.ROUTINE, "2026-11-28 09:00", "2026-12-03 17:00"),
]


@pytest.mark.parametrize(("tier", "sent", "until"), LIMITS)
def test_time_limits_run_in_office_hours(settings, tier, sent, until):
    settings.CLINIC_OPEN = read_opening_hours("mon-fri 08:00-12:00 13:00-17:00", ["2026-11-26"])
    zone = ZoneInfo("America/New_York")
    with timezone.override(zone):
        at = datetime.fromisoformat(sent).replace(tzinfo=zone)
        assert reaching.contact_by(tier, at) == datetime.fromisoformat(until).replace(tzinfo=zone)


def test_a_clinic_that_never_closes_counts_through_midnight(settings):
    settings.CLINIC_OPEN = read_opening_hours("mon-sun 00:00-24:00")
    at = datetime(2026, 11, 25, 23, 50, tzinfo=UTC)
    assert abs(office_time.after_open_minutes(at, 30) - (at + timedelta(minutes=30))) < timedelta(seconds=1)


@pytest.mark.parametrize(
    ("now", "opening"),
    [
        ("2026-11-25 10:00", "2026-11-24 09:00"),
        ("2026-11-30 01:00", "2026-11-27 09:00"),
        ("2026-11-29 12:00", "2026-11-27 09:00"),
    ],
)
def test_a_whole_office_day_leaves_out_weekends(now, opening):
    at, expected = (datetime.fromisoformat(each).replace(tzinfo=UTC) for each in (now, opening))
    assert office_time.previous_office_day(at) == expected


# ---- not reached

WAYS = [  # outcome and way of each attempt, days ago; what is still missing for somebody in the tier Soon (3, 2, 2)
    ("", "log 3 more attempts, on 2 other days, in another way"),
    ("call 0", "log 2 more attempts, on another day, in another way"),
    ("call 0, call 0, call 0", "log 1 more attempt, on another day, in another way"),
    ("call 1, call 0, call 0", "log 1 more attempt, in another way"),
    ("call 0, text 0, call 0", "log 1 more attempt, on another day"),
    ("call 1, text 0", "log 1 more attempt"),
    ("call 1, text 0, they_called 0", "log 1 more attempt"),
    ("call 1, text 1, call 0", None),
]


def attempts(case: Case, ways: str, by) -> None:
    for how, days in re.findall(r"(\w+) (\d)", ways):
        at = NOW - timedelta(days=int(days))
        ContactAttempt.objects.create(case=case, by=by, how=how, outcome="no_answer", at=at)


@pytest.mark.parametrize(("ways", "missing"), WAYS)
def test_not_reached_closes_only_when_the_policy_is_met_and_says_what_is_missing(noon, ann, ways, missing):
    case = case_like(CHARLIE, ago=5 * DAY, status="in_contact")
    attempts(case, ways, ann)
    if missing is None:
        workflow.close(case, ann, "not_reached")
        assert Case.objects.get().outcome == "not_reached"
        return
    with pytest.raises(TransitionNotAllowed) as refused:
        workflow.close(case, ann, "not_reached")
    assert refused.value.field == "outcome"
    assert refused.value.words.startswith(f"Before you close it as not reached, {missing}")
    assert refused.value.words.count(". ") == 0, "one sentence"
    workflow.close(case, ann, "declined")


@pytest.mark.parametrize(
    ("contact", "ways"),
    [
        ({}, 2),
        ({"leave_message": "no"}, 1),
        ({"reach_by": "text", "leave_message": "no"}, 1),
        ({"email": "a@b.example"}, 3),
        ({"phone": "", "reach_by": "email", "email": "a@b.example"}, 1),
        ({"phone": "", "reach_by": "i_will_call"}, 0),
    ],
    ids=str,
)
def test_nobody_is_asked_to_try_a_way_that_the_person_has_not_given(noon, ann, contact, ways):
    case = new_case(CHARLIE, contact)
    Case.objects.update(opened_at=NOW - 5 * DAY)
    case.refresh_from_db()
    assert reaching.ways_to_reach(case) == ways
    attempts(case, "call 2, call 1, call 0", ann)
    assert bool(reaching.shortfall(case).words) == (ways > 1)


def test_attempts_before_it_was_sent_again_do_not_count(noon, ann):
    case = case_like(CHARLIE, ago=HOUR, status="in_contact")
    attempts(case, "call 2, text 1, call 1", ann)
    assert reaching.shortfall(case).attempts == 3


@pytest.mark.parametrize("person", [DANA, ERIN], ids=str)
def test_an_urgent_case_closes_as_not_reached_only_by_the_lead(noon, ann, lead, person):
    case = case_like(person, ago=5 * DAY, status="in_contact")
    attempts(case, "call 3, text 2, call 1, call 0", ann)
    with pytest.raises(TransitionNotAllowed, match="Only a clinical lead"):
        workflow.close(case, ann, "not_reached")
    workflow.close(case, lead, "not_reached")
    assert Case.objects.get().outcome == "not_reached"


def test_not_reached_is_offered_when_one_more_attempt_would_do(noon, ann):
    case, client = case_like(CHARLIE, ago=5 * DAY, status="in_contact"), at_desk("ann")
    attempts(case, "call 1", ann)
    html = client.get(case_url(case)).text
    assert 'value="not_reached"' not in html
    assert "log 2 more attempts, on another day, in another way" in html
    fields = {"version": "1", "since": "0", "save": "1", "status": "closed", "outcome": "not_reached"}
    response = client.post(case_url(case), fields)
    assert response.status_code == 422
    assert "log 2 more attempts" in response.context["form"].errors["outcome"][0]
    attempts(case, "call 0", ann)
    assert 'value="not_reached"' in client.get(case_url(case)).text
    response = client.post(case_url(case), fields | {"how": "text", "attempt": "no_answer"})
    assert response.status_code == 302
    assert Case.objects.get().outcome == "not_reached"


def test_urgent_cases_do_not_close_in_bulk(ann):
    case = called(new_case(DANA), ann)
    client = at_desk("ann")
    data = {
        "_selected_action": case.pk,
        f"version_{case.pk}": case.version,
        "action": "close",
        "confirmed": "1",
    }
    response = client.post("/staff/desk/case/", data | {"outcome": "declined"})
    assert response.status_code == 422
    assert "Urgent cases are closed one at a time" in response.text
    assert Case.objects.get().is_open


# ---- escalation

ESCALATED = [
    ("new and in time", {"ago": timedelta(minutes=10)}, False),
    ("past the limit of its tier", {"ago": 26 * HOUR}, True),
    ("past the limit, and planned for later", {"ago": 26 * HOUR, "next_action_at": NOW + HOUR}, False),
    ("contacted in time", {"ago": 26 * HOUR, "status": "in_contact", "first_contact_at": NOW - DAY}, False),
    ("next step left for a whole office day", {"ago": 9 * DAY, "status": "assessed", "first_contact_at": NOW - 8 * DAY,
     "next_action_at": NOW - 2 * DAY}, True),
    ("put to the lead", {"status": "in_contact", "next_action": "lead_review"}, True),
    ("done", {"ago": 26 * HOUR, "status": "closed"}, False),
]  # fmt: skip


@pytest.mark.parametrize(("about", "fields", "escalated"), ESCALATED, ids=[row[0] for row in ESCALATED])
def test_what_is_past_its_time_is_on_the_list_of_the_lead(noon, ann, lead, about, fields, escalated):
    case = case_like(DANA, assignee=ann, **fields)
    assert queues.rows(queues.for_the_lead(lead, NOW)).exists() == escalated == case.is_escalated(NOW)
    assert not queues.rows(queues.for_the_lead(ann, NOW)).exists()
    if escalated:
        assert queues.rows(queues.to_do(lead, NOW)).exists()


def test_the_lead_finds_escalated_cases_from_the_first_page(noon, client):
    case_like(DANA, ago=26 * HOUR)
    sign_in(client, "clinical lead", "lead")
    assert "1 case past a time limit or put to you" in " ".join(client.get("/staff/").text.split())
    assert len(client.get("/staff/desk/case/?list=escalated").context["cl"].result_list) == 1
    coordinator = at_desk("ann")
    assert "past a time limit or put to you" not in coordinator.get("/staff/").text
    assert "list=escalated" not in coordinator.get("/staff/desk/case/").text


@pytest.fixture
def mail_server(settings):
    settings.EMAIL_HOST, settings.DEFAULT_FROM_EMAIL = "mail.example.org", "carenav@example.org"
    settings.SITE_URL = "https://intake.example.org"


def run() -> str:
    call_command("send_notifications", stdout=(out := io.StringIO()))
    return out.getvalue().strip()


def give_address(member, duty: bool = False) -> None:
    member.email = f"{member.username}@example.org"
    member.save()
    StaffMember.objects.filter(user=member).update(on_duty=duty)


def test_the_lead_is_told_again_until_somebody_acts(mail_server, ann, lead, monkeypatch):
    give_address(lead)
    case = case_like(DANA, ago=26 * HOUR, acknowledged_at=NOW)
    at = {"now": NOW}
    monkeypatch.setattr(timezone, "now", lambda: at["now"])
    Case.objects.update(opened_at=NOW - 26 * HOUR, contact_by=NOW - HOUR, next_action_at=NOW - 26 * HOUR)
    case.messages.all().delete()
    for hours, mails in ((0, 1), (1, 1), (4, 2), (8, 3)):
        at["now"] = NOW + hours * HOUR
        run()
        assert len(mail.outbox) == mails
    assert {each.to[0] for each in mail.outbox} == {"lead@example.org"}
    text = mail.outbox[0].subject + mail.outbox[0].body
    assert case.reference not in text
    assert not re.search("suicid|crisis|Robin", text)
    case.refresh_from_db()
    called(case, ann, "message")
    at["now"] = NOW + 13 * HOUR
    run()
    assert len(mail.outbox) == 3


def test_at_night_the_lead_is_told_of_a_crisis_only(mail_server, lead, monkeypatch):
    give_address(lead)
    night = NOW + 10 * HOUR
    monkeypatch.setattr(timezone, "now", lambda: night)
    case = case_like(CHARLIE, ago=9 * DAY, acknowledged_at=night)
    case.messages.all().delete()
    assert run() == "nothing to tell"
    Case.objects.update(tier=Tier.NOW, urgent=True)
    run()
    assert len(mail.outbox) == 1


def test_without_a_lead_to_tell_the_command_fails_and_tries_again(mail_server, noon, lead, monkeypatch):
    case_like(DANA, ago=26 * HOUR, acknowledged_at=NOW).messages.all().delete()
    with pytest.raises(CommandError, match="No clinical lead has an e-mail address"):
        run()
    assert Case.objects.get().lead_told_at is None
    give_address(lead)

    def broken(*args):
        raise OSError

    with monkeypatch.context() as patch:
        patch.setattr("recommend.desk.notifications.send", broken)
        with pytest.raises(CommandError, match="Leads could not be told of 1 cases"):
            run()
    assert Case.objects.get().lead_told_at is None
    run()
    assert Case.objects.get().lead_told_at == NOW


def test_leads_on_duty_are_told_before_others(mail_server, noon, lead):
    other = staff_user("clinical lead", "other")
    give_address(lead)
    give_address(other, duty=True)
    case_like(DANA, ago=26 * HOUR, acknowledged_at=NOW).messages.all().delete()
    run()
    assert [each.to for each in mail.outbox] == [["other@example.org"]]


def test_a_coordinator_puts_a_case_to_the_lead(noon, ann, lead, monkeypatch):
    case = called(new_case(ALICE), ann, "no_answer")
    workflow.plan(case, ann, NextStep(NextAction.LEAD_REVIEW, NOW + timedelta(minutes=1)))
    assert queues.rows(queues.for_the_lead(lead, NOW + timedelta(minutes=1))).get() == case


def test_reopening_gives_the_first_contact_a_new_time_limit(noon, ann):
    case = case_like(ALICE, ago=30 * DAY, status="closed")
    workflow.reopen(case, ann, "They called.")
    assert Case.objects.get().contact_by == reaching.contact_by(Tier.ROUTINE, NOW)
