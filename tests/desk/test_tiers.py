"""How soon somebody must see to a case, why, and what a row says about it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from recommend import content
from recommend.desk.models import Case, CaseChange, Tier
from recommend.desk.pages import list_rows
from recommend.desk.submissions.erase import erase
from recommend.desk.tiers import tier_of
from recommend.result.snapshot import outcome_of
from recommend.result.stored_snapshot import NEEDS_MANUAL_REVIEW
from tests.support.cases import called, case_like, new_case, user
from tests.support.database import count_queries
from tests.support.people import ALICE, BOB, CHARLIE, DANA, ERIN, FRANK, IRIS, WELL
from tests.support.submissions import send_again, send_answers

pytestmark = pytest.mark.django_db

REFUSED = {
    id: "skip" for id, answer in WELL.items() if isinstance(answer, str) and id not in ("who", "age", "place")
}
"""Nothing is answered that may be skipped: no mark, and little known."""


def reached(person, **differs):
    return replace(person, differs=person.differs | differs)


PEOPLE = [
    (DANA, Tier.NOW, "suicide"),
    (FRANK, Tier.NOW, "suicide"),
    (ERIN, Tier.TODAY, "withdrawal"),
    (CHARLIE, Tier.SOON, ""),
    (BOB, Tier.ROUTINE, ""),
    (ALICE, Tier.ROUTINE, ""),
    (IRIS, Tier.ROUTINE, ""),
    (replace(ALICE, name="refused", differs=REFUSED), Tier.TODAY, "unanswered"),
]


@pytest.mark.parametrize(("person", "tier", "because"), PEOPLE, ids=[str(row[0]) for row in PEOPLE])
def test_each_person_is_in_their_tier_and_it_says_why(person, tier, because):
    case = new_case(person)
    stored = Case.objects.get()
    assert (stored.tier, stored.urgent) == (tier, tier in (Tier.NOW, Tier.TODAY))
    assert because in stored.urgent_because
    assert bool(stored.urgent_because) == stored.urgent
    assert case.language == "en"


def test_a_few_open_answers_among_many_are_no_reason_to_hurry():
    answers = WELL | {"burden": "skip", "suicidal_now": "no", "nights": "always"}
    snapshot = outcome_of(content.ruleset(), answers)
    assert snapshot.may_be_crisis
    assert tier_of(snapshot, answers, content.ruleset()) == Tier.ROUTINE


def test_an_evaluation_today_is_urgent_without_any_mark():
    snapshot = replace(outcome_of(content.ruleset(), DANA.answers), crisis=(), urgent=())
    assert tier_of(snapshot, DANA.answers, content.ruleset()) == Tier.TODAY


def test_where_the_rules_failed_somebody_looks_today():
    assert tier_of(NEEDS_MANUAL_REVIEW, {}, content.ruleset()) == Tier.TODAY


@pytest.mark.parametrize(
    ("first", "second", "tier", "because"),
    [
        (ALICE, DANA, Tier.NOW, "suicide"),
        (DANA, ALICE, Tier.NOW, "suicide"),  # a danger that is taken back is a reason to call
        (DANA, ERIN, Tier.NOW, "suicide"),
        (CHARLIE, ALICE, Tier.SOON, ""),
    ],
    ids=str,
)
def test_an_open_case_that_is_sent_again_stays_as_urgent_as_it_was(client, first, second, tier, because):
    send_answers(client, first)
    send_again(client, second)
    stored = Case.objects.get()
    assert (stored.tier, because in stored.urgent_because) == (tier, True)


def test_nothing_about_urgency_is_left_of_a_deleted_case():
    erase(new_case(DANA).submission)
    stored = Case.objects.get()
    assert (stored.tier, stored.urgent, stored.urgent_because, stored.language) == (
        Tier.ROUTINE,
        False,
        "",
        "",
    )


@pytest.mark.parametrize("fields", [{"tier": 1}, {"urgent": True}, {"tier": 9}], ids=str)
def test_the_database_refuses_a_tier_that_contradicts_urgent(fields):
    case_like(ALICE)
    with pytest.raises(IntegrityError), transaction.atomic():
        Case.objects.update(**fields)


# ---- what a row says


def test_a_row_says_what_was_tried_and_in_which_language(monkeypatch):
    ann, case = user("ann"), new_case(DANA)
    Case.objects.update(language="es")
    now = timezone.now()
    [row] = list_rows.rows_of([Case.objects.get()], ann, now)
    assert (row.tier, row.why, row.tried, row.language) == ("Now", "danger of suicide", "", "Spanish")
    called(case, ann, "no_answer")
    [row] = list_rows.rows_of([case], ann, now)
    assert row.tried.startswith("1 try today")
    assert row.tried.endswith(": No answer")
    called(case, ann, "message")
    [row] = list_rows.rows_of([case], ann, now)
    assert row.tried.startswith("2 tries, last today")
    assert row.tried.endswith(": Left a message")


def test_attempts_before_it_was_sent_again_are_not_counted():
    ann, case = user("ann"), new_case()
    called(case, ann, "no_answer")
    Case.objects.update(opened_at=timezone.now() + timedelta(minutes=5))
    [row] = list_rows.rows_of([Case.objects.get()], ann, timezone.now())
    assert row.tried == ""


def test_rows_load_attempts_in_one_query_and_no_note():
    ann = user("ann")
    cases = [called(new_case(), ann, "no_answer") for _ in range(3)]
    with count_queries() as queries:
        rows = list_rows.rows_of(cases, ann, timezone.now())
    assert len(queries) == 1
    assert "note" not in queries[0]
    assert all(row.tried for row in rows)
    assert CaseChange.objects.filter(what="contact").count() == 3
