"""Two cases of one person become one: nothing is lost, nothing urgent is hidden, and it can be undone."""

from datetime import timedelta

import pytest
from django.db import IntegrityError
from django.test import Client
from django.utils import timezone

from recommend.desk import queues, workflow
from recommend.desk.models import AccessEvent, Case, CaseChange, ContactAttempt, Note
from recommend.desk.submissions.erase import erase
from recommend.desk.workflow import EditConflict, TransitionNotAllowed
from tests.support.case_forms import page
from tests.support.cases import at_desk, called, case_like, case_url, may_only_look, new_case, user
from tests.support.people import ALICE, BOB, DANA
from tests.support.placements import place
from tests.support.staff import staff_user
from tests.support.submissions import send_again, send_answers

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


@pytest.fixture
def ann(db):
    return user("ann")


@pytest.fixture
def desk(ann) -> Client:
    return at_desk("ann")


def now(case: Case) -> Case:
    return Case.objects.get(pk=case.pk)


def merged(ann, duplicate: Case, kept: Case) -> tuple[Case, Case]:
    workflow.merge(duplicate, ann, into=kept)
    return now(duplicate), now(kept)


def url(case: Case, other: Case) -> str:
    return f"/staff/desk/case/{case.pk}/merge/?other={other.pk}"


def send(client: Client, case: Case, other: Case, keep: Case, **seen: int):
    versions = {f"version_{each.pk}": now(each).version for each in (case, other)}
    return client.post(url(case, other), versions | {"keep": keep.pk} | seen)


# ---- the step


def test_a_duplicate_is_closed_and_points_to_the_case_that_stays(ann):
    duplicate, kept = merged(ann, case_like(BOB), case_like(BOB))
    assert (duplicate.status, duplicate.outcome, duplicate.merged_into) == ("closed", "duplicate", kept)
    assert duplicate.next_action_at is None
    assert kept.is_open
    lines = {(line.case_id, line.before, line.after) for line in CaseChange.objects.filter(what="merged")}
    assert lines == {(duplicate.pk, "", kept.reference), (kept.pk, "", duplicate.reference)}


def test_what_is_more_urgent_of_the_two_holds_for_the_case_that_stays(ann):
    crisis = case_like(DANA, next_action_at=timezone.now() - HOUR)
    calm = case_like(ALICE, status="in_contact", next_action_at=timezone.now() + HOUR)
    due = crisis.next_action_at
    _duplicate, kept = merged(ann, crisis, calm)
    assert (kept.tier, kept.urgent, kept.urgent_because) == (crisis.tier, True, crisis.urgent_because)
    assert kept.next_action_at == due
    assert Case.objects.filter(queues.to_do(ann, timezone.now())).get() == kept


def test_what_is_less_urgent_changes_nothing_of_the_case_that_stays(ann):
    calm, crisis = (
        case_like(ALICE, status="in_contact", next_action_at=timezone.now() + HOUR),
        case_like(DANA),
    )
    _duplicate, kept = merged(ann, calm, crisis)
    assert (kept.tier, kept.next_action_at) == (crisis.tier, crisis.next_action_at)


def test_a_contact_with_the_duplicate_was_one_with_the_person(ann):
    kept = case_like(BOB)
    duplicate = called(case_like(BOB), ann)
    _duplicate, kept = merged(ann, duplicate, kept)
    assert kept.first_contact_at == duplicate.first_contact_at


@pytest.mark.parametrize("finished", [0, 1])
def test_a_finished_case_is_not_merged(ann, finished):
    cases = [case_like(BOB), case_like(BOB)]
    cases[finished] = case_like(BOB, status="placed")
    with pytest.raises(TransitionNotAllowed, match="Reopen it first"):
        workflow.merge(cases[0], ann, into=cases[1])
    assert not Case.objects.filter(merged_into__isnull=False).exists()


@pytest.mark.parametrize("placed_stays", [True, False])
def test_a_placed_case_is_not_merged_and_still_asks_whether_they_arrived(ann, placed_stays):
    placed = place(case_like(BOB, status="assessed", chosen="iop"), ann)
    open_case = case_like(BOB, next_action_at=timezone.now() - HOUR)
    duplicate, kept = (open_case, placed) if placed_stays else (placed, open_case)
    with pytest.raises(TransitionNotAllowed) as refused:
        workflow.merge(now(duplicate), ann, into=now(kept))
    assert (refused.value.field, refused.value.words) == (
        "keep",
        f"{placed.reference} is placed. Say first how it went there.",
    )
    assert (now(placed).next_action, now(open_case).merged_into) == ("arrival", None)


def test_a_case_is_not_merged_with_itself_nor_with_what_others_are_merged_into(ann):
    first, second, third = case_like(BOB), case_like(BOB), case_like(BOB)
    with pytest.raises(TransitionNotAllowed, match="the same case"):
        workflow.merge(first, ann, into=first)
    workflow.merge(first, ann, into=second)
    with pytest.raises(TransitionNotAllowed, match="Keep this one instead"):
        workflow.merge(now(second), ann, into=third)
    workflow.merge(third, ann, into=now(second))
    assert Case.objects.filter(merged_into=second).count() == 2


@pytest.mark.parametrize("changed", [0, 1])
def test_a_case_that_somebody_changed_meanwhile_is_not_merged(ann, changed):
    cases = [case_like(BOB), case_like(BOB)]
    workflow.add_note(now(cases[changed]), user("bo"), "Meanwhile.")
    with pytest.raises(EditConflict):
        workflow.merge(cases[0], ann, into=cases[1])
    assert all(now(case).is_open for case in cases), "nothing was saved of either"


def test_only_a_duplicate_is_stored_as_merged(ann):
    first, second = case_like(BOB), case_like(BOB)
    with pytest.raises(IntegrityError):
        Case.objects.filter(pk=first.pk).update(merged_into=second)


# ---- nothing is lost


def test_one_timeline_shows_what_happened_to_both(ann, desk):
    kept, duplicate = case_like(BOB), case_like(BOB)
    called(duplicate, user("bo"), "message")
    workflow.add_note(duplicate, user("bo"), "Words about the sister.")
    merged(ann, duplicate, kept)
    timeline = page(desk, kept).partition('id="history"')[2]
    for words in (f"{duplicate.reference}: Called: Left a message", f"{duplicate.reference}: Note",
                  "Words about the sister.", f"{duplicate.reference}: Sent by the person",
                  f"Merged: {duplicate.reference}"):  # fmt: skip
        assert words in timeline, words
    assert (ContactAttempt.objects.count(), Note.objects.count()) == (1, 1)


def test_contacts_of_the_duplicate_are_corrected_on_its_own_page_only(ann, desk):
    kept, duplicate = case_like(BOB), called(case_like(BOB), ann)
    merged(ann, duplicate, kept)
    assert 'name="wrong"' not in page(desk, kept)


def test_a_merge_is_undone_by_reopening_with_a_reason(ann, desk):
    crisis, kept = case_like(DANA), case_like(ALICE)
    duplicate, kept = merged(ann, crisis, kept)
    assert f">{kept.reference}</a>" in page(desk, duplicate)
    version = kept.version
    with pytest.raises(TransitionNotAllowed):
        workflow.reopen(duplicate, ann, "")
    workflow.reopen(duplicate, ann, "Two sisters with one phone.")
    duplicate, kept = now(duplicate), now(kept)
    assert duplicate.is_open
    assert duplicate.merged_into is None
    assert duplicate.next_action_at is not None
    assert kept.version == version + 1, "a colleague who has it open sees that it changed"
    assert kept.urgent, "what was urgent stays so until somebody looks"
    timeline = page(desk, kept).partition('id="history"')[2]
    assert f"Merge undone: {duplicate.reference}" in timeline
    assert "Two sisters with one phone." in timeline
    assert f"{duplicate.reference}: Sent" not in timeline


def test_a_person_who_sends_again_opens_their_merged_case(ann):
    client = Client()
    send_answers(client, BOB)
    duplicate, _kept = merged(ann, Case.objects.get(), case_like(BOB))
    send_again(client, BOB)
    assert now(duplicate).is_open
    assert now(duplicate).merged_into is None


@pytest.mark.parametrize("which", ["duplicate", "kept"])
def test_each_case_is_erased_by_itself(ann, desk, which):
    cases = dict(
        zip(("duplicate", "kept"), merged(ann, called(case_like(BOB), ann), case_like(BOB)), strict=True)
    )
    erase(cases[which].submission)
    assert now(cases[which]).erased_at
    other = cases["kept" if which == "duplicate" else "duplicate"]
    html = page(desk, other)
    assert "Called: Reached" not in html or which == "kept"


# ---- the page


def test_the_hint_of_a_possible_duplicate_leads_to_the_merge(desk):
    first, second = new_case(BOB), new_case(BOB)
    assert f'href="{url(first, second)}"' in page(desk, first)
    html = desk.get(url(first, second)).text
    assert html.count("Robin Example") == 2
    event = AccessEvent.objects.first()
    assert (event.verb, event.what) == ("read", second.reference)


@pytest.mark.parametrize("keep", [0, 1])
def test_the_page_merges_into_the_chosen_number(desk, keep):
    cases = [new_case(BOB), new_case(BOB)]
    response = send(desk, *cases, keep=cases[keep])
    assert response["Location"] == case_url(cases[keep])
    assert now(cases[1 - keep]).merged_into == cases[keep]


def test_the_page_says_when_somebody_changed_one_meanwhile(desk):
    first, second = new_case(BOB), new_case(BOB)
    seen = {f"version_{second.pk}": second.version}
    workflow.add_note(now(second), user("bo"), "Meanwhile.")
    refused = send(desk, first, second, keep=first, **seen)
    assert refused.status_code == 409
    assert "Somebody changed one of the cases meanwhile" in refused.text
    assert now(second).is_open
    assert f'name="version_{second.pk}" value="{now(second).version}"' in refused.text
    assert send(desk, first, second, keep=first).status_code == 302


def test_the_page_says_why_it_refuses(desk, ann):
    first, second = new_case(BOB), case_like(BOB, status="placed")
    assert "Merge with" not in page(desk, first)
    refused = send(desk, first, second, keep=first)
    assert refused.status_code == 422
    assert "This case is closed. Reopen it first." in refused.text
    assert send(desk, first, second, keep=case_like(BOB)).status_code == 422


@pytest.mark.parametrize("other", ["", "x", "0", "9" * 30, "same", "erased"])
def test_without_another_case_the_page_leads_back(desk, other):
    case, gone = new_case(BOB), new_case(BOB)
    erase(gone.submission)
    asked = {"same": case.pk, "erased": gone.pk}.get(other, other)
    assert desk.get(f"/staff/desk/case/{case.pk}/merge/?other={asked}")["Location"] == case_url(case)


def test_who_may_only_look_does_not_merge(ann, desk):
    first, second = new_case(BOB), new_case(BOB)
    may_only_look(ann)
    assert "Merge with" not in page(desk, first)
    assert send(desk, first, second, keep=first).status_code == 403
    assert now(second).is_open
    assert not staff_user("administrator").has_perm("desk.change_case")
