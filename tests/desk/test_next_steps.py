"""The next step of a case: what follows an outcome, when it is due, and that no open case is without one."""

from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from carenav.clinic.opening_hours import read_opening_hours
from recommend.desk import next_steps, office_time, queues, workflow
from recommend.desk.models import Case, CaseChange, NextAction
from recommend.desk.next_steps import NextStep, When
from recommend.desk.submissions.erase import erase
from recommend.desk.workflow import TransitionNotAllowed
from tests.support.cases import at_desk, called, case_like, case_url, new_case, user
from tests.support.people import ALICE, BOB, CHARLIE, DANA, ERIN
from tests.support.placements import place
from tests.support.submissions import send_again, send_answers

pytestmark = pytest.mark.django_db

WEDNESDAY = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def wednesday(monkeypatch):
    """It is Wednesday at nine, and the office is open from 9 to 5 on weekdays."""
    monkeypatch.setattr(timezone, "now", lambda: WEDNESDAY)


@pytest.fixture
def ann(db):
    return user("ann")


# ---- office time

NEW_YORK = "America/New_York"


def in_new_york(day: str, clock: str) -> datetime:
    return datetime.combine(date.fromisoformat(day), time.fromisoformat(clock), ZoneInfo(NEW_YORK))


@pytest.fixture
def new_york():
    with timezone.override(NEW_YORK):
        yield


# Thanksgiving is on Thursday the 26th, and clocks go back on November 1.
PRESET_TIMES = [
    (When.TWO_HOURS, "2026-11-25 09:30", "2026-11-25 11:30"),
    (When.TWO_HOURS, "2026-11-25 16:30", "2026-11-25 18:30"),
    (When.AFTERNOON, "2026-11-25 09:30", "2026-11-25 14:00"),
    (When.AFTERNOON, "2026-11-25 13:30", "2026-11-25 14:30"),
    (When.AFTERNOON, "2026-11-25 16:30", "2026-11-27 08:00"),
    (When.AFTERNOON, "2026-11-28 09:30", "2026-11-30 08:00"),
    (When.MORNING, "2026-11-25 09:30", "2026-11-27 08:00"),
    (When.MORNING, "2026-11-30 07:00", "2026-12-01 08:00"),
    (When.MORNING, "2026-10-30 12:00", "2026-11-02 08:00"),
    (When.THREE_DAYS, "2026-11-30 12:00", "2026-12-03 08:00"),
    (When.THREE_DAYS, "2026-11-25 12:00", "2026-11-30 08:00"),
]


@pytest.mark.parametrize(("when", "now", "expected"), PRESET_TIMES)
def test_each_preset_falls_into_office_hours_and_leaves_out_holidays(settings, new_york, when, now, expected):
    settings.CLINIC_OPEN = read_opening_hours("mon-fri 08:00-17:00", ["2026-11-26"])
    assert next_steps.PRESETS[when](in_new_york(*now.split())) == in_new_york(*expected.split())


def test_without_opening_hours_the_office_is_open_on_weekdays(settings, new_york):
    settings.CLINIC_OPEN = read_opening_hours("", ["2026-11-26"])
    assert office_time.tomorrow_morning(in_new_york("2026-11-25", "12:00")) == in_new_york(
        "2026-11-27", "09:00"
    )


def test_every_preset_is_later_than_now_at_every_hour_of_a_year(settings, new_york):
    settings.CLINIC_OPEN = read_opening_hours(
        "mon-thu 08:30-12:00 13:00-18:00, sat 09:00-12:00", ["2026-12-24"]
    )
    now = in_new_york("2026-01-01", "00:10")
    for hours in range(0, 365 * 24, 5):
        at = now + timedelta(hours=hours)
        for preset in next_steps.PRESETS.values():
            assert at < preset(at) <= at + timedelta(days=8)


def test_a_clinic_that_is_closed_for_months_still_gets_a_day(settings):
    settings.CLINIC_OPEN = read_opening_hours(
        "mon 08:00-09:00", [f"{WEDNESDAY + timedelta(days=each):%Y-%m-%d}" for each in range(70)]
    )
    for preset in next_steps.PRESETS.values():
        assert preset(WEDNESDAY) > WEDNESDAY


@pytest.mark.parametrize(
    ("at", "words"),
    [
        (WEDNESDAY + 5 * HOUR, "today 2:00 PM UTC"),
        (WEDNESDAY + 24 * HOUR, "tomorrow 9:00 AM UTC"),
        (WEDNESDAY - 24 * HOUR, "yesterday 9:00 AM UTC"),
        (WEDNESDAY + 7 * 24 * HOUR, "Wed, Dec. 2 9:00 AM UTC"),
    ],
)
def test_a_near_day_is_told_by_its_name(at, words):
    assert next_steps.moment(at, WEDNESDAY) == words


# ---- what follows an outcome

AFTER = [
    ("reached", "call_back", "2026-11-25 14:00", "2026-11-26 09:00"),
    ("message", "try_again", "2026-11-25 11:00", "2026-11-26 09:00"),
    ("no_answer", "try_again", "2026-11-25 11:00", "2026-11-25 14:00"),
    ("wrong", "review", "2026-11-25 11:00", "2026-11-25 14:00"),
]


@pytest.mark.parametrize("person", [DANA, ALICE], ids=str)
@pytest.mark.parametrize(("outcome", "action", "if_urgent", "otherwise"), AFTER)
def test_one_press_sets_what_usually_follows(wednesday, ann, person, outcome, action, if_urgent, otherwise):
    case = called(new_case(person), ann, outcome)
    expected = datetime.fromisoformat(if_urgent if person.urgent else otherwise).replace(tzinfo=UTC)
    stored = Case.objects.get()
    assert (stored.next_action, stored.next_action_at) == (action, expected)
    assert case.next_action_at == expected
    assert CaseChange.objects.get(what="next").after == f"{action} {expected.isoformat(timespec='minutes')}"


def test_a_level_is_followed_by_checking_the_placement(wednesday, ann):
    case = called(new_case(BOB), ann)
    workflow.record_disposition(case, ann, "iop")
    stored = Case.objects.get()
    assert (stored.next_action, stored.next_action_at) == ("check_placement", WEDNESDAY + 24 * HOUR)


def test_a_case_waits_until_its_time_and_is_to_do_then(wednesday, ann, monkeypatch):
    case = new_case()
    workflow.assign_to_self(case, ann)
    assert queues.rows(queues.to_do(ann, WEDNESDAY)).get() == case
    called(case, ann, "message")
    assert not queues.rows(queues.to_do(ann, case.next_action_at - timedelta(seconds=1))).exists()
    assert queues.rows(queues.to_do(ann, case.next_action_at)).get() == case


@pytest.mark.parametrize("at", [WEDNESDAY, WEDNESDAY - HOUR, WEDNESDAY + timedelta(days=91)])
@pytest.mark.parametrize("step", ["plan", "attempt", "level"])
def test_a_next_step_in_the_past_or_far_ahead_is_refused(wednesday, ann, at, step):
    case = called(new_case(BOB), ann)
    before, then = Case.objects.values().get(), NextStep(NextAction.CALL_BACK, at)
    steps = {
        "plan": partial(workflow.plan, case, ann),
        "attempt": partial(workflow.note_attempt, case, ann, "call", "reached"),
        "level": partial(workflow.record_disposition, case, ann, "iop"),
    }
    with pytest.raises(TransitionNotAllowed) as refused:
        steps[step](then=then)
    assert refused.value.field == "next_at"
    assert Case.objects.values().get() == before


# Wednesday 9 a.m., office hours to 5 p.m. from Monday to Friday.
END_OF_THURSDAY, END_OF_MONDAY = WEDNESDAY + 32 * HOUR, WEDNESDAY + timedelta(days=5, hours=8)


@pytest.mark.parametrize(
    ("person", "latest"),
    [(DANA, END_OF_THURSDAY), (ERIN, END_OF_THURSDAY), (CHARLIE, END_OF_THURSDAY), (BOB, END_OF_MONDAY)],
    ids=str,
)
@pytest.mark.parametrize("tried", [False, True])
def test_a_person_nobody_reached_is_planned_no_later_than_their_limit(wednesday, ann, person, latest, tried):
    case = called(new_case(person), ann, "message") if tried else new_case(person)
    workflow.plan(case, ann, NextStep(NextAction.TRY_AGAIN, latest))
    case = Case.objects.get()
    with pytest.raises(TransitionNotAllowed, match="Nobody has reached") as refused:
        workflow.plan(case, ann, NextStep(NextAction.TRY_AGAIN, latest + timedelta(minutes=1)))
    assert refused.value.field == "next_at"
    case = called(Case.objects.get(), ann, "reached")
    workflow.plan(case, ann, NextStep(NextAction.CALL_BACK, WEDNESDAY + timedelta(days=60)))


# ---- every way in and out keeps it


def test_ending_a_case_clears_its_next_step_and_reopening_makes_it_due(wednesday, ann):
    case = called(new_case(), ann)
    workflow.close(case, ann, "declined")
    stored = Case.objects.get()
    assert (stored.next_action, stored.next_action_at) == ("", None)
    workflow.reopen(case, ann, "They called.")
    stored = Case.objects.get()
    assert (stored.next_action, stored.next_action_at) == ("review", WEDNESDAY)


def test_placing_a_case_asks_next_whether_they_arrived(ann):
    case = called(new_case(BOB), ann)
    workflow.record_disposition(case, ann, "iop")
    place(case, ann)
    assert Case.objects.get().next_action == "arrival"


def test_deleting_a_case_clears_its_next_step():
    erase(new_case().submission)
    assert Case.objects.get().next_action_at is None


@pytest.mark.parametrize("end", [None, "closed"])
def test_answers_sent_again_put_a_case_that_was_worked_on_back_on_to_do(ann, client, end):
    send_answers(client)
    case = called(Case.objects.get(), ann)
    if end:
        workflow.close(case, ann, "declined")
    send_again(client)
    stored = Case.objects.get()
    assert (stored.next_action, stored.next_action_at) == ("review", stored.opened_at)


def test_answers_sent_again_leave_an_untouched_case_where_it_was(client):
    send_answers(client)
    before = Case.objects.get()
    send_again(client)
    stored = Case.objects.get()
    assert (stored.next_action, stored.next_action_at) == ("first_contact", before.next_action_at)


@pytest.mark.parametrize(
    ("status", "fields"),
    [
        ("new", {"next_action": ""}),
        ("new", {"next_action_at": None}),
        ("assessed", {"next_action": "", "next_action_at": None}),
        ("in_contact", {"next_action": "someday"}),
        ("placed", {"next_action": "review", "next_action_at": WEDNESDAY}),
        ("new", {"next_action": "arrival"}),
        ("placed", {"next_action": "arrival"}),
        ("closed", {"next_action": "arrival", "next_action_at": WEDNESDAY}),
        ("closed", {"next_action_at": WEDNESDAY}),
    ],
    ids=str,
)
def test_the_database_refuses_an_open_case_without_a_next_step(status, fields):
    case_like(status=status)
    with pytest.raises(IntegrityError), transaction.atomic():
        Case.objects.update(**fields)


def test_the_migration_makes_open_cases_due_and_clears_finished_ones(monkeypatch):
    from importlib import import_module

    migration = import_module("recommend.desk.migrations.0003_next_action")
    open_case, new = case_like(status="assessed"), case_like()
    migration.date_existing_cases(apps, SimpleNamespace(connection=connection))
    stored = {case: case.next_action for case in Case.objects.all()}
    assert stored == {open_case: "review", new: "first_contact"}
    assert all(case.next_action_at <= timezone.now() for case in stored)


# ---- the form


def post(client, case: Case, **fields: str):
    last = CaseChange.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    version = Case.objects.get(pk=case.pk).version
    return client.post(case_url(case), {"version": version, "since": last, "save": "1", **fields})


@pytest.mark.parametrize(
    ("fields", "action", "hours"),
    [
        ({"how": "call", "attempt": "no_answer"}, "try_again", 5),
        ({"how": "call", "attempt": "no_answer", "next_when": "2h"}, "try_again", 2),
        ({"how": "call", "attempt": "no_answer", "next_action": "call_back"}, "call_back", 5),
        (
            {"how": "call", "attempt": "reached", "next_when": "date", "next_at": "2026-12-01T10:30"},
            "call_back",
            145.5,
        ),
        ({"how": "call", "attempt": "reached", "next_at": "2026-12-01T10:30"}, "call_back", 145.5),
        ({"how": "call", "attempt": "reached", "level": "iop"}, "check_placement", 24),
        ({"how": "call", "attempt": "reached", "level": "iop", "next_when": "3d"}, "check_placement", 120),
        ({"next_when": "morning"}, "first_contact", 24),
        ({"next_action": "review", "next_when": "afternoon"}, "review", 5),
    ],
    ids=str,
)
def test_the_form_sets_the_next_step_with_what_it_saves(wednesday, fields, action, hours):
    case = new_case(BOB)
    assert post(at_desk(), case, **fields).status_code == 302
    stored = Case.objects.get()
    assert (stored.next_action, stored.next_action_at) == (action, WEDNESDAY + hours * HOUR)
    assert CaseChange.objects.filter(what="next").count() == 1


@pytest.mark.parametrize(
    ("fields", "field", "words"),
    [
        ({"next_when": "date"}, "next_at", "Enter the date and time"),
        ({"next_when": "2h", "next_at": "2026-12-01T10:30"}, "next_when", "Choose a date and time"),
        ({"next_action": "review"}, "next_when", "Say when"),
        ({"next_at": "2026-11-24T10:30"}, "next_at", "That time is past"),
        (
            {"how": "call", "attempt": "reached", "next_at": "2027-11-24T10:30"},
            "next_at",
            "in the next 90 days",
        ),
    ],
    ids=str,
)
def test_a_half_filled_next_step_is_refused_in_one_sentence(wednesday, fields, field, words):
    response = post(at_desk(), new_case(BOB), **fields)
    assert response.status_code == 422
    errors = response.context["form"].errors
    assert [name for name in errors if words in str(errors[name])] == [field]
    assert Case.objects.get().version == 1


@pytest.mark.parametrize("outcome", ["no_answer", "message", "wrong"])
def test_one_press_logs_the_call_and_opens_the_next_case(wednesday, outcome):
    client, case, other = at_desk("ann"), new_case(BOB), new_case()
    html = client.get(case_url(case)).text
    assert f'name="quick" value="{outcome}"' in html
    response = client.post(case_url(case), {"version": "1", "since": "0", "quick": outcome, "note": "Typed."})
    assert response["Location"] == case_url(other)
    attempt = case.contactattempts.get()
    assert (attempt.how, attempt.outcome) == ("call", outcome)
    assert case.notes.get().text == "Typed."
    assert not Case.objects.get(pk=case.pk).is_due(WEDNESDAY)


def test_one_press_keeps_the_way_that_was_chosen_and_asks_where_it_must(wednesday):
    client, case = at_desk("ann"), new_case(BOB, {"leave_message": "no"})
    fields = {"version": "1", "since": "0", "quick": "message", "how": "text"}
    response = client.post(case_url(case), fields)
    assert response.status_code == 422
    assert "asked for no messages" in response.text
    assert client.post(case_url(case), fields | {"confirm_contact": "on"}).status_code == 302
    assert case.contactattempts.get().how == "text"


@pytest.mark.parametrize("value", ["reached", "lost", ""])
def test_other_values_of_the_one_press_log_nothing(wednesday, value):
    case = new_case(BOB)
    at_desk("ann").post(case_url(case), {"version": "1", "since": "0", "quick": value})
    assert not case.contactattempts.exists()


def test_lists_and_the_case_show_the_next_step(wednesday, ann):
    client, case = at_desk(), called(new_case(), ann, "message")
    assert "Try again, tomorrow 9:00 AM UTC" in client.get(case_url(case)).text
    assert "Try again, tomorrow 9:00 AM UTC" in client.get("/staff/desk/case/?list=waiting").text


def test_waiting_cases_are_listed_by_when_they_are_due(ann):
    now = timezone.now()
    cases = [case_like(next_action_at=now + hours * HOUR) for hours in (3, 1, 2)]
    listed = at_desk().get("/staff/desk/case/?list=waiting").context["cl"].result_list
    assert [cases.index(case) for case in listed] == [1, 2, 0]
