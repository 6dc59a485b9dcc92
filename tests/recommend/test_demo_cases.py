"""The made-up cases and programs of `manage.py demo`: they could be true."""

import re
import tomllib
from collections import Counter
from datetime import timedelta

import pytest
from django.utils import timezone

from carenav.plumbing.codes import ALPHABET
from intake import content
from intake.answers import pruned
from recommend.desk.management.commands import demo as command
from recommend.desk.models import Case, CaseStatus, OutboxMessage
from recommend.levels.choices import LevelOfCare
from recommend.programs.models import Program
from recommend.rules.json_lines import recommend

ROWS = tomllib.loads(command.PEOPLE.read_text(encoding="utf-8"))


@pytest.fixture
def cases(demo_made, db):
    return Case.objects.select_related("submission__contact", "submission__recommendation")


def test_sixty_cases_over_all_levels_and_statuses(cases):
    assert cases.count() == 60
    assert min(Counter(case.level for case in cases)[level] for level in LevelOfCare) >= 8
    assert {case.status for case in cases} == {*CaseStatus}
    assert 5 <= sum(case.urgent for case in cases) <= 20
    assert sum(case.urgent and case.status == CaseStatus.NEW for case in cases) >= 2


def test_each_case_is_what_the_engine_says(cases):
    for case in cases:
        answers = case.submission.answers
        said = recommend(content.ruleset(), answers)  # raises where nobody can have answered so
        outcome = case.submission.recommendation.outcome
        assert case.level == case.submission.recommendation.level == outcome["level"] == said["level"]
        assert sorted(reason["rule"] for reason in outcome["reasons"]) == said["reasons"]
        assert case.urgent == bool(said["crisis"] or said["urgent"])
        assert answers == pruned(answers)
        assert answers["share"] == "send"


def test_crisis_answers_are_kept_also_where_they_were_changed(cases):
    with_crisis = [case for case in cases if case.submission.recommendation.outcome["crisis"]]
    assert with_crisis
    assert all(case.submission.crisis_given for case in with_crisis)
    [changed] = [case for case in cases if case.submission.crisis_change]
    [[question, option]] = changed.submission.crisis_given
    assert option not in changed.submission.answers[question]


def test_contact_details_reach_nobody_and_show_what_a_desk_must_cope_with(cases):
    contacts = [case.submission.contact for case in cases]
    assert all(re.fullmatch(r"\(\d{3}\) 555-01\d\d", contact.phone) for contact in contacts if contact.phone)
    assert all(contact.email.endswith("@example.com") for contact in contacts if contact.email)
    assert all(contact.phone for contact in contacts if contact.reach_by in ("phone", "text"))
    assert len({contact.name for contact in contacts}) > 50
    for field in ("phone", "email", "note", "language", "access_needs", "safe_times"):
        assert 3 <= sum(bool(getattr(contact, field)) for contact in contacts) <= 57
    assert {contact.reach_by for contact in contacts} == {"phone", "text", "email", "i_will_call"}


def test_waiting_is_spread_over_the_last_ten_days(cases):
    now = timezone.now()
    ages = [now - case.opened_at for case in cases]
    assert timedelta(0) < min(ages) < timedelta(days=1)
    assert timedelta(days=9) < max(ages) <= timedelta(days=10, minutes=1)
    assert {int(age / timedelta(days=1)) for age in ages} >= set(range(10))
    for case in cases:
        submission = case.submission
        assert (
            case.opened_at
            == submission.sent_at
            == submission.recommendation.made_at
            > submission.consented_at
        )


def test_demo_case_is_recognized_by_its_reference(cases):
    for case in cases:
        assert re.fullmatch(r"DEMO-\d{4}", case.reference)
        assert case.reference == case.submission.reference
    assert not set("DEMO") <= set(ALPHABET)


def test_demo_case_sends_no_mail(cases):
    assert OutboxMessage.objects.count() == 60
    assert not OutboxMessage.objects.filter(sent_at=None).exists()


def test_six_programs_for_the_levels_that_have_a_week(demo_made, cases):
    programs = Program.objects.prefetch_related("sessions")
    assert Counter(program.level for program in programs) == {"outpatient": 1, "iop": 3, "php": 2}
    assert "Added 6 made-up programs" in demo_made
    for program in programs:
        assert program.sessions.all()
        assert "example" in program.name
        assert re.fullmatch(r"\(617\) 555-01\d\d", program.phone)
    assert sum(program.stale(timezone.localdate()) for program in programs) == 1
