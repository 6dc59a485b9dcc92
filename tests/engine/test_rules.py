"""What each rule, combined rating, note and single answer is for: the people of ``cases.toml``, near misses too."""

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.engine import oracle
from tests.engine.command import ask, decision

CASES = tomllib.loads((Path(__file__).parent / "cases.toml").read_text())
CALM = CASES["calm"]
SHIPPED = oracle.shipped()
LEVELS = SHIPPED.rules["levels"]

Said = Mapping[str, Mapping[str, Any]]


def named(kind: str) -> list[Any]:
    """The cases of one kind, each under the id of what it is for."""
    return [pytest.param(number, case, id=case["id"]) for number, case in enumerate(CASES[kind])]


def single_answers() -> Iterator[tuple[str, str]]:
    for question in filter(SHIPPED.is_rated, SHIPPED.questions):
        for option in SHIPPED.offered(question):
            yield question, option


def answer(question: str, option: str) -> oracle.Answers:
    return {question: [option] if SHIPPED.questions[question]["type"] == "many" else option}


def openings(question: str) -> list[oracle.Answers]:
    """Every answer that by itself makes this question asked."""
    rows = SHIPPED.questions[question].get("ask_if", [{}])
    return [
        answer(*pair) for row in rows for key in row for pair in ((key, option) for option in row[key])
    ] or [{}]


def crises() -> dict[str, oracle.Answers]:
    """Each crisis answer, after each answer that opens its question, by a readable id."""
    return {
        f"{question} {option} after {', '.join(map(str, opening.values())) or 'nothing'}": opening
        | answer(question, option)
        for by_question in CASES["alone"]["crisis"].values()
        for question, options in by_question.items()
        for option in options
        for opening in openings(question)
    }


def listed(table: Mapping[str, Mapping[str, list[str]]], question: str, option: str) -> list[str]:
    """The names in a table of ``[alone]`` under which this answer stands."""
    return [name for name, answers in table.items() if option in answers.get(question, [])]


def everyone() -> dict[str, oracle.Answers]:
    people = {"calm": CALM}
    for kind in ("rule", "combined"):
        for number, case in enumerate(CASES[kind]):
            people[f"{kind} {number}"] = CALM | case["answers"]
            for near, miss in enumerate(case["near"]):
                people[f"{kind} {number} near {near}"] = CALM | case["answers"] | miss["change"]
    for question, option in single_answers():
        people[f"{question} {option}"] = (
            CALM | CASES["opened_by"].get(question, {}) | answer(question, option)
        )
    for name, answers in crises().items():
        people[f"{name}, all else blank"] = answers
        people[f"{name}, all else calm"] = CALM | answers
    return people


@pytest.fixture(scope="module")
def said() -> Said:
    """What the command says about everybody in this module, asked once."""
    return ask(everyone())


def test_calm_person_gets_outpatient_without_a_mark(said: Said) -> None:
    calm = said["calm"]
    assert calm["level"] == "outpatient"
    assert calm["reasons"] == calm["crisis"] == calm["urgent"] == calm["unknown"] == []
    assert set(calm["areas"].values()) == {"none"}
    assert calm["provisional"] is False
    assert calm["range"] == ["outpatient", "outpatient"]


@pytest.mark.parametrize(("number", "case"), named("rule"))
def test_rule_alone_decides_and_near_miss_does_not(number: int, case: dict[str, Any], said: Said) -> None:
    fired = said[f"rule {number}"]
    assert (fired["level"], fired["reasons"]) == (case["level"], [case["id"]])
    for near, miss in enumerate(case["near"]):
        missed = said[f"rule {number} near {near}"]
        assert missed["level"] == miss["level"], miss
        assert case["id"] not in missed["reasons"], miss


@pytest.mark.parametrize(("number", "case"), named("combined"))
def test_combination_rule_shows_and_near_miss_does_not(number: int, case: dict[str, Any], said: Said) -> None:
    assert shown(said[f"combined {number}"], case["expect"]) == case["expect"]
    for near, miss in enumerate(case["near"]):
        assert shown(said[f"combined {number} near {near}"], miss["expect"]) == miss["expect"], miss


def shown(output: Mapping[str, Any], parts: Mapping[str, Any]) -> dict[str, Any]:
    everything = {**output, **output["areas"]}
    return {part: everything[part] for part in parts}


@pytest.mark.parametrize(("number", "case"), named("note"))
def test_note_shows_for_its_case_and_not_for_near_misses(number: int, case: dict[str, Any]) -> None:
    person = CALM | case["answers"]
    assert case["id"] in decision(person).notes
    for miss in case["near"]:
        assert len(miss) == 1
        assert case["id"] not in decision(person | miss).notes, miss


@pytest.mark.parametrize("kind", ["rule", "combined", "note"])
def test_each_has_a_case_and_a_near_miss(kind: str) -> None:
    assert {case["id"] for case in CASES[kind]} == {block["id"] for block in SHIPPED.rules[kind]}
    assert [case for case in CASES[kind] if not case["near"]] == []


def test_a_near_miss_changes_one_answer_and_could_show_the_rule() -> None:
    for case in CASES["rule"]:
        for miss in case["near"]:
            (question,) = miss["change"]
            assert miss["change"][question] != (CALM | case["answers"])[question], (case["id"], miss)
            assert LEVELS.index(miss["level"]) <= LEVELS.index(case["level"]), (case["id"], miss)


@pytest.mark.parametrize(("question", "option"), list(single_answers()))
def test_single_answer_gives_the_expected_level(question: str, option: str, said: Said) -> None:
    output = said[f"{question} {option}"]
    assert [output["level"]] == (listed(CASES["alone"]["level"], question, option) or ["outpatient"])
    assert output["crisis"] == listed(CASES["alone"]["crisis"], question, option)
    assert output["urgent"] == listed(CASES["alone"]["urgent"], question, option)


@pytest.mark.parametrize("name", list(crises()))
@pytest.mark.parametrize("rest", ["all else blank", "all else calm"])
def test_every_crisis_answer_is_inpatient(name: str, rest: str, said: Said) -> None:
    output = said[f"{name}, {rest}"]
    assert output["level"] == "inpatient"
    assert output["crisis"] != []
    assert output["range"] == ["inpatient", "inpatient"]
