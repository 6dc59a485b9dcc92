"""The people of ``cases_2026_2.toml``, as the independent oracle and as the engine see them."""

import json
import re
import tomllib
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from intake import content
from recommend.engine import AnswerError, check, complete, decide, rate
from recommend.rules.json_lines import recommend
from tests.engine import oracle_2026_2

CASES = tomllib.loads((Path(__file__).parent / "cases_2026_2.toml").read_text())
CALM = CASES["calm"]
VERSION = "2026.2"

Decided = dict[str, Any]
Run = Callable[[Mapping[str, Any]], Decided]


@cache
def shipped() -> oracle_2026_2.Oracle:
    return oracle_2026_2.shipped()


def by_oracle(answers: Mapping[str, Any]) -> Decided:
    return shipped().decide(dict(answers))


def by_engine(answers: Mapping[str, Any]) -> Decided:
    ruleset = content.ruleset(VERSION)
    signals = rate(ruleset, complete(ruleset.questions, check(ruleset.questions, answers)))
    decision = decide(ruleset, signals)
    return {
        "level": decision.level.id,
        "reasons": sorted(decision.decided_by),
        "crisis": list(signals.kinds("crisis")),
        "urgent": list(signals.kinds("urgent")),
        "areas": dict(decision.areas),
        "unknown": sorted(decision.unknowns.questions),
        "provisional": decision.provisional,
        "range": [decision.unknowns.lowest.id, decision.unknowns.highest.id],
    }


@pytest.fixture(params=[by_oracle, by_engine], ids=["oracle", "engine"])
def run(request: pytest.FixtureRequest) -> Run:
    return request.param


def named(*kinds: str) -> list[Any]:
    return [pytest.param(case, id=case["id"]) for kind in kinds for case in CASES[kind]]


def person(case: Mapping[str, Any], miss: Mapping[str, Any] | None = None) -> dict[str, Any]:
    return CALM | case["answers"] | (miss["change"] if miss else {})


def everyone() -> dict[str, dict[str, Any]]:
    """Every answer set of the file by the id of the person."""
    people = {"calm": dict(CALM)}
    for kind in ("rule", "combined", "finding", "safety", "outpatient"):
        for case in CASES[kind]:
            people[case["id"]] = person(case)
            people |= {miss["id"]: person(case, miss) for miss in case.get("near", [])}
    return people


def shown(decided: Decided, parts: Mapping[str, Any]) -> dict[str, Any]:
    everything = decided | decided["areas"]
    return {part: everything[part] for part in parts}


def test_calm_person_gets_outpatient_without_a_mark(run: Run) -> None:
    calm = run(CALM)
    assert calm["level"] == "outpatient"
    assert calm["reasons"] == calm["crisis"] == calm["urgent"] == calm["unknown"] == []
    assert set(calm["areas"].values()) == {"none"}
    assert calm["provisional"] is False
    assert calm["range"] == ["outpatient", "outpatient"]


@pytest.mark.parametrize("case", named("rule"))
def test_rule_decides_and_near_miss_does_not(case: dict[str, Any], run: Run) -> None:
    fired = run(person(case))
    assert (fired["level"], fired["reasons"]) == (case["level"], [case["rule"]])
    for miss in case["near"]:
        missed = run(person(case, miss))
        assert missed["level"] == miss["level"], miss["id"]
        # A rule that fires at the recommended level is a reason; a lower level says that it did not fire.
        assert case["rule"] not in missed["reasons"], miss["id"]


@pytest.mark.parametrize("case", named("combined"))
def test_combined_rating_shows_and_near_miss_does_not(case: dict[str, Any], run: Run) -> None:
    assert shown(run(person(case)), case["expect"]) == case["expect"]
    for miss in case["near"]:
        assert shown(run(person(case, miss)), miss["expect"]) == miss["expect"], miss["id"]
        assert any(miss["expect"][part] != case["expect"].get(part) for part in miss["expect"]), miss["id"]


@pytest.mark.parametrize("case", named("finding", "safety", "outpatient"))
def test_person_gets_level_and_marks(case: dict[str, Any], run: Run) -> None:
    decided = run(person(case))
    assert decided["level"] == case["level"]
    assert decided["crisis"] == case.get("crisis", [])
    assert decided["urgent"] == case.get("urgent", [])
    if "reasons" in case:
        assert decided["reasons"] == case["reasons"]
    if "risk" in case:
        assert decided["areas"]["risk"] == case["risk"]


def single_answers() -> list[Any]:
    """Every offered answer to a rated question that somebody can give without being sent elsewhere."""
    oracle = shipped()
    return [
        pytest.param(question, option, id=f"{question}-{option}")
        for question in filter(oracle.is_rated, oracle.questions)
        for option in oracle.offered(question)
        if option not in oracle_2026_2.STOPS.get(question, ())
    ]


def alone(table: str, question: str, option: str) -> list[str]:
    """Return the names in one table of ``[alone]`` under which this answer is listed."""
    return sorted(
        name for name, answers in CASES["alone"].get(table, {}).items() if option in answers.get(question, [])
    )


@pytest.mark.parametrize(("question", "option"), single_answers())
def test_single_answer_gives_level_marks_and_areas(question: str, option: str, run: Run) -> None:
    said = [option] if shipped().many(question) else option
    decided = run(CALM | CASES["opened_by"].get(question, {}) | {question: said})
    assert [decided["level"]] == (alone("level", question, option) or ["outpatient"])
    assert decided["crisis"] == alone("crisis", question, option)
    assert decided["urgent"] == alone("urgent", question, option)
    for area, grade in decided["areas"].items():
        assert [grade] == (alone(area, question, option) or ["none"]), area


def test_every_rule_and_combined_rating_has_a_case() -> None:
    for kind in ("rule", "combined"):
        assert {case[kind] for case in CASES[kind]} == {block["id"] for block in shipped().rules[kind]}
        assert [case["id"] for case in CASES[kind] if not case["near"]] == []


def test_every_finding_has_people() -> None:
    assert {case["finding"] for case in CASES["finding"]} == {f"B1.{number}" for number in range(1, 11)}


def test_near_miss_changes_one_answer_and_is_not_higher() -> None:
    levels = shipped().levels
    for case in CASES["rule"] + CASES["combined"]:
        for miss in case["near"]:
            (question,) = miss["change"]
            assert miss["change"][question] != person(case)[question], miss["id"]
            if "level" in miss:
                assert levels.index(miss["level"]) <= levels.index(case["level"]), miss["id"]


def test_ids_are_unique_and_in_kebab_case() -> None:
    ids = [
        each["id"]
        for kind in ("rule", "combined", "finding", "safety", "outpatient")
        for case in CASES[kind]
        for each in [case, *case.get("near", [])]
    ]
    assert len(set(ids)) == len(ids)
    assert [id for id in ids if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", id)] == []


def test_every_case_answers_only_with_offered_options() -> None:
    for answers in everyone().values():
        shipped().check(answers)


@pytest.mark.some(80)
@pytest.mark.parametrize("id", list(everyone()))
def test_person_breaks_no_promise(id: str) -> None:
    assert shipped().breaks(everyone()[id]) == []


@pytest.mark.parametrize("line", [pytest.param(line, id=what) for what, line in oracle_2026_2.bad_lines()])
def test_bad_line_is_refused_by_oracle_and_engine(line: bytes) -> None:
    answers = json.loads(line).get("answers")
    with pytest.raises(oracle_2026_2.Refused):
        shipped().decide(answers)
    with pytest.raises(AnswerError):
        recommend(content.ruleset(VERSION), answers)
