"""The made-up cases at the desk: all that a desk must cope with, come about by the real workflow."""

import io
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.utils import timezone

from recommend.desk import queues
from recommend.desk.models import (
    AT_DESK,
    DIFFERS,
    Case,
    CaseChange,
    CaseStatus,
    ContactAttempt,
    Disposition,
    Note,
    Placement,
    PlacementStep,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def cases(demo_made, db):
    return list(Case.objects.select_related("assignee"))


def test_there_is_work_on_every_list_and_some_is_late(cases):
    now = timezone.now()
    lengths = {each.key: each.count for each in queues.lengths(User.objects.get(username="coordinator"), now)}
    assert min(lengths.values()) >= 8
    assert {case.status for case in cases} == {*CaseStatus}
    late = [case for case in cases if queues.late_marks(case, now)]
    assert 3 <= len(late) <= 15
    assert any(case.urgent for case in late)
    assert Case.objects.filter(DIFFERS).count() >= 3


def test_what_the_colleague_has_is_to_do_for_others_only_where_it_is_late(cases):
    now = timezone.now()
    for name, other in (("colleague", "coordinator"), ("coordinator", "colleague")):
        to_do = queues.rows(queues.to_do(User.objects.get(username=other), now))
        theirs = list(to_do.filter(assignee__username=name))
        assert theirs == [case for case in theirs if queues.late_marks(case, now)]
    assert Case.objects.filter(AT_DESK, assignee__username="colleague").exists()


def test_demo_case_state_follows_from_its_history(cases):
    for case in cases:
        assert (case.version > 1) == CaseChange.objects.filter(case=case).exists()
        attempts = ContactAttempt.objects.filter(case=case)
        assert attempts.exists() == (case.status != CaseStatus.NEW)
        dispositions = Disposition.objects.filter(case=case)
        assert case.chosen == (dispositions.first().level if dispositions else "")
        assert (case.status == CaseStatus.PLACED) <= bool(case.chosen)
        assert (case.status == CaseStatus.PLACED) == Placement.objects.current().filter(case=case).exists()


def test_everything_happened_after_it_was_sent_and_before_now(cases):
    now = timezone.now()
    for case in cases:
        for kind in (CaseChange, ContactAttempt, Note, Disposition, Placement, PlacementStep):
            for at in kind.objects.filter(case=case).values_list("at", flat=True):
                assert case.opened_at < at <= now
        times = (case.assigned_at, case.acknowledged_at, case.first_contact_at, case.finished_at)
        in_order = [at for at in times if at]
        assert in_order == sorted(in_order)
        assert not case.assigned_at or case.assigned_at == case.acknowledged_at
        assert not (
            case.urgent and case.acknowledged_at
        ) or case.acknowledged_at - case.opened_at < timedelta(hours=1)


def test_a_second_run_leaves_it_alone(cases):
    before = list(Case.objects.order_by("pk").values())
    call_command("demo", stdout=io.StringIO())
    assert list(Case.objects.order_by("pk").values()) == before


def test_the_colleague_cannot_sign_in(cases):
    assert not User.objects.get(username="colleague").has_usable_password()
