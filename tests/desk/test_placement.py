"""From an offer to "what next?": each state with its next step, what it needs, and who is back to work."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.utils import timezone

from recommend.desk import history, office_time, queues, workflow
from recommend.desk.models import Case, CaseChange, Placement, PlacementState, PlacementStep
from recommend.desk.next_steps import NextStep
from recommend.desk.submissions.erase import erase
from recommend.desk.workflow import EditConflict, Place, TransitionNotAllowed
from recommend.programs.models import Program
from tests.support.cases import called, case_like, new_case, user
from tests.support.people import BOB, DANA
from tests.support.placements import a_program, place
from tests.support.programs import make_program

pytestmark = pytest.mark.django_db

State = PlacementState
NOW = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)  # a Wednesday
TODAY = date(2026, 11, 25)
MONDAY = date(2026, 11, 30)


@pytest.fixture(autouse=True)
def wednesday(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


@pytest.fixture
def ann(db):
    return user("ann")


@pytest.fixture
def harbor(db):
    return make_program("Harbor")


def assessed(ann, person=BOB) -> Case:
    case = called(new_case(person), ann)
    workflow.record_disposition(case, ann, case.level)
    return case


def record(case, ann, state, where=None, **more):
    workflow.record_placement(case, ann, state, where, **more)
    case.refresh_from_db()
    return Placement.objects.first()


def next_of(case) -> tuple[str, str, str]:
    """The status of a case, its next action, and when it is due."""
    at = case.next_action_at
    return case.status, case.next_action, f"{timezone.localtime(at):%a %d %H:%M}" if at else ""


# ---- each state


@pytest.mark.parametrize(
    ("state", "more", "then"),
    [
        (State.OFFERED, {}, ("assessed", "check_placement", "Thu 26 09:00")),
        (State.ACCEPTED, {}, ("assessed", "check_placement", "Thu 26 09:00")),
        (State.WAITLISTED, {}, ("assessed", "check_placement", "Mon 30 09:00")),
        (State.DECLINED, {"reason": "hours"}, ("assessed", "check_placement", "Thu 26 09:00")),
        (State.START_SET, {"day": MONDAY}, ("placed", "arrival", "Tue 01 09:00")),
    ],
)
def test_what_is_recorded_first_sets_the_next_step(ann, harbor, state, more, then):
    case = assessed(ann)
    made = record(case, ann, state, Place(harbor), **more)
    assert next_of(case) == then
    assert (made.state, made.name, made.program) == (state, "Harbor", harbor)
    assert (made.start_on, bool(case.finished_at)) == (more.get("day"), state == State.START_SET)
    step = PlacementStep.objects.get()
    assert (step.by, step.state, step.day, step.reason) == (
        ann,
        state,
        more.get("day"),
        more.get("reason", ""),
    )


def test_an_urgent_person_is_asked_about_on_the_afternoon_of_their_start(ann, harbor):
    case = assessed(ann, DANA)
    record(case, ann, State.START_SET, Place(harbor), day=TODAY)
    assert next_of(case) == ("placed", "arrival", "Wed 25 14:00")


@pytest.mark.parametrize("urgent", [True, False])
def test_a_start_that_has_passed_is_asked_about_soon_and_never_in_the_past(urgent):
    at = office_time.after_a_start(TODAY - timedelta(days=20), urgent, NOW)
    assert NOW < at <= NOW + timedelta(days=1)


def placed(ann, person=BOB) -> Case:
    case = assessed(ann, person)
    place(case, ann, MONDAY)
    case.refresh_from_db()
    return case


def test_a_person_who_arrived_is_asked_about_again_when_the_program_ends(ann):
    case = placed(ann)
    made = record(case, ann, State.ARRIVED, day=date(2027, 1, 9))  # a Saturday
    assert next_of(case) == ("placed", "what_next", "Mon 11 09:00")
    assert made.ends_on == date(2027, 1, 9)
    record(case, ann, State.ARRIVED, day=date(2027, 2, 1))
    assert next_of(case) == ("placed", "what_next", "Mon 01 09:00")


def test_a_person_who_did_not_arrive_is_called_and_the_case_is_open_again(ann):
    case = placed(ann)
    record(case, ann, State.NO_SHOW)
    assert next_of(case) == ("assessed", "call_back", "Wed 25 14:00")
    assert (case.finished_at, case.chosen) == (None, "iop")
    place(case, ann, MONDAY)
    assert Placement.objects.count() == 2


def test_what_is_declined_after_all_is_open_again(ann):
    case = placed(ann)
    record(case, ann, State.DECLINED, reason="no_place")
    assert next_of(case)[:2] == ("assessed", "check_placement")


@pytest.mark.parametrize(
    ("go_on", "then"),
    [(False, ("placed", "", "")), (True, ("assessed", "check_placement", "Thu 26 09:00"))],
)
def test_after_the_program_the_case_is_done_or_looks_for_the_next_place(ann, go_on, then):
    case = placed(ann)
    record(case, ann, State.ARRIVED, day=MONDAY)
    record(case, ann, State.FINISHED, go_on=go_on)
    assert next_of(case) == then
    assert not Placement.objects.current().exists()
    assert Case.objects.filter(queues.done(ann, NOW)).exists() != go_on


def test_a_step_down_is_a_second_place_in_the_same_case(ann, harbor):
    case = assessed(ann)
    record(case, ann, State.START_SET, Place(harbor), day=TODAY)
    record(case, ann, State.ARRIVED, day=MONDAY)
    record(case, ann, State.FINISHED, go_on=True)
    workflow.record_disposition(case, ann, "outpatient", "more_known", "Steps down.")
    record(case, ann, State.START_SET, Place(make_program("Maple", "outpatient")), day=MONDAY)
    assert [(each.name, each.state) for each in Placement.objects.order_by("pk")] == [
        ("Harbor", "finished"),
        ("Maple", "start_set"),
    ]


# ---- lists


def test_a_placed_case_waits_until_it_is_asked_about_and_then_is_to_do(ann, monkeypatch):
    case = placed(ann)
    assert Case.objects.filter(queues.waiting(ann, NOW)).get() == case
    later = datetime(2026, 12, 1, 10, 0, tzinfo=UTC)
    assert Case.objects.filter(queues.to_do(ann, later)).get() == case
    assert not Case.objects.filter(queues.done(ann, later)).exists()


def test_a_question_about_arrival_left_for_a_whole_office_day_goes_to_the_lead(ann):
    case = placed(ann)
    for day, escalated in ((1, False), (3, True)):
        now = datetime(2026, 12, day, 10, 0, tzinfo=UTC)
        assert case.is_escalated(now) == escalated
        assert Case.objects.filter(queues.escalated(now)).exists() == escalated


def test_the_first_contact_of_a_placed_case_is_not_overdue(ann):
    """It was placed by a referrer, say; asking about their arrival is all that is left."""
    Case.objects.filter(pk=placed(ann).pk).update(first_contact_at=None, contact_by=NOW)
    case, due = Case.objects.get(), datetime(2026, 12, 1, 10, 0, tzinfo=UTC)
    assert not case.is_escalated(due)
    assert not Case.objects.filter(queues.escalated(due) | queues.overdue(due)).exists()


def test_cases_placed_before_there_were_placements_stay_done(ann):
    case = case_like(BOB, status="placed", chosen="iop")
    assert Case.objects.filter(queues.done(ann, NOW)).get() == case
    with pytest.raises(TransitionNotAllowed):
        record(case, ann, State.ARRIVED, day=MONDAY)


def test_calls_about_arrival_keep_the_question(ann):
    case = placed(ann)
    called(case, ann, "no_answer")
    assert next_of(case) == ("placed", "arrival", "Wed 25 14:00")
    with pytest.raises(TransitionNotAllowed) as refused:
        workflow.plan(case, ann, NextStep("review", NOW + timedelta(days=1)))
    assert refused.value.field == "next_action"


# ---- what it needs


@pytest.mark.parametrize(
    ("state", "more", "field"),
    [
        (State.START_SET, {}, "starts_on"),
        (State.DECLINED, {}, "declined_because"),
        (State.ARRIVED, {"day": MONDAY}, "placement"),
        (State.FINISHED, {}, "placement"),
        (State.START_SET, {"day": date(2027, 6, 1)}, "next_at"),
    ],
    ids=str,
)
def test_what_is_missing_or_out_of_order_is_refused_and_nothing_is_stored(ann, harbor, state, more, field):
    case = assessed(ann)
    before = Case.objects.values().get()
    with pytest.raises(TransitionNotAllowed) as refused:
        record(case, ann, state, Place(harbor), **more)
    assert refused.value.field == field
    assert not Placement.objects.exists()
    assert Case.objects.values().get() == before


def test_a_place_is_needed_and_a_new_case_needs_a_contact_first(ann, harbor):
    with pytest.raises(TransitionNotAllowed, match="Choose the program"):
        record(assessed(ann), ann, State.OFFERED)
    with pytest.raises(TransitionNotAllowed, match="Log a contact first"):
        record(new_case(), ann, State.OFFERED, Place(harbor))


def test_a_placement_on_a_case_that_changed_is_refused_whole(ann, harbor):
    case = assessed(ann)
    workflow.add_note(Case.objects.get(), user("bo"), "Meanwhile.")
    with pytest.raises(EditConflict):
        record(case, ann, State.OFFERED, Place(harbor))
    assert not Placement.objects.exists()


def test_another_program_ends_the_first_offer(ann, harbor):
    case = assessed(ann)
    record(case, ann, State.OFFERED, Place(harbor))
    record(case, ann, State.OFFERED, Place(elsewhere="Her own therapist"))
    assert [(each.where, each.state) for each in Placement.objects.order_by("pk")] == [
        ("Harbor", "declined"),
        ("Her own therapist", "offered"),
    ]
    assert PlacementStep.objects.get(state="declined").reason == "other_program"


def test_a_placed_person_is_not_offered_another_program_before_it_is_said_how_it_went(ann):
    with pytest.raises(TransitionNotAllowed, match="First say how it went at Harbor"):
        record(placed(ann), ann, State.START_SET, Place(elsewhere="Elm"), day=MONDAY)


def test_closing_a_case_declines_what_was_offered(ann, harbor):
    case = assessed(ann)
    record(case, ann, State.WAITLISTED, Place(harbor))
    workflow.close(case, ann, "declined")
    step = PlacementStep.objects.first()
    assert (step.state, step.reason, step.placement.is_current) == ("declined", "case_closed", False)


# ---- history and corrections


def test_the_history_says_where_when_and_why(ann, harbor):
    case = assessed(ann)
    record(case, ann, State.OFFERED, Place(harbor))
    record(case, ann, State.DECLINED, reason="cost")
    Program.objects.update(name="Renamed")
    lines = [(each.what, each.text) for each in history.history_of(case).entries if each.kind == "placement"]
    assert lines == [("Harbor: Declined", "Insurance or cost"), ("Harbor: Offered", "")]


def test_a_wrong_placement_stays_in_the_history_and_opens_the_case_again(ann):
    case = placed(ann)
    made = Placement.objects.get()
    with pytest.raises(TransitionNotAllowed, match="what was wrong"):
        workflow.mark_placement_in_error(case, ann, made.pk, " ")
    workflow.mark_placement_in_error(case, ann, made.pk, "Another person.")
    case.refresh_from_db()
    assert next_of(case)[:2] == ("assessed", "review")
    assert case.is_due(NOW)
    assert not Placement.objects.counted().exists()
    entry = next(each for each in history.history_of(case).entries if each.kind == "placement")
    assert entry.error == "Entered in error, marked by ann: Another person."
    place(case, ann, MONDAY)  # the one in error is no longer the current one
    with pytest.raises(TransitionNotAllowed, match="marked already"):
        workflow.mark_placement_in_error(case, ann, made.pk, "Again.")


def test_deleting_the_case_deletes_where_the_person_was_placed(ann):
    case = placed(ann)
    erase(case.submission)
    assert not Placement.objects.exists()
    assert not PlacementStep.objects.exists()
    assert {(each.before, each.after) for each in CaseChange.objects.filter(what="placement")} == {("", "")}


# ---- the database holds it, too


def test_the_database_allows_one_current_placement(ann, harbor):
    case = new_case()
    Placement.objects.create(case=case, program=harbor, name="Harbor", state=State.OFFERED)
    Placement.objects.create(case=case, program=harbor, name="Harbor", state=State.DECLINED)
    with pytest.raises(IntegrityError), transaction.atomic():
        Placement.objects.create(case=case, program=harbor, name="Harbor", state=State.ACCEPTED)


@pytest.mark.parametrize(
    "fields",
    [
        {"state": "lost"},
        {"state": "start_set"},
        {"program": None},
        {"elsewhere": "Elm"},
        {"error_at": NOW},
    ],
    ids=str,
)
def test_a_placement_that_contradicts_itself_is_not_stored(harbor, fields):
    fields = {"program": harbor, "state": "offered"} | fields
    with pytest.raises(IntegrityError), transaction.atomic():
        Placement.objects.create(case=new_case(), **fields)


def test_a_program_with_placements_cannot_be_deleted(ann):
    placed(ann)
    with pytest.raises(ProtectedError):
        a_program().delete()
