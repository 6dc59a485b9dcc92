"""Cases of 2026.1 under rules of 2026.2: what can be compared is, through the mapping, and the rest is counted."""

import io
import re
import shutil
from collections import Counter

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.utils import timezone

from intake import content
from intake.models import Submission
from recommend.desk.models import Case, CaseChange, StaleReason
from recommend.desk.rule_change import NotComparable, Verdict, current_verdict
from recommend.engine import ContentError, Level, complete
from recommend.engine.analysis.counting import CountedExample
from recommend.engine.analysis.difference_across import DifferenceAcross
from recommend.engine.answers import as_json
from recommend.management.commands import diff_rulesets
from recommend.result.models import Recommendation
from recommend.result.snapshot import outcome_of
from recommend.result.text import result_text
from recommend.rules import stored_answers
from recommend.rules.population import load_population
from recommend.rules.stored_answers import AnswersReader
from tests.engine import oracle_2026_2

pytestmark = pytest.mark.django_db

OLD, NEW = content.ruleset("2026.1"), content.ruleset("2026.2")
FILE = settings.RULESET.with_stem("2026.2")
READER = AnswersReader(NEW.questions)
ORACLE = oracle_2026_2.shipped()
CHANGED_MEANING = {
    "emergency": {"about_to"},
    "losing_touch": {"brief", "new", "command"},
    "also": {"stopped"},
    "withdrawal": {"seizure", "never_without"},
}
REASONS = {
    "emergency": "emergency = about_to",
    "losing_touch": "losing_touch = brief, new or command",
    "also": "also = stopped",
    "withdrawal": "withdrawal = never_without or seizure",
}


def store(number, answers, version="2026.1", rules=OLD) -> Case:
    """Store a case as it was when its rules decided."""
    snapshot = outcome_of(rules, answers)
    level = snapshot.level_id
    submission = Submission.objects.create(
        key=f"key {number}",
        reference=f"REF-{number:04}",
        answers=answers,
        questionnaire=version,
        consented_at=timezone.now(),
    )
    Recommendation.objects.create(
        submission=submission,
        level=level,
        outcome=snapshot.to_json(),
        ruleset=rules.version,
        ruleset_digest=rules.digest,
        questionnaire=version,
        questionnaire_digest=content.questionnaire(version).digest,
        safety_digest=content.safety_texts_of(rules).digest,
    )
    urgent = bool(snapshot.crisis or snapshot.urgent) or level == "inpatient"
    return Case.objects.create(
        submission=submission,
        reference=submission.reference,
        level=level,
        urgent=urgent,
        tier=2 if urgent else 4,
    )


def chosen(answers):
    return {id: (value,) if isinstance(value, str) else tuple(value) for id, value in answers.items()}


def made_up(count):
    """Stored answers to 2026.1 of made-up people at a specialty intake, where every kind of answer comes up."""
    for answers in load_population(OLD.questions).people("specialty", count, seed=5):
        yield as_json(OLD.questions, complete(OLD.questions, answers).answers)


def why_not(answers):
    """Why a case is not comparable, read off the design."""
    return [
        REASONS[id] for id, options in CHANGED_MEANING.items() if options & set(chosen(answers).get(id, ()))
    ]


@pytest.fixture
def cases():
    return [store(number, answers) for number, answers in enumerate(made_up(100))]


@pytest.fixture
def live(monkeypatch):
    """Put the rules of 2026.2 live."""
    monkeypatch.setattr(content, "ruleset", lambda version=None: NEW)


def decided_by_an_independent_reading(case):
    """What 2026.2 says, without the engine; the table test of the mapping covers how answers are read."""
    read = READER.read("2026.1", case.submission.answers)
    completed = ORACLE.complete(read.answers)
    return ORACLE.decide({id: value for id, value in read.answers.items() if id in completed})


def run(command, *arguments):
    out = io.StringIO()
    call_command(command, *map(str, arguments), stdout=out, stderr=io.StringIO(), no_color=True)
    return out.getvalue()


def reasons_said(said):
    return {
        why: int(number.replace(",", "")) for number, why in re.findall(r"(?m)^ +([\d,]+)  (\w+ = .+)$", said)
    }


# ---- replay


def test_replay_compares_through_the_mapping_and_counts_why_the_rest_is_not(cases, live):
    said = run("replay", "--cases")
    answers = [case.submission.answers for case in cases]
    comparable = [case for case in cases if not why_not(case.submission.answers)]
    apart = len(cases) - len(comparable)
    assert 5 < apart < len(comparable)
    assert f"of {len(comparable)} change" in said
    assert (
        f"{len(comparable)} of these answered questionnaire 2026.1 and were read as answers to 2026.2" in said
    )
    assert f"{apart} answered questionnaire 2026.1: not comparable" in said
    assert reasons_said(said) == Counter(why for each in answers for why in why_not(each))
    moved = {
        case.reference: f"{case.level} -> {now}"
        for case in comparable
        if (now := decided_by_an_independent_reading(case)["level"]) != case.level
    }
    assert dict(re.findall(r"(?m)^(REF-\d+)  (\w+ -> \w+)", said)) == moved
    assert len(moved) > 10


@pytest.mark.slow  # proves the rules of 2026.2
def test_replay_of_proved_rules_on_other_questions_calls_them_proved():
    assert "NOT PROVED" not in run("replay", FILE)


def test_replay_of_older_rules_does_not_read_newer_answers():
    old, new = made_up(1), load_population(NEW.questions).people("clinic", 1, 5)
    store(1, next(old))
    store(2, as_json(NEW.questions, complete(NEW.questions, next(new)).answers), "2026.2", NEW)
    said = run("replay", settings.RULESET.with_stem("2026.1"))
    assert "0 of 1 change" in said
    assert (
        "1 answered questionnaire 2026.2: not comparable, the rule set is made for 2026.1 "
        "and there is no 2026.1.from-2026.2.toml"
    ) in said


def test_answers_that_nobody_can_have_given_get_no_level(live):
    case = store(1, next(made_up(1)))
    Submission.objects.filter(pk=case.submission_id).update(answers={"nervous": "no such option"})
    assert "1 GET NO LEVEL: the engine fails" in run("replay")
    Submission.objects.filter(pk=case.submission_id).update(answers={"nervous": 3})
    assert "1 GET NO LEVEL: the engine fails" in run("replay")


@pytest.mark.parametrize("command", ["replay", "mark_stale"])
def test_broken_mapping_gives_one_line(command, live, tmp_path, monkeypatch):
    store(1, next(made_up(1)))
    file = tmp_path / "mapping.toml"
    file.write_text("[home]\nmany = false\n")
    monkeypatch.setattr(stored_answers.content, "mapping_path", lambda version, before: file)
    with pytest.raises(CommandError, match=r"mapping\.toml: ") as refused:
        run(command)
    assert "\n" not in str(refused.value)
    assert not Case.objects.exclude(stale_since=None)


def test_broken_mapping_stops_the_start(tmp_path, monkeypatch):
    monkeypatch.setattr(settings, "QUESTIONNAIRE", tmp_path / "2026.2.toml")
    shutil.copy(FILE.parents[2] / "intake" / "questionnaires" / "2026.2.toml", tmp_path)
    shutil.copy(FILE.parents[2] / "intake" / "questionnaires" / "2026.1.toml", tmp_path)
    (tmp_path / "2026.2.from-2026.1.toml").write_text("[home]\nmany = false\n")
    stored_answers.load_mappings("2026.1")
    with pytest.raises(ContentError, match=r"2026\.2\.from-2026\.1\.toml: "):
        stored_answers.load_mappings("2026.2")


# ---- rederive


def test_rederive_decides_each_case_by_its_own_version(live):
    for number, answers in enumerate(made_up(3)):
        store(number, answers)
    for number, answers in enumerate(load_population(NEW.questions).people("clinic", 3, 5), 3):
        store(number, as_json(NEW.questions, complete(NEW.questions, answers).answers), "2026.2", NEW)
    assert run("rederive").startswith("6 recommendations: 6 the same, 0 different")


# ---- mark_stale


def differing(cases):
    """The keys of the cases that 2026.2 decides otherwise, by the independent reading."""
    found = set()
    for case in cases:
        if not why_not(case.submission.answers):
            now = decided_by_an_independent_reading(case)
            urgent = bool(now["crisis"] or now["urgent"]) or now["level"] == "inpatient"
            if (now["level"], urgent) != (case.level, case.urgent):
                found.add(case.pk)
    return found


def test_mark_stale_marks_exactly_the_comparable_cases_with_another_result(cases, live):
    said = run("mark_stale")
    expected = differing(cases)
    marked = Case.objects.exclude(stale_since=None)
    assert {case.pk for case in marked} == expected
    assert len(expected) > 10
    assert {case.stale_because for case in marked} == {StaleReason.RULES}
    comparable = sum(not why_not(case.submission.answers) for case in cases)
    assert f"{comparable} open or placed cases of other rules compared, {len(expected)} differ" in said
    assert f"{len(cases) - comparable} answered questionnaire 2026.1: not comparable" in said
    assert reasons_said(said) == Counter(why for case in cases for why in why_not(case.submission.answers))
    assert "Read by hand those that are not comparable and still open." in said


@pytest.mark.slow
def test_ten_thousand_cases_show_after_the_upgrade_what_they_showed_before():
    """What a page says is compared as a value; tests/recommend/test_printed_plan.py prints it."""
    versions = OLD, content.questionnaire("2026.1")
    before = {}
    for number, answers in enumerate(made_up(10_000)):
        case = store(number, answers)
        before[case.reference] = result_text(outcome_of(OLD, answers), answers, *versions)
    run("mark_stale")
    cases = Case.objects.select_related("submission__recommendation").order_by("pk")
    for case in cases.iterator(1_000):
        made, answers = case.submission.recommendation, case.submission.answers
        versions = content.ruleset(made.ruleset), content.questionnaire(made.questionnaire)
        assert result_text(made.snapshot, answers, *versions) == before[case.reference], case.reference
    expected = differing(cases)
    assert set(Case.objects.exclude(stale_since=None).values_list("pk", flat=True)) == expected
    assert 500 < len(expected) < 5_000


def test_mark_stale_leaves_what_was_shown_as_it_is_and_marks_nothing_twice(cases, live):
    before = list(Recommendation.objects.order_by("pk").values())
    levels = list(Case.objects.order_by("pk").values_list("level", "urgent"))
    run("mark_stale")
    assert ", 0 marked now" in run("mark_stale")
    assert list(Recommendation.objects.order_by("pk").values()) == before
    assert list(Case.objects.order_by("pk").values_list("level", "urgent")) == levels
    assert CaseChange.objects.count() == Case.objects.exclude(stale_since=None).count()


def test_page_of_a_case_says_what_is_not_comparable(cases, live):
    for case in cases:
        now = current_verdict(Case.objects.get(pk=case.pk))
        if why_not(case.submission.answers):
            assert now == NotComparable()
            assert now.level_in_words.startswith("Not comparable")
        elif now is not None:
            decided = decided_by_an_independent_reading(case)
            urgent = bool(decided["crisis"] or decided["urgent"]) or decided["level"] == "inpatient"
            assert now == Verdict(decided["level"], urgent) != (case.level, case.urgent)


# ---- diff_rulesets


def test_difference_without_a_mapping_gives_one_line():
    with pytest.raises(
        CommandError, match=r"2026\.1\.from-2026\.2\.toml: the file: missing: what do answers to"
    ):
        run("diff_rulesets", FILE, settings.RULESET.with_stem("2026.1"))


def test_difference_across_versions_says_what_is_comparable_and_what_moves(monkeypatch):
    example = CountedExample(2, 1, {"home": ("unsafe",), "also": ("baby", "eating")})
    moves = {
        (Level.IOP, Level.OUTPATIENT): example,
        (Level.OUTPATIENT, Level.PHP): example,
        (Level.PHP, Level.OUTPATIENT): example,
    }
    found = DifferenceAcross(moves, 6, 1_000, {"also = stopped": 3, "home = unsure": 991})
    monkeypatch.setattr(diff_rulesets, "difference_across", lambda *arguments: found)
    assert run("diff_rulesets", settings.RULESET.with_stem("2026.1"), FILE).splitlines() == [
        "1,000 combinations of answers to questionnaire 2026.1, read as answers to 2026.2.",
        "What only 2026.2 asks counts as not known.",
        "6 are comparable (0.60%).",
        "",
        "Not comparable, by reason (one combination can have several)",
        "  991  home = unsure",
        "  3  also = stopped",
        "",
        "!!! MOVES DOWN !!!",
        "  php -> outpatient: 2 combinations",
        "      such as home = unsafe, also = baby+eating",
        "  iop -> outpatient: 2 combinations",
        "      such as home = unsafe, also = baby+eating",
        "",
        "Moves up",
        "  outpatient -> php: 2 combinations",
        "      such as home = unsafe, also = baby+eating",
    ]
