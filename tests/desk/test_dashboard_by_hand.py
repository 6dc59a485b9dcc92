"""Each figure of the dashboard, counted again in plain Python over all rows, and the cases that its link opens."""

from collections import Counter
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from recommend.desk.dashboard import figures
from recommend.desk.dashboard.agreement import agreement_by_rule
from recommend.desk.dashboard.conditions import AGES, condition_of
from recommend.desk.models import Case, ContactAttempt, Disposition, Placement, PlacementState
from recommend.engine import Level
from recommend.programs.models import Program
from tests.support.made_up_cases import make_cases
from tests.support.staff import sign_in

pytestmark = pytest.mark.django_db

LEVELS = ("outpatient", "iop", "php", "inpatient")
DAYS = 90


@pytest.fixture(params=[300, pytest.param(5000, marks=pytest.mark.slow)])
def now(request):
    at = timezone.now()
    make_cases(request.param, at)
    return at


def in_window(now) -> list[Case]:
    return [case for case in Case.objects.all() if case.opened_at >= now - timedelta(days=DAYS)]


def counts(found) -> list[int]:
    return [figure.count for figure in found]


def same_cases(figure, now) -> bool:
    """Whether the link of a figure opens as many cases as it says."""
    return Case.objects.filter(condition_of(figure.name, now)).count() == figure.count


def test_levels_ages_and_arrivals_by_hand(now):
    cases = in_window(now)
    by_level = Counter(case.level for case in cases)
    found = figures.levels(DAYS, now)
    assert counts(found) == [by_level[level] for level in (*LEVELS, "")]
    assert sum(by_level.values()) > 30
    waiting = [now - case.opened_at for case in Case.objects.all() if case.finished_at is None]
    ages = figures.open_by_age(DAYS, now)
    assert counts(ages) == [sum(low <= age < high for age in waiting) for _label, low, high in AGES]
    assert sum(counts(ages)) == len(waiting)
    days = Counter(
        timezone.localdate(case.submission.sent_at) for case in Case.objects.select_related("submission")
    )
    today = timezone.localdate(now)
    arrived = figures.arrivals(DAYS, now)
    assert counts(arrived) == [days[today - timedelta(days=29 - number)] for number in range(30)]
    assert all(same_cases(figure, now) for figure in (*found, *ages, *arrived))


def test_the_funnel_by_hand(now):
    reached = {
        each.case_id
        for each in ContactAttempt.objects.all()
        if each.outcome == "reached" and not each.error_at
    }
    arrivals = Counter(each.case_id for each in right_placements() if each.state in ("arrived", "finished"))
    for row, tier in zip(figures.funnel(DAYS, now), (1, 2, 3, 4), strict=True):
        cases = [case for case in in_window(now) if case.tier == tier]
        arrived = [case for case in cases if arrivals[case.pk]]
        placed = [case for case in cases if case.status == "placed" or case in arrived]
        assessed = [case for case in cases if case.chosen or case in placed]
        spoken = [case for case in cases if case.pk in reached or case in assessed]
        assert counts(row.figures) == [len(each) for each in (cases, spoken, assessed, placed, arrived)]
        assert all(same_cases(figure, now) for figure in row.figures)


def right_placements() -> list[Placement]:
    return [each for each in Placement.objects.select_related("case") if not each.error_at]


def test_placements_by_program_by_hand(now):
    recent = [each for each in right_placements() if each.case.opened_at >= now - timedelta(days=DAYS)]
    rows = figures.by_program(DAYS, now)
    names = {each.pk: each.name for each in Program.objects.all()} | {None: "Outside the list"}
    assert {row.label for row in rows} == {names[each.program_id] for each in recent}
    assert rows[-1].label == "Outside the list"
    with_start = {"start_set", "arrived", "no_show", "finished"}
    for row in rows:
        here = [each for each in recent if names[each.program_id] == row.label]
        states = (set(PlacementState.values), with_start, {"arrived", "finished"}, {"no_show"}, {"declined"})
        assert counts(row.figures) == [
            len({each.case_id for each in here if each.state in counted}) for counted in states
        ]
        assert all(same_cases(figure, now) for figure in row.figures)


def test_first_contacts_by_hand(now):
    for row, urgent in zip(figures.first_contact(DAYS, now), (True, False), strict=True):
        cases = [case for case in in_window(now) if case.urgent == urgent]
        took = sorted(case.first_contact_at - case.opened_at for case in cases if case.first_contact_at)
        without = [case for case in cases if case.first_contact_at is None and case.finished_at is None]
        assert (row.contacted.count, row.without.count) == (len(took), len(without))
        assert row.median == figures.duration_text(took[(len(took) - 1) // 2])
        assert row.p90 == figures.duration_text(took[(len(took) * 9 - 1) // 10])
        assert all(same_cases(figure, now) for figure in (row.contacted, row.without))


def last_decisions(now) -> list[Disposition]:
    last = {
        each.case_id: each for each in Disposition.objects.order_by("pk").select_related("case__submission")
    }
    return [each for each in last.values() if each.at >= now - timedelta(days=DAYS)]


def test_the_cross_table_by_hand(now):
    pairs = Counter((each.recommended, each.level) for each in last_decisions(now))
    for row, recommended in zip(figures.matrix(DAYS, now), (*LEVELS, ""), strict=True):
        assert counts(row.figures) == [pairs[recommended, level] for level in LEVELS]
        assert all(same_cases(figure, now) for figure in row.figures)
    assert len(pairs) > 8


def test_what_the_recommendation_did_by_hand(now):
    said = figures.effects(DAYS, now)
    last = last_decisions(now)
    minutes = [each.minutes_saved for each in last if each.minutes_saved is not None]
    assert said.changed.count == sum(each.changed_decision is True for each in last) > 3
    assert said.unchanged.count == sum(each.changed_decision is False for each in last) > 3
    assert (said.timed.count, said.minutes) == (len(minutes), sum(minutes))
    assert said.average == str(round(sum(minutes) / len(minutes)))
    assert all(same_cases(figure, now) for figure in (said.changed, said.unchanged, said.timed))


def test_agreement_by_rule_by_hand(now):
    by_hand = Counter()
    for each in last_decisions(now):
        rules = {reason["rule"] for reason in each.case.submission.recommendation.outcome["reasons"]}
        above = Level.of(each.level) - Level.of(each.recommended)
        for rule in rules or {""}:
            by_hand[rule, "same" if not above else "higher" if above > 0 else "lower"] += 1
    rows = agreement_by_rule(DAYS, now)
    found = {(row.rule, each.label): each for row in rows for each in (row.lower, row.same, row.higher)}
    assert {key: figure.count for key, figure in found.items() if figure.count} == dict(by_hand)
    for figure in list(found.values())[:6]:
        assert same_cases(figure, now)


def test_a_link_opens_the_cases_in_the_list(now):
    sign_in(client := Client(), "clinical lead")
    for figure in (figures.levels(DAYS, now)[0], agreement_by_rule(DAYS, now)[0].higher):
        page = client.get("/staff/desk/case/", {"list": "all", "figure": figure.name})
        assert page.context["cl"].result_count == figure.count
        assert "Cases behind a number" in page.text
