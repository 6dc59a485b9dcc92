"""The dashboard: exact numbers that open their cases, for the clinical lead alone."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from intake.content import questionnaire
from intake.models import Submission
from recommend.desk.dashboard import figures
from recommend.desk.dashboard.agreement import agreement_by_rule
from recommend.desk.dashboard.conditions import condition_of
from recommend.desk.models import Case, CaseOutcome, Disposition
from recommend.desk.workflow import NOTHING_NEXT
from recommend.result.models import Recommendation
from tests.support.database import count_queries
from tests.support.people import ALICE, BOB, CHARLIE, DANA
from tests.support.staff import sign_in, staff_user
from tests.support.submissions import CANARIES, send_again, send_answers

pytestmark = pytest.mark.django_db

PATH = "/staff/dashboard/"


def cases_of(person, count: int, **fields) -> list[Case]:
    """So many cases of a person."""
    for _ in range(count):
        send_answers(Client(), person)
    cases = list(Case.objects.order_by("-pk")[:count])
    Case.objects.filter(pk__in=[case.pk for case in cases]).update(**fields)
    return cases


def decide(cases: list[Case], level: str) -> None:
    by = staff_user("coordinator", "judge")
    for case in cases:
        why = {} if level == case.level else {"reason": "other", "text": "a canary of the desk"}
        Disposition.objects.create(case=case, by=by, recommended=case.level, level=level, **why)


def ago(**duration: float):
    return timezone.now() - timedelta(**duration)


def said(lines) -> dict[str, int]:
    return {line.label: line.count for line in lines}


# ---- the numbers


def test_arrivals_by_day_with_today_last_and_nothing_counted_twice():
    cases_of(ALICE, 5)
    client = Client()
    send_answers(client)
    send_again(client)
    Submission.objects.filter(pk=Submission.objects.earliest("pk").pk).update(sent_at=ago(days=31))
    old = [each.pk for each in Submission.objects.order_by("pk")[1:3]]
    Submission.objects.filter(pk__in=old).update(sent_at=ago(days=3))
    lines = figures.arrivals(90, timezone.now())
    assert len(lines) == 30
    today = timezone.localdate()
    assert lines[-1].label == f"{today:%b} {today.day}"
    assert [line.count for line in lines[-5:]] == [0, 2, 0, 0, 3]
    Submission.objects.filter(pk__in=old).update(sent_at=timezone.now())
    assert figures.arrivals(90, timezone.now())[-1].count == 5


def test_first_contact_times_match_the_attempts():
    now = timezone.now()
    for hours in range(1, 11):
        cases_of(ALICE, 1, opened_at=ago(days=2), first_contact_at=ago(days=2) + timedelta(hours=hours))
    cases_of(ALICE, 5)  # still wait
    cases_of(DANA, 5, opened_at=ago(hours=1), first_contact_at=timezone.now() + timedelta(minutes=1))
    cases_of(ALICE, 5, opened_at=ago(days=100), first_contact_at=now)  # too long ago
    urgent, others = figures.first_contact(90, now)
    assert (others.label, others.median, others.p90) == ("Others", "5 hours", "9 hours")
    assert (others.contacted.count, others.without.count) == (10, 5)
    assert (urgent.label, urgent.median, urgent.p90, urgent.without.count) == (
        "Urgent",
        "1 hour",
        "1 hour",
        0,
    )


def test_first_contact_time_of_nobody_is_a_dash():
    cases_of(ALICE, 1)
    assert [(row.median, row.p90) for row in figures.first_contact(90, timezone.now())] == [("–", "–")] * 2


def test_open_cases_are_counted_by_age():
    cases_of(ALICE, 5)
    cases_of(ALICE, 5, opened_at=ago(days=2))
    cases_of(ALICE, 5, opened_at=ago(days=4), status="assessed")
    cases_of(ALICE, 5, opened_at=ago(days=40))
    cases_of(ALICE, 5, opened_at=ago(days=8), status="placed", finished_at=timezone.now(), **NOTHING_NEXT)
    assert list(said(figures.open_by_age(90, timezone.now())).values()) == [5, 5, 5, 0, 5]


def test_levels_without_what_was_deleted_and_with_what_has_none(monkeypatch):
    cases_of(ALICE, 5)
    for case in cases_of(CHARLIE, 5):
        Case.objects.filter(pk=case.pk).update(
            erased_at=timezone.now(),
            status="closed",
            finished_at=timezone.now(),
            outcome=CaseOutcome.ERASED,
            **NOTHING_NEXT,
        )
    with monkeypatch.context() as patch:
        patch.setattr("recommend.result.snapshot.rate", None)
        cases_of(ALICE, 6)
    assert said(figures.levels(90, timezone.now())) == {
        "Outpatient": 5, "IOP": 0, "PHP": 0, "Inpatient evaluation": 0, "No level": 6,
    }  # fmt: skip


def test_the_matrix_counts_the_latest_disposition_of_each_case():
    cases = cases_of(BOB, 5)
    decide(cases, "outpatient")
    decide(cases, "php")
    decide(cases_of(DANA, 5), "inpatient")
    rows = figures.matrix(90, timezone.now())
    found = {row.label: [figure.count for figure in row.figures] for row in rows}
    assert found["IOP"] == [0, 0, 5, 0]
    assert found["Inpatient evaluation"] == [0, 0, 0, 5]
    assert list(found) == ["Outpatient", "IOP", "PHP", "Inpatient evaluation", "No level"]


def agreement() -> dict[str, tuple[int, int, int]]:
    rows = agreement_by_rule(90, timezone.now())
    return {row.rule: (row.lower.count, row.same.count, row.higher.count) for row in rows}


def test_agreement_by_rule_with_the_most_overridden_first():
    decide(cases_of(DANA, 5), "inpatient")
    decide(cases_of(BOB, 5), "outpatient")
    decide(cases_of(BOB, 5), "php")
    decide(cases_of(CHARLIE, 5), "iop")
    decide(cases_of(ALICE, 5), "iop")
    assert agreement() == {
        "weekly-not-enough": (5, 0, 5),
        "": (0, 0, 5),
        "daily-life-failing-severe-needs": (5, 0, 0),
        "suicide-now": (0, 5, 0),
        "plan-or-intent": (0, 5, 0),
    }
    assert next(iter(agreement())) == "weekly-not-enough"


def test_a_decision_about_answers_that_were_changed_later_is_left_out():
    client = Client()
    send_answers(client, BOB)
    decide([Case.objects.get()], "iop")
    assert list(agreement()) == ["weekly-not-enough"]
    send_again(client, CHARLIE)
    assert agreement() == {}


def test_agreement_names_a_removed_rule_by_its_id():
    decide(cases_of(BOB, 1), "iop")
    made = Recommendation.objects.get()
    made.outcome["reasons"][0]["rule"] = "gone"
    made.save()
    assert [row.because for row in agreement_by_rule(90, timezone.now())] == ["gone"]


# ---- the page


def test_dashboard_is_for_the_clinical_lead_only(client):
    assert client.get(PATH)["Location"].startswith("/staff/login/")
    for role, status in (("coordinator", 403), ("administrator", 403), ("clinical lead", 200)):
        other = Client()
        sign_in(other, role)
        assert other.get(PATH).status_code == status, role
        assert other.post(PATH).status_code in (403, 405)


@pytest.mark.parametrize("days", ["90", "365", "", "1", "x", "9" * 50, "٩٠"])
def test_dashboard_periods_are_the_offered_ones(client, days):
    sign_in(client, "clinical lead")
    page = client.get(PATH, {"days": days})
    assert page.status_code == 200
    assert page.context["days"] == (365 if days == "365" else 90)


def test_dashboard_without_cases_is_shown_and_names_nobody(client):
    sign_in(client, "clinical lead")
    assert "Nothing was decided" in client.get(PATH).content.decode()
    decide(cases_of(DANA, 5), "php")
    html = client.get(PATH).content.decode()
    answer = str(questionnaire().wordings["suicide_plan"].options["plan"])
    known = [*CANARIES.values(), Case.objects.first().reference, "canary of the desk", "suicide_plan", answer]
    for word in known:
        assert word not in html


def test_dashboard_query_count_is_constant(client):
    sign_in(client, "clinical lead")
    asked = []
    for count in (1, 5):
        decide(cases_of(DANA, count), "php")
        with count_queries() as statements:
            client.get(PATH)
        asked.append(len(statements))
    assert asked[1] - asked[0] <= 1  # the median
    assert asked[1] <= 20  # 8 of them for who asks and for the log


# ---- links


def test_each_number_links_to_its_cases_and_nothing_links_from_none(client):
    decide(cases_of(BOB, 3), "php")
    sign_in(client, "clinical lead")
    html = client.get(PATH).text
    names = set(re.findall(r"list=all&amp;figure=([^\"]*)", html))
    assert "90.level.iop" in names
    assert "90.rule.weekly-not-enough.higher" in names
    assert "90.level.php" not in names, "there is none"
    for name in names:
        page = client.get("/staff/desk/case/", {"list": "all", "figure": name})
        assert page.context["cl"].result_count == 3, name


ODD = ["", "90", "90.level", "91.level.iop", "90.levels.iop", "90.open.9", "90.open.x", "90.sent.x",
       "90.sent.2026-02-31", "90.sent.9999-12-31", "90.funnel.sent.9", "90.funnel.gone.1", "90.contacted.all",
       "90.level.iop.php", "x.y", "." * 50]  # fmt: skip


@pytest.mark.parametrize("name", ODD)
def test_a_name_that_no_number_has_is_ignored(client, name):
    cases_of(ALICE, 2)
    assert condition_of(name, timezone.now()) is None
    sign_in(client, "clinical lead")
    page = client.get("/staff/desk/case/", {"list": "all", "figure": name})
    assert page.context["cl"].result_count == 2


def test_only_who_sees_the_dashboard_opens_the_cases_of_a_number(client):
    cases_of(BOB, 1)
    cases_of(ALICE, 1)
    sign_in(client, "coordinator")
    page = client.get("/staff/desk/case/", {"list": "all", "figure": "90.level.iop"})
    assert page.context["cl"].result_count == 2
