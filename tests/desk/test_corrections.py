"""A contact entered in error: it stays in the history, struck through, and counts nowhere."""

from datetime import timedelta

import pytest
from django.utils import timezone

from recommend.desk import queues, reaching, workflow
from recommend.desk.models import Case, CaseChange, ContactAttempt
from recommend.desk.pages import list_rows
from recommend.desk.submissions.erase import erase
from recommend.desk.workflow import EditConflict, TransitionNotAllowed
from tests.support.cases import at_desk, called, case_like, case_url, new_case, user
from tests.support.people import BOB, CHARLIE, DANA
from tests.support.placements import place

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann(db):
    return user("ann")


@pytest.fixture
def bo(db):
    return user("bo")


def correct(case: Case, by, attempt: ContactAttempt | None = None, reason: str = "Another case.") -> None:
    attempt = attempt or ContactAttempt.objects.latest("pk")
    workflow.mark_entered_in_error(case, by, attempt.pk, reason)


def test_a_wrong_reached_no_longer_is_a_first_contact_and_the_case_is_due(ann, bo):
    case = called(case_like(DANA), ann, "reached")
    assert not queues.rows(queues.to_do(ann, timezone.now())).exists()
    correct(case, bo)
    stored = Case.objects.get()
    assert (stored.first_contact_at, stored.status, stored.next_action) == (None, "new", "first_contact")
    assert queues.rows(queues.to_do(ann, timezone.now())).get() == case
    attempt = ContactAttempt.objects.get()
    assert (attempt.error_by, attempt.error_reason, attempt.outcome) == (bo, "Another case.", "reached")
    assert CaseChange.objects.filter(what="corrected").get().before == "Called: Reached"


def test_the_other_contacts_go_on_counting(ann):
    hours = [timezone.now() - timedelta(hours=each) for each in (3, 2, 1)]
    case = case_like(BOB, ago=timedelta(hours=5))
    for at in hours:
        called(case, ann, "message", at)
    correct(case, ann, ContactAttempt.objects.get(at=hours[0]))
    stored = Case.objects.get()
    assert (stored.first_contact_at, stored.status, stored.next_action) == (hours[1], "in_contact", "review")
    [row] = list_rows.rows_of([stored], ann, timezone.now())
    assert row.tried.startswith("2 tries")


def test_it_counts_neither_for_the_policy_nor_for_ending_an_urgent_case(ann):
    case = called(case_like(CHARLIE), ann, "no_answer")
    before = reaching.shortfall(case).attempts
    correct(case, ann)
    assert reaching.shortfall(case).attempts == before + 1
    urgent = called(new_case(DANA), ann, "no_answer")
    correct(urgent, ann)
    with pytest.raises(TransitionNotAllowed, match="Log a contact attempt"):
        workflow.close(urgent, ann, "declined")


@pytest.mark.parametrize("end", ["placed", "closed"])
def test_in_a_finished_case_a_contact_can_be_corrected_and_it_stays_finished(ann, end):
    case = called(new_case(BOB), ann, "reached")
    workflow.record_disposition(case, ann, "iop")
    place(case, ann) if end == "placed" else workflow.close(case, ann, "declined")
    correct(case, ann)
    stored = Case.objects.get()
    next_action = "arrival" if end == "placed" else ""
    assert (stored.status, stored.next_action, stored.first_contact_at) == (end, next_action, None)


def test_an_assessed_case_stays_assessed_and_is_due(ann):
    case = called(new_case(BOB), ann, "reached")
    workflow.record_disposition(case, ann, "iop")
    correct(case, ann)
    stored = Case.objects.get()
    assert (stored.status, stored.chosen) == ("assessed", "iop")
    assert stored.is_due(timezone.now())


@pytest.mark.parametrize(("reason", "field"), [("", "wrong_reason"), ("  ", "wrong_reason")])
def test_a_correction_needs_a_reason(ann, reason, field):
    case = called(new_case(), ann)
    with pytest.raises(TransitionNotAllowed) as refused:
        correct(case, ann, reason=reason)
    assert refused.value.field == field


def test_a_contact_is_corrected_once_and_only_in_its_own_case(ann):
    case, other = called(new_case(), ann), new_case()
    attempt = ContactAttempt.objects.get()
    with pytest.raises(TransitionNotAllowed):
        correct(other, ann, attempt)
    correct(case, ann, attempt)
    with pytest.raises(TransitionNotAllowed, match="marked already"):
        correct(case, ann, attempt)


def test_a_correction_of_what_has_changed_is_refused(ann, bo):
    case = called(new_case(), ann)
    workflow.add_note(Case.objects.get(), bo, "Meanwhile.")
    with pytest.raises(EditConflict):
        correct(case, ann)
    assert ContactAttempt.objects.get().error_at is None


# ---- the page


def post(client, case: Case, **fields: object):
    last = CaseChange.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    version = Case.objects.get(pk=case.pk).version
    return client.post(case_url(case), {"version": version, "since": last, "save": "1", **fields})


def test_the_page_strikes_it_through_and_says_by_whom_and_why(ann):
    client, case = at_desk("ann"), new_case()
    assert "Entered in error" not in client.get(case_url(case)).text
    workflow.note_attempt(case, ann, "call", "reached", note="Wants mornings.")
    attempt = ContactAttempt.objects.get()
    assert f'<option value="{attempt.pk}">' in client.get(case_url(case)).text
    for fields, field in (({"wrong": attempt.pk}, "wrong_reason"), ({"wrong_reason": "x"}, "wrong")):
        response = post(client, case, **fields)
        assert response.status_code == 422
        assert list(response.context["form"].errors) == [field]
    assert post(client, case, wrong=attempt.pk, wrong_reason="Another case.").status_code == 302
    html = client.get(case_url(case)).text
    for words in (
        "<s>Called: Reached</s>",
        "<s>Wants mornings.</s>",
        "Entered in error, marked by ann: Another case.",
    ):
        assert words in html
    assert f'<option value="{attempt.pk}">' not in html


def test_a_wrong_contact_and_the_right_one_are_saved_together(ann):
    client, case = at_desk("ann"), called(new_case(), ann, "reached")
    wrong = ContactAttempt.objects.get()
    fields = {"wrong": wrong.pk, "wrong_reason": "It was no answer.", "how": "call", "attempt": "no_answer"}
    assert post(client, case, **fields).status_code == 302
    stored = Case.objects.get()
    assert (stored.first_contact_at, stored.status, stored.next_action) == (None, "in_contact", "try_again")


def test_reasons_of_corrections_are_deleted_with_the_case(ann):
    case = called(new_case(), ann)
    correct(case, ann)
    erase(case.submission)
    assert not ContactAttempt.objects.exists()
    assert CaseChange.objects.get(what="corrected").before == ""
