"""The oracle of 2026.2 is right about itself, and the engine agrees with it on random answers."""

import math
import random
import tomllib
from functools import cache
from pathlib import Path

import pytest

from intake import content
from recommend.rules.json_lines import recommend
from tests.engine import oracle_2026_2
from tests.engine.command import ask
from tests.engine.oracle_2026_2 import Parser, Unreadable
from tests.support.tries import tries

VERSION = "2026.2"
CALM = tomllib.loads((Path(__file__).parent / "cases_2026_2.toml").read_text())["calm"]


@cache
def shipped() -> oracle_2026_2.Oracle:
    return oracle_2026_2.shipped()


@pytest.mark.parametrize("seed", range(8))
def test_engine_agrees_on_random_answers(seed: int) -> None:
    rng = random.Random(f"agree {seed}")
    ruleset = content.ruleset(VERSION)
    for _ in range(tries(30, 60)):
        answers = shipped().random_answers(rng)
        assert recommend(ruleset, answers) == shipped().decide(answers), answers


def assert_command_agrees(people: int, seed: str) -> None:
    rng = random.Random(seed)
    answers = {str(number): shipped().random_answers(rng) for number in range(people)}
    said = ask(answers, VERSION)
    for name, given in answers.items():
        assert {key: value for key, value in said[name].items() if key != "id"} == shipped().decide(given), (
            given
        )


def test_command_agrees_on_random_answers() -> None:
    assert_command_agrees(tries(100, 300), "command")


@pytest.mark.slow
def test_command_agrees_on_20_000_random_answers() -> None:
    assert_command_agrees(20_000, "many")


@pytest.mark.parametrize("seed", range(4))
def test_range_is_what_trying_all_worlds_gives(seed: int) -> None:
    """On sets with few ways to replace their unknowns, so that trying all of them takes a moment only."""
    rng = random.Random(f"range {seed}")
    tried = 0
    while tried < tries(5, 15):
        answers = shipped().random_answers(rng)
        ways = math.prod(len(shipped().replacements(key)) for key in shipped().unknown(answers))
        if not 2 <= ways <= 30:
            continue
        tried += 1
        assert shipped().range(answers) == shipped().range_by_trying_all(answers), answers


@pytest.mark.parametrize("seed", range(4))
def test_random_answers_break_no_promise(seed: int) -> None:
    rng = random.Random(f"promises {seed}")
    for _ in range(tries(8, 25)):
        answers = shipped().random_answers(rng)
        assert shipped().breaks(answers) == [], answers


def test_each_bound_with_a_state_holds() -> None:
    bounds = [bound for bound in shipped().charter["bound"] if not bound.get("one_step")]
    assert len(bounds) == 6
    assert [bound["id"] for bound in bounds if not shipped().holds_bound(bound)] == []


def test_least_answers_raise_and_open_nothing() -> None:
    """What the quick range rests on: a first option is never more than another one."""
    oracle = shipped()
    rows = [row for question in oracle.questions.values() for row in question.get("ask_if", [])]
    for key in oracle.questions:
        first = oracle.options[key][0]
        assert [row for row in rows if first in row.get(key, [])] == [], key
        if (
            "ask_if" not in oracle.questions[key]
        ):  # a question that was opened may mean something from its start
            assert oracle.rate_rows([oracle.row(key, first)])[0] == oracle.least_state(), key


def test_broken_rule_sets_are_found_out() -> None:
    oracle = oracle_2026_2.shipped()
    oracle.charter = shipped().charter
    oracle.rules = oracle.rules | {"rule": []}
    assert oracle.breaks({"suicidal_week": "yes", "suicidal_now": "yes", "suicide_plan": "how"}) == [
        "crisis-is-always-inpatient",
        "thoughts-are-never-weekly",
        "a-way-or-a-recent-attempt-is-never-below-php",
        "recent-attempt-and-thoughts",
    ]
    too_much = {"at_least": "php", "when": "symptoms >= moderate"}
    oracle.rules = oracle.rules | {"rule": [too_much]}
    assert not oracle.holds_bound(next(b for b in oracle.charter["bound"] if "cap" in b))
    daily = dict.fromkeys(["nervous", "worry", "low_interest", "low_mood"], "daily")
    assert "frequency-alone-is-outpatient" in oracle.breaks(CALM | daily)
    by_week = {"at_least": "php", "when": "weekly_hours >= h9"}
    oracle.rules = oracle.rules | {"rule": [by_week]}
    assert oracle.breaks(CALM) == ["week-never-lowers-need"]
    by_refusal = {"at_least": "inpatient", "when": "risk >= mild"}
    oracle.rules = oracle.rules | {"rule": [by_refusal]}
    assert oracle.breaks(CALM) == ["one-refusal-is-at-most-one-level"]


def test_a_better_answer_that_raises_a_level_is_found_out() -> None:
    oracle = oracle_2026_2.shipped()
    oracle.charter = shipped().charter
    oracle.ratings = oracle.ratings | {"trend": {"worse": {"worsening": True}}}
    oracle.rules = oracle.rules | {"rule": [{"at_least": "iop", "when": "worsening"}]}
    assert "a-worse-answer-never-lowers" in oracle.breaks(CALM | {"trend": "worse"})


@pytest.mark.parametrize(
    "text", ["wish and", "(wish", "wish >= ", "wish < moderate", "not wish", "or wish", "wish wish", ""]
)
def test_parser_refuses_what_is_no_condition(text: str) -> None:
    with pytest.raises(Unreadable):
        Parser(text).parse()


def test_and_binds_tighter_than_or() -> None:
    state = shipped().least_state() | {"wish": 1}
    assert shipped().holds("wish or guns and mania", state)
    assert not shipped().holds("(wish or guns) and mania", state)
