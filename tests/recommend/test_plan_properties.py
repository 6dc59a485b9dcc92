"""What holds for the plan of everybody: random people, and what each of them would read."""

from collections.abc import Iterator
from dataclasses import replace
from random import Random

import pytest
from django.utils import translation

from intake.safety.texts import TIMES
from recommend import content
from recommend.engine import complete, decide, rate
from recommend.engine.analysis.explanation import Reason, crisis_unknowns
from recommend.result.shown import ResultText
from recommend.result.snapshot import unexplained
from recommend.result.text import result_text
from tests.support.people import WELL
from tests.support.random_answers import Given, anyone

FOR_COMPANY = (
    "Do not stay alone",
    "Ask someone you trust to come",
    "Please stay with me",
    "Have someone near you",
)
"""Advice for thoughts of suicide that would send somebody to a person who may hurt them."""

ALARMING = {
    "emergency": {
        "bad_withdrawal",
        "body",
        "about_to",
        "about_to_others",
        "drunk_high",
        "hurt",
    },
    "wish_dead": {"yes", "skip"},
    "burden": {"yes", "skip"},
    "suicidal_week": {"yes", "skip"},
    "suicidal_now": {"yes", "skip"},
    "suicide_plan": {"how", "intent", "plan", "skip"},
    "last_attempt": {"past_year", "past_3_months", "past_week", "unsure"},
    "self_injury": {"few", "often", "medical", "skip"},
    "harm_others": {"urges", "may_act", "skip"},
    "losing_touch": {"new", "command", "skip"},
    "racing": {"strong", "skip"},
    "self_care": {"skipping", "stopped"},
    "also": {"stopped", "opioids", "overdose", "eating_body", "skip"},
    "substance_use": {"daily", "high", "mixed", "skip"},
    "withdrawal": {"never_without", "sick", "shakes", "opioid_storm", "seizure", "unsure"},
    "home": {"unsafe", "no_home", "skip"},
    "recent_treatment": {"left_hospital"},
}
"""Answers after which nobody may read that there is no danger, taken from the wording of the questions."""


def people(count: int) -> Iterator[tuple[Given, ResultText]]:
    """Random people with what their result says, without the part that explains it."""
    chance, ruleset = Random(2026), content.ruleset()
    for _ in range(count):
        given = anyone(chance, ruleset.questions)
        yield given, shown_to(given)


def shown_to(given: Given) -> ResultText:
    ruleset = content.ruleset()
    signals = rate(ruleset, complete(ruleset.questions, given))
    decision = decide(ruleset, signals)
    snapshot = replace(
        unexplained(ruleset, signals, decision),
        reasons=tuple(Reason(id, {}) for id in decision.decided_by),
        may_be_crisis=crisis_unknowns(ruleset, signals),
    )
    answers = {id: list(chosen) if len(chosen) > 1 else chosen[0] for id, chosen in given.items()}
    return result_text(snapshot, answers, ruleset, content.questionnaire())


def said(shown: ResultText) -> str:
    return " ".join(str(part) for card in shown.plan for item in card.items for part in item.paragraphs)


@pytest.mark.parametrize("count", [400, pytest.param(20_000, marks=pytest.mark.slow)])
def test_plan_of_everybody(count):
    levels = set()
    with translation.override("en"):
        for given, shown in people(count):
            levels.add(shown.level.id)
            times = [TIMES.index(card.time) for card in shown.plan]
            assert times == sorted(set(times)), given
            assert len(shown.plan_first) <= 3
            assert shown.plan_first + shown.plan_later == shown.plan
            assert not any(card.is_urgent for card in shown.plan_later), given
            if shown.level.id == "inpatient":
                assert shown.plan[0].is_urgent, given
                assert shown.plan[0].items, given
                assert "today or tomorrow" not in said(shown).lower(), given
            kinds = {*shown.crisis, *shown.urgent}
            if kinds == {"violence"}:
                assert not [words for words in FOR_COMPANY if words in said(shown)], given
            dangers = [text for text in shown.texts if text.is_danger]
            items = [item.paragraphs for card in shown.plan for item in card.items]
            assert all(items.count(text.paragraphs) == 1 for text in dangers), given
            if shown.reassures:
                assert not kinds, given
                assert shown.level.id in ("outpatient", "iop"), given
                assert not [id for id, bad in ALARMING.items() if bad & set(given.get(id, ()))], given
    assert levels == {"outpatient", "iop", "php", "inpatient"}


def test_each_alarming_answer_is_one_that_the_questions_offer():
    questions = content.questionnaire().questions.all
    unknown = {id: bad - set(questions[id].offered) for id, bad in ALARMING.items()}
    assert {id: options for id, options in unknown.items() if options} == {}


@pytest.mark.parametrize(
    ("question", "option"), [(id, option) for id, bad in ALARMING.items() for option in sorted(bad)]
)
def test_one_alarming_answer_of_somebody_who_is_well_is_enough(question, option):
    ruleset = content.ruleset()
    given = {id: (value,) if isinstance(value, str) else tuple(value) for id, value in WELL.items()}
    given[question] = (option,)
    opened = {id: answers for row in ruleset.questions.all[question].ask_if for id, answers in row.items()}
    given |= {id: (min(options),) for id, options in opened.items() if not {*given.get(id, ())} & {*options}}
    assert not shown_to(given).reassures
