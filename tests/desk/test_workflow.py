"""The way of a case: every step from every status, what each asks for, and what it writes down."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from recommend.desk import workflow
from recommend.desk.models import (
    FINISHED_STATUSES,
    Case,
    CaseChange,
    CaseStatus,
    ContactAttempt,
    Disposition,
    Note,
)
from recommend.desk.workflow import EditConflict, TransitionNotAllowed
from tests.support.cases import called, case_like, user
from tests.support.people import ALICE, BOB, DANA
from tests.support.placements import place

pytestmark = pytest.mark.django_db

NEW, IN_CONTACT, ASSESSED, PLACED, CLOSED = CaseStatus

STEPS = {
    "take": lambda case, by: workflow.assign_to_self(case, by, "Bo is on a call."),
    "give back": lambda case, by: workflow.unassign(case, by, "Bo is on a call."),
    "attempt": lambda case, by: workflow.note_attempt(case, by, "call", "reached"),
    "note": lambda case, by: workflow.add_note(case, by, "Called the sister."),
    "dispose": lambda case, by: workflow.record_disposition(case, by, case.level),
    "to in contact": lambda case, by: workflow.set_status(case, by, IN_CONTACT),
    "to assessed": lambda case, by: workflow.set_status(case, by, ASSESSED),
    "to placed": place,
    "close": lambda case, by: workflow.close(case, by, "declined"),
    "reopen": lambda case, by: workflow.reopen(case, by, "They called again."),
}

# Where each step leads a case that has an attempt and a disposition; "-": it is refused.
TABLE = """
                new         in_contact  assessed    placed      closed
take            new         in_contact  assessed    -           -
give back       new         in_contact  assessed    -           -
attempt         in_contact  in_contact  assessed    -           -
note            new         in_contact  assessed    placed      closed
dispose         -           assessed    assessed    -           -
to in contact   in_contact  -           in_contact  -           -
to assessed     -           assessed    -           -           -
to placed       -           -           placed      -           -
close           closed      closed      closed      -           -
reopen          -           -           -           in_contact  in_contact
"""
ROWS = [line for line in TABLE.splitlines()[2:] if line]
EXPECTED = {
    (row[:16].strip(), status): to
    for row in ROWS
    for status, to in zip(CaseStatus, row[16:].split(), strict=True)
}


@pytest.fixture
def ann(db):
    return user("ann")


@pytest.fixture
def bo(db):
    return user("bo")


def test_the_table_names_every_step():
    assert {step for step, _ in EXPECTED} == {*STEPS}


@pytest.mark.parametrize(
    ("step", "status"), EXPECTED, ids=[f"{step} from {status}" for step, status in EXPECTED]
)
def test_each_step_is_allowed_or_refused_as_the_table_says(step, status, ann, bo):
    case = case_like(BOB, status=status, assignee=bo, chosen="iop")
    ContactAttempt.objects.create(case=case, by=bo, how="call", outcome="reached")
    to = EXPECTED[step, status]
    if to == "-":
        with pytest.raises(TransitionNotAllowed):
            STEPS[step](case, ann)
        assert not CaseChange.objects.exists()
        assert Case.objects.get().version == 1
        return
    STEPS[step](case, ann)
    stored = Case.objects.get()
    assert stored.status == case.status == to
    assert stored.version == case.version > 1
    assert {change.by for change in CaseChange.objects.all()} == {ann}
    assert CaseChange.objects.filter(what="status").exists() == (to != status)


@pytest.mark.parametrize("outcome", ["reached", "message", "no_answer", "wrong"])
def test_a_first_attempt_is_a_contact_only_if_the_person_hears_of_it(ann, outcome):
    case = called(case_like(), ann, outcome)
    assert case.status == IN_CONTACT
    assert bool(Case.objects.get().first_contact_at) == (outcome in ("reached", "message"))
    assert case.acknowledged_by == ann


def test_a_contact_in_the_minute_in_which_it_was_sent_is_not_before_it(ann):
    """A form tells the time to the minute; a contact before it was sent would be in no count of the dashboard."""
    case = case_like()
    called(case, ann, at=case.opened_at.replace(second=0, microsecond=0))
    assert Case.objects.get().first_contact_at == case.opened_at


def test_the_first_contact_stays_the_first(ann):
    case = called(case_like(), ann)
    first = case.first_contact_at
    called(case, ann)
    assert Case.objects.get().first_contact_at == first
    assert ContactAttempt.objects.count() == 2


@pytest.mark.parametrize("outcome", ["reached", "no_answer"])
def test_an_earlier_contact_that_is_noted_later_is_the_first(ann, outcome):
    case = called(case_like(ago=timedelta(hours=3)), ann)
    noted, earlier = case.first_contact_at, timezone.now() - timedelta(hours=2)
    called(case, ann, outcome, earlier)
    assert Case.objects.get().first_contact_at == (earlier if outcome == "reached" else noted)


def test_taking_acknowledges_and_taking_over_keeps_who_did_first(ann, bo):
    case = case_like()
    workflow.assign_to_self(case, ann)
    workflow.assign_to_self(case, bo, "Ann is on a call.")
    stored = Case.objects.get()
    assert (stored.assignee, stored.acknowledged_by) == (bo, ann)
    history = [(line.what, line.before, line.after) for line in reversed(CaseChange.objects.all())]
    assert history == [("assignee", "", "ann"), ("acknowledged", "", "ann"), ("assignee", "ann", "bo")]


def test_taking_what_one_has_changes_nothing(ann):
    case = case_like()
    workflow.assign_to_self(case, ann)
    version = case.version
    workflow.assign_to_self(case, ann)
    assert Case.objects.get().version == version


def test_resubmitted_case_needs_a_new_acknowledgement(ann):
    case = case_like(assignee=ann, acknowledged_at=timezone.now() - timedelta(hours=2))
    assert not case.is_acknowledged
    workflow.acknowledge(case, ann)
    assert Case.objects.get().is_acknowledged


# ---- what a step asks for


@pytest.mark.parametrize("end", ["close", "to placed"])
def test_an_urgent_case_does_not_end_without_an_attempt(ann, end):
    case = case_like(DANA, status=ASSESSED, chosen="inpatient")
    with pytest.raises(TransitionNotAllowed, match="Log a contact attempt before"):
        STEPS[end](case, ann)
    ContactAttempt.objects.create(case=case, by=ann, how="call", outcome="no_answer")
    STEPS[end](case, ann)
    assert Case.objects.get().status in FINISHED_STATUSES


def test_an_attempt_before_it_was_sent_again_does_not_count(ann):
    case = case_like(DANA)
    ContactAttempt.objects.create(
        case=case, by=ann, how="call", outcome="reached", at=timezone.now() - timedelta(hours=1)
    )
    with pytest.raises(TransitionNotAllowed, match="Log a contact attempt"):
        workflow.close(case, ann, "declined")


def test_in_contact_needs_an_attempt(ann):
    with pytest.raises(TransitionNotAllowed, match="Log the contact"):
        workflow.set_status(case_like(), ann, IN_CONTACT)


def test_placed_needs_a_level_that_still_holds(ann):
    with pytest.raises(TransitionNotAllowed, match="Choose the level before"):
        place(case_like(status=ASSESSED), ann)
    with pytest.raises(TransitionNotAllowed, match="Choose the level again"):
        place(case_like(status=ASSESSED, chosen="iop", stale_because="answers"), ann)


def test_placed_is_no_status_to_choose_without_a_place(ann):
    with pytest.raises(TransitionNotAllowed, match="Say where the person is placed"):
        workflow.set_status(case_like(status=ASSESSED, chosen="iop"), ann, PLACED)


@pytest.mark.parametrize("outcome", ["", "erased", "lost"])
def test_closing_needs_an_outcome_that_the_desk_may_give(ann, outcome):
    with pytest.raises(TransitionNotAllowed) as refused:
        workflow.close(case_like(), ann, outcome)
    assert refused.value.field == "outcome"


def test_opening_again_needs_a_reason_and_forgets_the_outcome(ann):
    case = case_like(status=CLOSED, outcome="not_reached")
    with pytest.raises(TransitionNotAllowed) as refused:
        workflow.reopen(case, ann, "  ")
    assert refused.value.field == "reopen_reason"
    workflow.reopen(case, ann, "They called.")
    stored = Case.objects.get()
    assert (stored.status, stored.outcome, stored.finished_at) == (NEW, "", None)
    assert CaseChange.objects.get(what="status").reason == "They called."
    assert CaseChange.objects.get(what="outcome").before == "not_reached"


@pytest.mark.parametrize(
    ("level", "reason", "text", "field"),
    [
        ("iop", "", "", None),
        ("php", "", "", "reason"),
        ("php", "safety", "", "text"),
        ("php", "safety", "  ", "text"),
        ("php", "", "words", "reason"),
        ("php", "safety", "words", None),
        ("outpatient", "preference", "words", None),
    ],
)
def test_another_level_than_the_recommended_one_needs_a_reason_and_words(ann, level, reason, text, field):
    case = case_like(BOB, status=IN_CONTACT)
    if field:
        with pytest.raises(TransitionNotAllowed) as refused:
            workflow.record_disposition(case, ann, level, reason, text)
        assert refused.value.field == field
        assert not Disposition.objects.exists()
        return
    workflow.record_disposition(case, ann, level, reason, text)
    made = Disposition.objects.get()
    assert (made.recommended, made.level, made.reason, made.differs) == ("iop", level, reason, level != "iop")
    stored = Case.objects.get()
    assert (stored.chosen, stored.status) == (level, ASSESSED)


def test_where_a_person_must_look_any_level_may_be_chosen(ann):
    case = case_like(status=IN_CONTACT, level="", urgent=True)
    workflow.record_disposition(case, ann, "php")
    assert not Disposition.objects.get().differs


def test_all_dispositions_are_kept_and_the_last_one_counts(ann):
    case = case_like(BOB, status=IN_CONTACT)
    workflow.record_disposition(case, ann, "iop")
    workflow.record_disposition(case, ann, "php", "more_known", "Worse than written.")
    assert Case.objects.get().chosen == Disposition.objects.first().level == "php"
    assert Disposition.objects.count() == 2


# ---- stale


@pytest.mark.parametrize("status", [IN_CONTACT, ASSESSED, PLACED, CLOSED])
@pytest.mark.parametrize("because", ["answers", "rules"])
def test_choosing_again_settles_a_stale_case_and_leaves_it_where_it_ended(ann, status, because):
    case = case_like(BOB, status=status, chosen="iop", stale_because=because)
    workflow.acknowledge(case, ann)
    assert Case.objects.get().stale_since, "only a decision settles a decision"
    workflow.record_disposition(case, ann, "iop")
    stored = Case.objects.get()
    assert (stored.stale_since, stored.stale_because) == (None, "")
    assert stored.status == (ASSESSED if status == IN_CONTACT else status)


def test_acknowledging_settles_a_stale_case_without_a_disposition(ann):
    case = case_like(stale_because="answers")
    workflow.assign_to_self(case, ann)
    assert Case.objects.get().stale_since is None
    assert CaseChange.objects.get(what="stale").before == "answers"


def test_closing_settles_a_stale_case(ann):
    workflow.close(case_like(status=ASSESSED, chosen="iop", stale_because="rules"), ann, "declined")
    assert Case.objects.get().stale_since is None


# ---- as it was seen


@pytest.mark.parametrize("step", STEPS)
def test_a_step_on_what_has_changed_is_refused_and_changes_nothing(step, ann, bo):
    status = {"dispose": ASSESSED, "to placed": ASSESSED, "to assessed": IN_CONTACT, "to in contact": ASSESSED,
              "reopen": PLACED}.get(step, IN_CONTACT)  # fmt: skip
    case = case_like(BOB, status=status, chosen="iop", assignee=bo)
    ContactAttempt.objects.create(case=case, by=bo, how="call", outcome="reached")
    workflow.add_note(Case.objects.get(), bo, "Meanwhile.")
    before = list(Case.objects.values())
    with pytest.raises(EditConflict):
        STEPS[step](case, ann)
    assert list(Case.objects.values()) == before
    assert CaseChange.objects.count() == Note.objects.count() == ContactAttempt.objects.count() == 1
    assert not Disposition.objects.exists()


def test_as_seen_refuses_an_older_version_and_a_deleted_case(ann):
    case = case_like()
    assert workflow.at_version(case.pk, 1) == case
    workflow.assign_to_self(case, ann)
    with pytest.raises(EditConflict):
        workflow.at_version(case.pk, 1)
    Case.objects.update(erased_at=timezone.now())
    with pytest.raises(EditConflict):
        workflow.at_version(case.pk, case.version)


# ---- the database holds it, too


@pytest.mark.parametrize(
    "fields",
    [
        {"assigned_at": timezone.now()},
        {"acknowledged_at": timezone.now()},
        {"status": "closed", "finished_at": timezone.now()},
        {"status": "closed", "outcome": "declined"},
        {"status": "placed"},
        {"finished_at": timezone.now()},
        {"outcome": "declined"},
        {"stale_because": "rules"},
        {"stale_since": timezone.now()},
        {"status": "lost"},
        {"chosen": "spa"},
        {"level": "spa"},
    ],
    ids=" and ".join,  # the times would be others in each process that the tests are spread over
)
def test_a_case_that_contradicts_itself_is_not_stored(fields):
    case_like(ALICE)
    with pytest.raises(IntegrityError), transaction.atomic():
        Case.objects.update(**fields)


@pytest.mark.parametrize(
    "fields",
    [
        {"level": "php"},
        {"level": "php", "reason": "safety"},
        {"level": "php", "text": "words"},
        {"level": "spa", "reason": "safety", "text": "words"},
    ],
    ids=str,
)
def test_an_override_without_reason_and_words_is_not_stored(ann, fields):
    case = case_like(BOB)
    with pytest.raises(IntegrityError), transaction.atomic():
        Disposition.objects.create(case=case, by=ann, recommended="iop", **fields)
    Disposition.objects.create(
        case=case, by=ann, recommended="iop", level="php", reason="safety", text="words"
    )
