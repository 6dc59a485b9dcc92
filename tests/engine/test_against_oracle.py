"""The engine and a second, independent reading of the two files say the same about thousands of people."""

import itertools
import json
import os
import random
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.engine import oracle
from tests.engine.command import BASE, ask, crises_that_may_be, decision, run, settling
from tests.support.tries import tries

PEOPLE = tries(1_200, 3_000)
RANGES = tries(500, 2_000)
WORLDS = 100  # a range is compared where there are no more ways than this to replace what is not known
SHIPPED = oracle.shipped()
LEVELS = SHIPPED.rules["levels"]
CALM = tomllib.loads((Path(__file__).parent / "cases.toml").read_text())["calm"]


@pytest.fixture(scope="module")
def people() -> dict[str, oracle.Answers]:
    rng = random.Random(20_261)
    return {"nobody": {}} | {f"person {number}": SHIPPED.random_answers(rng) for number in range(PEOPLE)}


@pytest.fixture(scope="module")
def said(people: dict[str, oracle.Answers]) -> dict[str, dict[str, Any]]:
    return ask(people)


def report(differences: list[str]) -> str:
    return "\n".join([f"{len(differences)} differences, the first of them:", *differences[:20]])


def test_engine_and_oracle_decide_alike(
    people: dict[str, oracle.Answers], said: dict[str, dict[str, Any]]
) -> None:
    differences = []
    for name, answers in people.items():
        output = {key: value for key, value in said[name].items() if key not in ("id", "range")}
        expected = SHIPPED.decide(answers)
        differences += [
            f"{name} {key}: engine {output.get(key)}, oracle {expected.get(key)}, for {json.dumps(answers)}"
            for key in sorted(output.keys() | expected.keys())
            if output.get(key) != expected.get(key)
        ]
    assert not differences, report(differences)


def test_engine_and_oracle_agree_beside_the_level(people: dict[str, oracle.Answers]) -> None:
    """All rules that hold, notes, and what opens the result: the command line does not tell them."""
    differences = []
    for name, answers in itertools.islice(people.items(), 1_000):
        ours = decision(answers)
        signals, marks, _ = SHIPPED.rate(SHIPPED.complete(answers))
        fired = {rule["id"] for rule in SHIPPED.fired(signals)}
        for what, engine, expected in (
            ("fired", ours.fired, fired),
            ("notes", ours.notes, SHIPPED.notes(answers)),
            ("resources", ours.resources, marks["resources"]),
        ):
            if set(engine) != set(expected):
                differences.append(
                    f"{name} {what}: engine {engine}, oracle {expected}, for {json.dumps(answers)}"
                )
    assert not differences, report(differences)


def test_engine_and_oracle_agree_on_the_range(
    people: dict[str, oracle.Answers], said: dict[str, dict[str, Any]]
) -> None:
    """Exactly, where every world can be tried; else the calmest world and a few that are drawn lie inside."""
    rng = random.Random(20_262)
    differences = []
    exact = 0
    for name, answers in itertools.islice(people.items(), RANGES):
        low, high = said[name]["range"]
        expected = SHIPPED.range(answers, WORLDS)
        if expected is None:
            inside = [low, *levels_drawn(rng, answers), high]
            if inside != sorted(inside, key=LEVELS.index):
                differences.append(
                    f"{name} range: engine {low} to {high}, but {inside} for {json.dumps(answers)}"
                )
        else:
            exact += 1
            if [low, high] != expected:
                differences.append(
                    f"{name} range: engine {low} to {high}, oracle {expected}, for {json.dumps(answers)}"
                )
    assert not differences, report(differences)
    assert exact > RANGES / 3


def levels_drawn(rng: random.Random, answers: oracle.Answers) -> list[str]:
    """The levels, in order, of the answers as they are, of the calmest world, and of a few worlds that are drawn."""
    picks = [lambda ways: ways[:1]] + 3 * [lambda ways: [rng.choice(ways)]]
    completed = SHIPPED.complete(answers)
    worlds = [world for pick in picks for world in SHIPPED.worlds(answers, pick, 1) or []]
    levels = {SHIPPED.level_in(world, completed) for world in worlds} - {None} | {SHIPPED.level(completed)}
    return [LEVELS[level] for level in sorted(levels)]


def test_engine_and_oracle_agree_on_the_pivotal_question(people: dict[str, oracle.Answers]) -> None:
    some = [answers for answers in people.values() if 1 <= len(SHIPPED.unknown(answers)) <= 4][:120]
    some.append(dict.fromkeys(("burden", "suicidal_week", "past_attempt"), "no") | {"suicidal_now": "yes"})
    differences = []
    named = set()
    for answers in some:
        expected = SHIPPED.settling(answers)
        named.add(expected)
        if settling(answers) != expected:
            differences.append(
                f"settling: engine {settling(answers)}, oracle {expected}, for {json.dumps(answers)}"
            )
    assert not differences, report(differences)
    assert len(named) > 5


@pytest.mark.parametrize(
    ("answers", "named"),
    [
        ({"harm_others": "skip"}, ["harm_others"]),
        ({"people": "unsure", "crises": "unsure"}, []),
        ({"past_attempt": "yes", "last_attempt": "unsure"}, ["last_attempt"]),
        ({"past_attempt": "skip"}, ["past_attempt"]),  # it would open last_attempt
        ({"wish_dead": "skip"}, ["wish_dead"]),  # it would open suicide_plan
        ({"also": ["skip"], "losing_touch": "new"}, ["also"]),  # together with a birth
        (
            {"past_attempt": "yes", "last_attempt": "past_3_months", "suicidal_week": "skip"},
            ["suicidal_week"],
        ),
    ],
)
def test_an_unknown_that_could_be_a_crisis_is_named(answers: oracle.Answers, named: list[str]) -> None:
    """By itself, by a question that it would open, or together with what is known."""
    assert crises_that_may_be(CALM | answers) == named


def test_people_are_varied(said: dict[str, dict[str, Any]]) -> None:
    """The comparison above says little unless all levels, rules and marks occur."""
    outputs = said.values()
    assert all(sum(output["level"] == level for output in outputs) > PEOPLE / 10 for level in LEVELS)
    reasons = set(itertools.chain.from_iterable(output["reasons"] for output in outputs))
    assert {rule["id"] for rule in SHIPPED.rules["rule"]} - reasons == set()
    for mark in ("crisis", "urgent"):
        assert set(itertools.chain.from_iterable(output[mark] for output in outputs)) == set(
            SHIPPED.rules["marks"][mark]
        )
    assert sum(output["provisional"] for output in outputs) > PEOPLE / 3
    assert sum(output["range"][0] != output["range"][1] for output in outputs) > PEOPLE / 10


def test_engine_keeps_the_invariants_on_people(
    people: dict[str, oracle.Answers], said: dict[str, dict[str, Any]]
) -> None:
    broken = []
    for name, answers in people.items():
        output, completed = said[name], SHIPPED.complete(answers)
        level = LEVELS.index(output["level"])
        if output["crisis"] and output["level"] != "inpatient":
            broken.append(f"{name}: a crisis ends at {output['level']}, for {json.dumps(answers)}")
        for invariant in SHIPPED.rules["invariant"]:
            demanded = SHIPPED.any_row(invariant.get("answers", []), completed)
            if demanded and level < LEVELS.index(invariant["at_least"]):
                broken.append(
                    f"{name}: {invariant['id']} ends at {output['level']}, for {json.dumps(answers)}"
                )
    assert not broken, report(broken)


def test_no_level_about_someone_else_or_under_18() -> None:
    stops = [
        ({"who": "other"}, "other"),
        ({"age": "under_13"}, "under_13"),
        ({"age": "13_17"}, "13_17"),
        ({"who": "me", "age": "13_17", "suicidal_week": "yes"}, "13_17"),
        ({"who": "with_help", "age": "under_13", "emergency": ["about_to"]}, "under_13"),
        ({"who": "other", "age": "18_64", "emergency": ["hurt"]}, "other"),
    ]
    said = ask({str(number): answers for number, (answers, _) in enumerate(stops)})
    for number, (answers, stop) in enumerate(stops):
        output = said[str(number)]
        assert (output["level"], output["stop"]) == (None, stop), answers
        assert not {"reasons", "areas", "range", "provisional"} & output.keys(), answers


def test_bad_lines_are_refused_and_good_ones_still_answered() -> None:
    bad = oracle.bad_lines()
    lines = [b"", b"   "]
    for number, (_, line) in enumerate(bad):
        lines += [line, b"", json.dumps({"id": f"good {number}", "answers": {}}).encode()]
    outputs, status = run(lines)

    assert status == 1
    assert len(outputs) == 2 * len(bad)
    for number, (description, _) in enumerate(bad):
        refused, good = outputs[2 * number : 2 * number + 2]
        assert refused.keys() == {"id", "error"}, description
        assert refused["id"] in (None, "bad"), description
        assert refused["error"], description
        assert (good["id"], good["level"]) == (f"good {number}", "iop"), description


@pytest.mark.some(1)
@pytest.mark.parametrize("line", [b"[", b'{"id": "a"}', b'{"id": "a", "answers": {"home": "skip"}}'])
def test_one_bad_line_is_enough_for_status_1(line: bytes) -> None:
    outputs, status = run([line])
    assert status == 1
    assert len(outputs) == 1


def test_the_id_of_a_bad_line_is_kept() -> None:
    outputs, _ = run([b'{"id": "x7", "answers": {"home": "skip"}}', b'{"id": "x8", "answers": []}', b"x9"])
    assert [output["id"] for output in outputs] == ["x7", "x8", None]


def test_empty_input_gives_empty_output() -> None:
    assert run([]) == ([], 0)
    assert run([b"", b" \t"]) == ([], 0)


def test_closed_pipe_ends_quietly() -> None:
    """As with ``| head``."""
    reads, writes = os.pipe()
    os.close(reads)
    command = [sys.executable, "manage.py", "recommend"]
    done = subprocess.run(command, cwd=BASE, input=b'{"answers": {}}', stdout=writes, stderr=subprocess.PIPE)
    os.close(writes)
    assert (done.returncode, done.stderr) == (1, b"")
