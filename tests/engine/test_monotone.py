"""A worse answer never lowers the level, and the week moves only the overlap zone."""

import itertools
import json
import random
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.engine import oracle
from tests.engine.command import ask, decision
from tests.support.tries import tries

PAIRS = tries(500, 1_500)
SHIPPED = oracle.shipped()
LEVELS = SHIPPED.rules["levels"]
CALM = tomllib.loads((Path(__file__).parent / "cases.toml").read_text())["calm"]
OVERLAP = {rule["id"] for rule in SHIPPED.rules["rule"] if rule.get("overlap")}

# Questions whose answers are tried in every combination, all else being as calm as can be.
SMALL_SPACES = [
    ["wish_dead", "suicidal_week", "suicidal_now", "suicide_plan", "nights"],
    ["past_attempt", "last_attempt", "burden", "harm_others", "home"],
    ["other_symptoms", "functioning", "people", "weekly_hours"],
    ["substance_use", "withdrawal", "physical_health", "trend"],
    ["losing_touch", "self_care", "self_injury", "crises"],
]


def least_to_most(question: str) -> list[str]:
    """All that is offered in the order of concern: skip and unsure just above the least, no week yet with h9."""
    options = list(SHIPPED.options[question])
    unsaid = [option for option in SHIPPED.offered(question) if option in ("skip", "unsure")]
    place = options.index("h9") if question == "weekly_hours" else 0
    return options[: place + 1] + unsaid + options[place + 1 :]


def worse(question: str, answers: oracle.Answers) -> Iterator[Any]:
    """Every answer to an ordered question that is of more concern than the one given."""
    given = answers[question]
    if SHIPPED.questions[question]["type"] != "many":
        order = least_to_most(question)
        yield from order[order.index(given) + 1 :]
        return
    chosen = [option for option in given if option not in SHIPPED.exclusive[question] | {"skip"}]
    if given != ["skip"] and not chosen and "skip" in SHIPPED.offered(question):
        yield ["skip"]
    for option in SHIPPED.options[question]:
        if option not in SHIPPED.exclusive[question] | set(chosen):
            yield [*chosen, option]


def is_ordered(question: str) -> bool:
    return SHIPPED.is_rated(question) and bool(SHIPPED.questions[question].get("ordered", True))


def draw_pair(rng: random.Random) -> tuple[oracle.Answers, oracle.Answers]:
    """One person before and after one of the answers got worse."""
    while True:
        before = SHIPPED.random_answers(rng)
        moves = [
            (question, answer)
            for question in filter(is_ordered, before)
            for answer in worse(question, before)
        ]
        if moves:
            question, answer = rng.choice(moves)
            after = before | {question: answer}
            if SHIPPED.accepts(after):
                return before, after


def level_of(output: dict[str, Any]) -> int:
    rank: int = LEVELS.index(output["level"])
    return rank


def rank(question: str, option: str) -> int:
    """The place in the order of concern; not knowing the week yet stands with h9."""
    return least_to_most(question).index("h9" if (question, option) == ("weekly_hours", "unsure") else option)


def single(question: str) -> bool:
    return SHIPPED.questions[question]["type"] != "many"


ANSWERS = [
    (question, option if single(question) else [option])
    for question in filter(SHIPPED.is_rated, SHIPPED.questions)
    for option in SHIPPED.offered(question)
]
MOVES = [(question, answer) for question, answer in ANSWERS if is_ordered(question) and single(question)]


@settings(max_examples=tries(150, 600), derandomize=True, deadline=None, database=None)
@given(st.sampled_from([CALM, {}]), st.lists(st.sampled_from(ANSWERS), max_size=12), st.sampled_from(MOVES))
def test_a_worse_answer_never_lowers_anybody(
    start: oracle.Answers, changes: list[tuple[str, Any]], move: tuple[str, str]
) -> None:
    """The same person with two answers to one question; a failure shrinks to the fewest answers."""
    question, option = move
    one = {question: SHIPPED.options[question][0]} | start | dict(changes)
    other = one | {question: option}
    assume(one != other and SHIPPED.accepts(one) and SHIPPED.accepts(other))
    before, after = sorted((one, other), key=lambda answers: rank(question, answers[question]))
    assert decision(before).level <= decision(after).level


def test_a_worse_answer_never_lowers() -> None:
    rng = random.Random(20_263)
    pairs = [draw_pair(rng) for _ in range(PAIRS)]
    said = ask({f"{number} {when}": pair[when] for number, pair in enumerate(pairs) for when in (0, 1)})
    levels = [(level_of(said[f"{number} 0"]), level_of(said[f"{number} 1"])) for number in range(PAIRS)]
    lowered = [
        json.dumps(pair) for pair, (before, after) in zip(pairs, levels, strict=True) if after < before
    ]
    assert not lowered, "\n".join(lowered[:10])
    assert sum(after > before for before, after in levels) > PAIRS / 10


def small_space(questions: list[str]) -> dict[str, oracle.Answers]:
    people = {}
    for options in itertools.product(*map(least_to_most, questions)):
        answers = CALM | dict(zip(questions, options, strict=True))
        if SHIPPED.accepts(answers):
            people[json.dumps(answers)] = answers
    return people


@pytest.fixture(scope="module")
def said_in_small_spaces() -> dict[str, dict[str, Any]]:
    return ask(
        {name: answers for questions in SMALL_SPACES for name, answers in small_space(questions).items()}
    )


@pytest.mark.some(2)
@pytest.mark.parametrize("questions", SMALL_SPACES, ids=", ".join)
def test_a_worse_answer_never_lowers_in_a_small_space(
    questions: list[str], said_in_small_spaces: dict[str, dict[str, Any]]
) -> None:
    levels = {name: level_of(said_in_small_spaces[name]) for name in small_space(questions)}
    lowered = []
    for name, answers in small_space(questions).items():
        for question in questions:
            for answer in worse(question, answers):
                after = json.dumps(answers | {question: answer})
                if levels.get(after, levels[name]) < levels[name]:
                    lowered.append(f"{name} with {question} {answer}")
    assert not lowered, "\n".join(lowered[:10])
    assert len(set(levels.values())) > 2


def test_the_week_moves_only_the_overlap_zone() -> None:
    """Hours, times, and all that says who and where one is, drawn again for the same person."""
    rng = random.Random(20_264)
    aside = ("who", "age", "place", "share", "free_times", "work_around")
    hours = SHIPPED.offered("weekly_hours")
    people = {}
    for number in range(300):
        answers = SHIPPED.random_answers(rng)
        for week in hours:
            other = SHIPPED.random_answers(rng)
            moved = {key: other[key] for key in aside if key in other} | {"weekly_hours": week}
            people[f"{number} {week}"] = {key: answers[key] for key in answers if key not in aside} | moved
    said = ask(people)
    decided_by_week = 0
    for number in range(300):
        outputs = [said[f"{number} {week}"] for week in hours]
        levels = {output["level"] for output in outputs}
        if len(levels) > 1:
            decided_by_week += 1
            assert levels == {"outpatient", "iop"}, people[f"{number} h1"]
            reasons = {reason for output in outputs for reason in output["reasons"]}
            assert reasons <= OVERLAP, people[f"{number} h1"]
    assert decided_by_week > 10
