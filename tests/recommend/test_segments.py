"""Without the answers on substance use, nothing disclosed depends on them, and all of it is still true."""

import random

import pytest

from carenav.plumbing.i18n.localized_text import languages
from intake import content
from intake.answers import chosen, pruned
from intake.questionnaire import load_questionnaire
from recommend.engine import ContentError, Level, complete, decide, load_ruleset, rate
from recommend.result.redaction import redact
from tests.support.people import PEOPLE, WELL

SEGMENT = {
    "emergency": {"bad_withdrawal", "drunk_high"},
    "also": {"sedatives", "stopped", "opioids", "overdose"},
    "substance_use": {"no_problem", "concern", "problems", "daily", "high", "mixed", "skip"},
    "withdrawal": {
        "nothing",
        "over",
        "craving",
        "prescribed",
        "never_without",
        "sick",
        "shakes",
        "opioid_storm",
        "seizure",
        "unsure",
    },
}


def told(answers):
    return redact(answers, content.ruleset(), content.questionnaire())


def decided(answers):
    ruleset = content.ruleset()
    return decide(ruleset, rate(ruleset, complete(ruleset.questions, chosen(answers))))


def test_the_segment_is_what_tells_of_substance_use():
    wordings = content.questionnaire().wordings.values()
    assert {w.id: w.segments["substance_use"] for w in wordings if w.segments} == SEGMENT


def test_whatever_raises_a_signal_of_substance_use_is_in_the_segment():
    """A new option that raises one of them, but is not tagged, fails here. Physical health shares one of the areas."""
    ruleset = content.ruleset()
    grade, silent = ruleset.space.grade, ruleset.rating("who", "me").state
    signals = [
        "withdrawal",
        "substance",
        "under_influence",
        "stopped",
        "dependent",
        "use_problem",
        "heavy_use",
        "high_amount",
        "sedative_misuse",
        "overdose",
    ]
    found = {
        (id, option)
        for id, question in ruleset.questions.all.items()
        for option in question.offered
        if any(grade(ruleset.rating(id, option).state, each) != grade(silent, each) for each in signals)
    }
    assert len(found) > 10
    assert found <= {(id, option) for id, options in SEGMENT.items() for option in options}


def drawn(draw, substance_use):
    """Answers of somebody; only those on substance use come from the second source."""
    answers = {}
    for id, wording in content.questionnaire().wordings.items():
        question = wording.question
        hidden = wording.segments.get("substance_use", frozenset())
        plain = [option for option in question.offered if option not in hidden | question.exclusive]
        if question.kind == "one":
            answers[id] = (substance_use if hidden else draw).choice(question.offered)
            continue
        plain = [option for option in plain if option != "skip"]
        chosen = [option for option in plain if draw.random() < 0.2]
        chosen += [option for option in sorted(hidden) if substance_use.random() < 0.4]
        answers[id] = chosen or sorted(question.exclusive)[:1]
    return pruned({id: value for id, value in answers.items() if value} | {"who": "me", "age": "18_64"})


@pytest.mark.parametrize("seed", range(300))
def test_two_people_who_differ_in_nothing_else_tell_the_same(seed):
    one, other = (drawn(random.Random(seed), random.Random(seed * 1000 + n)) for n in (1, 2))
    assert told(one) == told(other)
    for answers in (one, other):
        assert_true_as_a_lower_bound(answers)


@pytest.mark.parametrize("person", PEOPLE, ids=str)
def test_redacted_result_is_a_true_lower_bound(person):
    assert_true_as_a_lower_bound(person.answers)


def assert_true_as_a_lower_bound(answers):
    rest, full, scales = told(answers), decided(answers), content.ruleset().space.scales
    assert rest.level <= full.level
    assert set(rest.reasons) <= set(full.fired)
    assert set(rest.crisis) <= set(full.crisis)
    assert set(rest.urgent) <= set(full.urgent)
    for area, grade in rest.areas.items():
        assert scales[area].index(grade) <= scales[area].index(full.areas[area])


def test_segment_answers_change_the_unredacted_result():
    heavy = WELL | {"substance_use": "daily", "withdrawal": "shakes"}
    assert decided(heavy).level == Level.INPATIENT
    assert told(heavy).level == Level.OUTPATIENT
    assert told(heavy) == told(WELL)


@pytest.mark.parametrize("also", [["none"], ["opioids"], ["sedatives", "stopped", "overdose"], None])
def test_none_of_these_is_hidden_where_it_would_disclose(also):
    answers = {id: value for id, value in WELL.items() if id != "also"} | ({"also": also} if also else {})
    assert "also" not in told(answers).answers
    assert told(answers) == told(WELL)


def test_other_options_of_the_same_list_are_disclosed():
    assert told(WELL | {"also": ["baby", "opioids"]}).answers["also"] == ("baby",)
    assert told(WELL | {"also": ["skip"]}).answers["also"] == ("skip",)


ALSO = '["sedatives", "stopped", "opioids", "overdose"]'


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ('segment = "substance_use"', 'segment = "substances"', "segment"),
        ('"opioids", "overdose"] }', '"opiods", "overdose"] }', "segment, substance_use"),
        ('"opioids", "overdose"] }', '"opioids", "none"] }', "segment, substance_use"),
        (f"segment = {{ substance_use = {ALSO} }}", 'segment = "substance_use"', "segment"),
        ('segment = "substance_use"', 'segment = { substance_use = ["daily"] }', "segment"),
    ],
)
def test_a_broken_segment_is_refused(old, new, place, settings, tmp_path):
    text = settings.QUESTIONNAIRE.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "other.toml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ContentError, match=place):
        load_questionnaire(path, languages())


def test_answers_to_questions_the_segment_opens_are_hidden(settings, tmp_path):
    text = settings.QUESTIONNAIRE.read_text(encoding="utf-8")
    opened = 'id = "physical_health"\nask_if = [{ substance_use = ["daily", "high", "mixed"] }]\n'
    path = tmp_path / "other.toml"
    path.write_text(text.replace('id = "physical_health"\n', opened), encoding="utf-8")
    questionnaire = load_questionnaire(path, languages())
    ruleset = load_ruleset(settings.RULESET, questionnaire.questions, languages())
    answers = WELL | {"substance_use": "daily", "withdrawal": "nothing", "physical_health": "unstable"}
    assert "physical_health" not in redact(answers, ruleset, questionnaire).answers
