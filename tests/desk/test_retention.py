"""Finished cases are deleted when their period is over, with every row about the person; a legal hold keeps them."""

import io
from datetime import timedelta

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import models
from django.test import Client
from django.utils import timezone

from carenav.clinic.retention_periods import read_retention
from intake.models import Draft, Submission
from recommend.desk import workflow
from recommend.desk.models import (
    Case,
    CaseOutcome,
    Export,
    OutboxMessage,
    Placement,
    PlacementState,
    PlacementStep,
    Presence,
    Removal,
    UnsavedWork,
)
from recommend.desk.retention import purge as purge_module
from recommend.desk.retention.holds import end_hold, hold_of, set_hold
from recommend.desk.retention.purge import due, purge
from tests.support.cases import at_desk, called, case_like, case_url, new_case, user
from tests.support.database import everything_stored
from tests.support.people import ALICE
from tests.support.staff import sign_in, staff_user
from tests.support.submissions import CANARIES, change, send_again, send_answers

pytestmark = pytest.mark.django_db

YEARS = timedelta(days=366)


def run(*options: str) -> list[str]:
    out = io.StringIO()
    call_command("purge_cases", *options, stdout=out)
    return out.getvalue().splitlines()


def finished(outcome: str, ago: timedelta, **fields) -> Case:
    """Return a case that was finished so long ago."""
    status = "placed" if outcome == "placed" else "closed"
    given = {"outcome": outcome} if status == "closed" else {}
    return case_like(status=status, finished_at=timezone.now() - ago, **given, **fields)


# ---- which


def test_the_setting_names_each_outcome():
    assert {*read_retention("")} == {"placed", *CaseOutcome.values}


@pytest.mark.parametrize("outcome", read_retention(""))
def test_a_case_is_due_when_the_period_of_its_outcome_is_over(outcome, settings):
    settings.RETENTION = read_retention(f"{outcome}=30d")
    kept, gone = (finished(outcome, timedelta(days=days)) for days in (29, 31))
    assert [*due(timezone.now())] == [gone]
    assert run() == ["cases deleted: 1"]
    assert Case.objects.get() == kept


def test_what_is_kept_by_default_and_for_how_long():
    finished("placed", 50 * YEARS)
    finished("declined", 7 * YEARS - timedelta(days=1))
    finished("duplicate", 1 * YEARS - timedelta(days=1))
    assert run() == ["cases deleted: 0"]
    assert read_retention("")["declined"] == 7 * YEARS
    assert read_retention("placed=10y")["placed"] == 10 * YEARS


def test_open_cases_and_those_to_be_looked_at_again_are_never_due():
    case_like(ago=50 * YEARS)
    finished("declined", 50 * YEARS, stale_because="rules")
    assert run() == ["cases deleted: 0"]


def test_a_dry_run_counts_by_outcome_and_deletes_nothing():
    finished("declined", 8 * YEARS)
    finished("declined", 8 * YEARS)
    finished("duplicate", 2 * YEARS)
    before = everything_stored()
    assert run("--dry-run") == ["declined: 2", "duplicate: 1", "cases that would be deleted: 3"]
    assert everything_stored() == before


# ---- everything about the person


def reached() -> set[type[models.Model]]:
    """Return each model with a relation to a case or a submission, at any distance."""
    found: set[type[models.Model]] = {Case, Submission}
    while more := {
        model
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.local_fields
        if field.is_relation and field.related_model in found and model not in found
    }:
        found |= more
    return found


def rows() -> dict[type[models.Model], int]:
    return {model: model._base_manager.count() for model in reached()}


def full_case() -> Case:
    """Return a finished case with a row of every kind that a case can have."""
    client = Client()
    send_answers(client, ALICE)
    send_again(client)
    cora = user("cora")
    case = Case.objects.latest("pk")
    called(case, cora, "no_answer")
    attempt = case.contactattempts.first()
    OutboxMessage.objects.create(kind=OutboxMessage.Kind.TO_PERSON, case=case, attempt=attempt)
    workflow.add_note(case, cora, "a note")
    workflow.add_call_answers(case, cora, [workflow.Learned("q", "asked", "learned")])
    workflow.record_disposition(case, cora, case.level, "", "")
    UnsavedWork.objects.create(case=case, by=cora, typed="typed")
    Presence.objects.create(case=case, user=cora)
    set_hold(case, cora, "a court", None)
    end_hold(case, cora)
    placement = Placement.objects.create(case=case, elsewhere="Harbor", state=PlacementState.values[0])
    PlacementStep.objects.create(case=case, placement=placement, by=cora, state=placement.state)
    Export.store(Case.objects.filter(pk=case.pk), cora, with_substance_use=False)
    change(client)
    at_desk().get(case_url(case))
    Case.objects.filter(pk=case.pk).update(
        status="closed",
        outcome="declined",
        finished_at=timezone.now() - 8 * YEARS,
        stale_since=None,
        stale_because="",
        next_action="",
        next_action_at=None,
    )
    return case


def test_no_row_of_any_model_that_leads_to_the_case_is_left():
    new_case()
    without = rows()
    case = full_case()
    keys = {*Submission.objects.filter(reference=case.reference).values_list("key", flat=True)}
    assert len(keys) == 2
    assert len(without) >= 16
    # A new model with a relation to a case must be filled in above, or this test is blind to it.
    assert [model.__name__ for model, count in rows().items() if count <= without[model]] == []
    assert run() == ["cases deleted: 1"]
    assert rows() == without
    stored = everything_stored()
    assert not [word for word in CANARIES.values() if word in stored]
    named = [row for row in stored.splitlines() if case.reference in row]
    assert {row.partition(":")[0] for row in named} == {"desk_accessevent"}
    assert {*Removal.objects.values_list("key", "why")} == {(key, "purged") for key in keys}


def test_a_merged_case_goes_with_the_case_that_stays_and_holds_it_too():
    stays = finished("declined", 8 * YEARS)
    merged = finished("duplicate", 8 * YEARS, merged_into=stays)
    set_hold(merged, user("lee"), "a court", None)
    assert run() == ["cases deleted: 0"]
    end_hold(merged, user("lee"))
    assert run() == ["cases deleted: 1"]
    assert not Case.objects.exists()
    assert not Submission.objects.exists()


# ---- legal hold


def test_a_case_on_hold_is_kept_until_its_last_day_or_until_somebody_ends_it():
    case, lead = finished("declined", 8 * YEARS), staff_user("clinical lead", "lee")
    for until in (None, timezone.localdate()):
        set_hold(case, lead, "a court", until)
        assert run() == ["cases deleted: 0"]
    assert case.holds.count() == 2
    end_hold(case, lead)
    assert hold_of(case) is None
    assert run() == ["cases deleted: 1"]


def test_a_hold_whose_last_day_is_over_keeps_nothing():
    case = finished("declined", 8 * YEARS)
    set_hold(case, staff_user("clinical lead", "lee"), "a court", timezone.localdate() - timedelta(days=1))
    assert hold_of(case) is None
    assert run() == ["cases deleted: 1"]


def test_a_lead_sets_and_ends_a_hold_on_its_page_and_the_history_says_so():
    client, case = Client(), new_case()
    sign_in(client, "clinical lead", "lee")
    path = case_url(case).replace("change", "hold")
    assert client.post(path, {"why": "", "until": "2020-01-01"}).status_code == 422
    assert hold_of(case) is None
    assert client.post(path, {"why": "letter 17 of a court", "until": ""})["Location"] == case_url(case)
    page = client.get(case_url(case)).content.decode()
    assert f'href="{path}"' in page
    assert "Legal hold until somebody ends it" in page
    assert "Legal hold: until somebody ends it" in page
    assert "letter 17 of a court" in page
    assert "letter 17 of a court" not in everything_stored()
    assert "set by lee" in client.get(path).content.decode()
    client.post(path, {"end": "yes", "seen": hold_of(case).pk})
    assert hold_of(case) is None
    page = client.get(case_url(case)).content.decode()
    assert "Legal hold: ended" in page


@pytest.mark.parametrize("pressed", [{"end": "yes"}, {"why": "letter 18", "until": "2999-01-01"}])
def test_a_hold_that_another_lead_changed_meanwhile_stays_and_nothing_typed_is_lost(pressed):
    client, case = Client(), new_case()
    sign_in(client, "clinical lead", "lee")
    set_hold(case, staff_user("clinical lead", "ann"), "the first court", None)
    seen = hold_of(case).pk
    set_hold(case, staff_user("clinical lead", "bo"), "another court", None)
    response = client.post(case_url(case).replace("change", "hold"), pressed | {"seen": seen})
    page = response.content.decode()
    assert (response.status_code, hold_of(case).why) == (409, "another court")
    assert "changed in the meantime" in page
    assert "another court" in page
    assert pressed.get("why", "") in page


def test_a_hold_set_after_the_purge_looked_keeps_the_case(monkeypatch):
    case, lee = finished("declined", 8 * YEARS), staff_user("clinical lead", "lee")
    looks = []

    def look(now):
        looks.append(now)
        if len(looks) == 2:  # between the look and the deletion
            set_hold(case, lee, "a court", None)
        return due(now)

    monkeypatch.setattr(purge_module, "due", look)
    assert purge(timezone.now()) == 0
    assert Case.objects.get() == case


def test_ending_a_hold_that_is_over_writes_no_history():
    case, lee = finished("declined", YEARS), staff_user("clinical lead", "lee")
    set_hold(case, lee, "a court", timezone.localdate() - timedelta(days=1))
    before = case.changes.count()
    end_hold(case, lee)
    assert case.changes.count() == before


def test_a_coordinator_cannot_set_a_hold_and_sees_no_link():
    client, case = at_desk("cora"), new_case()
    path = case_url(case).replace("change", "hold")
    assert client.post(path, {"why": "x"}).status_code == 403
    assert hold_of(case) is None
    assert path not in client.get(case_url(case)).content.decode()


def test_the_person_deletes_what_they_sent_also_on_hold(client):
    send_answers(client, ALICE)
    case = Case.objects.get()
    set_hold(case, staff_user("clinical lead", "lee"), "about alice", None)
    client.post("/delete/", {"here": "yes"})
    case.refresh_from_db()
    assert case.erased_at
    assert not case.holds.exists()


# ---- interrupted


def test_a_run_that_is_stopped_leaves_whole_cases_and_the_next_goes_on(monkeypatch):
    monkeypatch.setattr(purge_module, "BATCH", 2)
    for _ in range(5):
        finished("declined", 8 * YEARS)

    class Killed(BaseException):
        pass

    def kill(deleted: int) -> None:
        raise Killed

    with pytest.raises(Killed):
        purge(timezone.now(), kill)
    assert (Case.objects.count(), Submission.objects.count(), Removal.objects.count()) == (3, 3, 2)
    assert run() == ["cases deleted: 3"]
    assert run() == ["cases deleted: 0"]
    assert not Submission.objects.exists()
    assert not Draft.objects.exists()
    assert not UnsavedWork.objects.exists()
