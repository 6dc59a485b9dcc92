"""The work at the desk on made-up cases: one person who is never reached, and where there is no demo."""

import io

import pytest
from django.core.management import CommandError, call_command

from recommend.desk.management.commands import demo_work
from recommend.desk.models import (
    Case,
    CaseStatus,
    ContactAttempt,
)

pytestmark = pytest.mark.django_db


def test_demo_person_never_reached_is_tried_as_the_policy_asks_then_closed(monkeypatch):
    monkeypatch.setattr(demo_work, "NEVER_REACHED", 100)
    call_command("demo", stdout=io.StringIO())
    closed = Case.objects.filter(status=CaseStatus.CLOSED)
    assert {case.outcome for case in closed} == {"not_reached"}
    assert {attempt.outcome for attempt in ContactAttempt.objects.all()} == {"no_answer"}
    assert {case.contactattempts.count() for case in closed} == {demo_work.TRIES}
    assert not closed.filter(urgent=True).exists()
    assert Case.objects.filter(next_action="lead_review", urgent=True).exists()


def test_refused_in_production(db, settings):
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="PRODUCTION"):
        call_command("demo_work")
