"""`manage.py mark_stale`: after a new rule set, the cases that it would decide otherwise are looked at again."""

import io
import tracemalloc

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from carenav.plumbing.i18n.localized_text import languages
from intake import content
from intake.models import Submission
from recommend.desk import rule_change
from recommend.desk.models import Case, CaseChange, CaseOutcome, StaleReason
from recommend.desk.rule_change import Verdict, current_verdict
from recommend.desk.workflow import NOTHING_NEXT
from recommend.engine import load_ruleset
from recommend.result.models import Recommendation
from recommend.result.snapshot import is_priority, outcome_of
from tests.support.database import count_queries
from tests.support.people import ALICE, BOB, CHARLIE, DANA, ERIN, PEOPLE
from tests.support.rules import Terminal, other_rules
from tests.support.submissions import send_again, send_answers
from tests.support.threads import at_once

pytestmark = pytest.mark.django_db


@pytest.fixture
def live(tmp_path, monkeypatch):
    """Put rules live in which these ask for another level, and maybe one text of the file is another."""

    def go(replace=("", ""), **levels) -> None:
        file = other_rules(tmp_path, **levels)
        text = file.read_text().replace('version = "2026.2"', 'version = "2026.3"', 1)
        assert replace[0] in text
        file = tmp_path / "2026.3.toml"
        file.write_text(text.replace(*replace))
        rules = load_ruleset(file, content.questionnaire().questions, languages())
        monkeypatch.setattr(content, "ruleset", lambda version=None: rules)

    return go


def run(terminal=False) -> str:
    out = io.StringIO()
    call_command("mark_stale", stdout=out, stderr=Terminal() if terminal else io.StringIO())
    return out.getvalue().strip()


def case_of(person, **fields) -> Case:
    client = Client()
    send_answers(client, person)
    case = Case.objects.latest("pk")
    Case.objects.filter(pk=case.pk).update(**fields)
    return case


UP = {"weekly_not_enough": "php"}  # the rule that decides for Bob


def test_only_cases_decided_differently_are_marked(live):
    bob, others = case_of(BOB), [case_of(each) for each in (ALICE, CHARLIE, DANA, ERIN)]
    live(**UP)
    assert run() == (
        "rule set 2026.3: 5 open or placed cases of other rules compared, 1 differ, 1 marked now"
    )
    assert list(Case.objects.exclude(stale_since=None)) == [bob]
    fresh = Case.objects.get(pk=bob.pk)
    assert (fresh.stale_because, fresh.level, fresh.version) == (StaleReason.RULES, "iop", 2)
    assert (fresh.status, fresh.opened_at, fresh.urgent) == (bob.status, bob.opened_at, bob.urgent)
    assert fresh.submission.recommendation.level == "iop"
    assert [case.version for case in Case.objects.filter(pk__in=[each.pk for each in others])] == [1] * 4
    change = CaseChange.objects.get()
    assert (change.case, change.what, change.by) == (bob, "stale", None)
    assert change.after.startswith("rules 2026.3 ")


def test_second_run_marks_nothing_even_after_a_review(live):
    bob = case_of(BOB)
    live(**UP)
    run()
    before = Case.objects.values().get()
    assert run().endswith("1 differ, 0 marked now")
    assert Case.objects.values().get() == before
    Case.objects.filter(pk=bob.pk).update(stale_since=None, stale_because="")
    assert run().endswith("1 differ, 0 marked now")
    assert Case.objects.get().stale_since is None
    live(weekly_not_enough="inpatient")
    assert run().endswith("1 differ, 1 marked now")  # for another rule set it is looked at again


@pytest.mark.parametrize(
    ("fields", "marked"),
    [
        ({"status": "in_contact"}, 1),
        ({"status": "assessed"}, 1),
        ({"status": "placed", "finished_at": timezone.now(), **NOTHING_NEXT}, 1),
        (
            {
                "status": "closed",
                "finished_at": timezone.now(),
                **NOTHING_NEXT,
                "outcome": CaseOutcome.DECLINED,
            },
            0,
        ),
    ],
)
def test_open_and_placed_cases_are_looked_at_and_closed_ones_are_not(live, fields, marked):
    case_of(BOB, **fields)
    live(**UP)
    run()
    case = Case.objects.get()
    assert bool(case.stale_since) == bool(marked)
    assert case.status == fields["status"]


def test_a_deleted_case_is_left_alone(live):
    client = Client()
    send_answers(client, BOB)
    client.post("/delete/", {"here": "yes"})
    live(**UP)
    assert "0 open or placed cases" in run()


def test_resubmitted_case_is_compared_by_its_latest_answers(live):
    client = Client()
    send_answers(client, BOB)
    send_again(client, ALICE)
    live(**UP)
    assert "1 open or placed cases of other rules compared, 0 differ" in run()


def test_stale_case_keeps_its_time_and_reason(live):
    since = timezone.now()
    case_of(BOB, stale_since=since, stale_because=StaleReason.ANSWERS)
    live(**UP)
    assert run().endswith("1 marked now")
    case = Case.objects.get()
    assert (case.stale_since, case.stale_because) == (since, StaleReason.ANSWERS)
    assert CaseChange.objects.get().after.startswith("rules")


def test_case_decided_by_the_live_rules_is_not_recomputed(live):
    case_of(BOB)
    assert "0 open or placed cases" in run()


def test_change_of_urgency_alone_marks_a_case(live):
    case = case_of(BOB)
    Recommendation.objects.update(outcome=Recommendation.objects.get().outcome | {"urgent": ["withdrawal"]})
    live()  # the same rules in another file: the stored mark is what differs
    assert run().endswith("1 differ, 1 marked now")
    assert current_verdict(Case.objects.get(pk=case.pk)) == Verdict("iop", False)


def test_answers_to_another_questionnaire_are_reported_and_skipped(live):
    case_of(BOB)
    Submission.objects.update(questionnaire="2025.9")
    live(**UP)
    said = run()
    assert "0 open or placed cases of other rules compared" in said
    assert "1 answered questionnaire 2025.9: not comparable" in said
    assert current_verdict(Case.objects.get()) is None


def test_engine_failure_now_or_then_is_a_difference(live, monkeypatch):
    case_of(BOB)
    live()
    monkeypatch.setattr(rule_change, "rate", None)
    assert run().endswith("1 differ, 1 marked now")
    assert current_verdict(Case.objects.get()) == Verdict("", True)
    Recommendation.objects.update(level="", outcome={"level": None})
    assert current_verdict(Case.objects.get()) is None


@pytest.mark.parametrize("person", PEOPLE, ids=str)
def test_verdict_equals_the_full_outcome(person):
    snapshot = outcome_of(content.ruleset(), person.answers)
    expected = Verdict(snapshot.level_id, is_priority(snapshot.level_id, snapshot.crisis, snapshot.urgent))
    assert rule_change.current_level(content.ruleset(), person.answers) == expected
    assert rule_change.stored_level(snapshot.level_id, snapshot.crisis, snapshot.urgent) == expected


def test_the_page_of_a_case_can_say_what_the_level_would_be_now(live):
    bob, alice = case_of(BOB), case_of(ALICE)
    assert current_verdict(bob) is None
    live(**UP)
    assert current_verdict(Case.objects.get(pk=bob.pk)) == Verdict("php", False)
    assert current_verdict(Case.objects.get(pk=alice.pk)) is None


# ---- at once, and many


def test_case_sent_again_meanwhile_is_not_marked(live, monkeypatch):
    client = Client()
    send_answers(client, BOB)
    live(**UP)
    real = rule_change.mark

    def meanwhile(differ, why):
        send_again(client, BOB)
        return real(differ, why)

    monkeypatch.setattr(rule_change, "mark", meanwhile)
    assert run().endswith("1 differ, 0 marked now")
    assert Case.objects.get().stale_since is None


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_mark_once(shared_database, live):
    for _ in range(5):
        case_of(BOB)
    live(**UP)

    class Answer:
        status_code = 200

    def mark():
        run()
        return Answer()

    at_once(mark, mark, mark)
    assert CaseChange.objects.count() == 5
    assert set(Case.objects.values_list("version", flat=True)) == {2}


def many(count: int) -> None:
    """So many cases of Bob's."""
    User.objects.get_or_create(username="x")
    outcome = outcome_of(content.ruleset(), BOB.answers).to_json()
    start = Submission.objects.count()
    sent = Submission.objects.bulk_create(
        Submission(
            key=number, reference=f"R{number}", answers=BOB.answers, questionnaire="2026.2",
            consented_at=timezone.now(),
        )
        for number in range(start, start + count)
    )  # fmt: skip
    Recommendation.objects.bulk_create(
        Recommendation(submission=each, level="iop", outcome=outcome, ruleset_digest="old") for each in sent
    )
    Case.objects.bulk_create(
        Case(submission=each, reference=each.reference, level="iop", urgent=False) for each in sent
    )


def peak(terminal: bool = False) -> int:
    """The most memory that marking all cases again takes, in bytes."""
    Case.objects.update(stale_since=None, stale_because="")
    CaseChange.objects.all().delete()
    tracemalloc.start()
    try:
        run(terminal)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.slow
def test_marking_memory_is_constant(live):
    live(**UP)
    many(1_000)
    peak(terminal=True)  # what is loaded once
    few = peak()
    many(3_000)
    assert peak() < few * 1.2
    assert Case.objects.filter(stale_because=StaleReason.RULES).count() == 4_000


def test_marking_query_count_per_batch_is_constant(live):
    live(**UP)
    many(2 * rule_change.BATCH)
    with count_queries() as statements:
        run()
    assert len(statements) <= 2 + 2 * 9  # a row of the history has seven columns: SQLite takes them in parts
