"""`manage.py shares`: what share of synthetic people gets each level, and what drives it."""

import io
import json
import re
from collections import Counter
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from recommend.engine import Level
from recommend.rules import population
from recommend.rules.file_anywhere import read_from
from recommend.rules.mixes import load_mix, people
from tests.engine import oracle_2026_2
from tests.support.rules import Terminal

MIX = population.FOLDER / "2026.2.toml"


def rules(version: str) -> Path:
    return settings.RULESET.with_stem(version)


def run(*arguments: object, terminal: bool = False) -> tuple[str, str]:
    out, err = io.StringIO(), Terminal() if terminal else io.StringIO()
    call_command("shares", *map(str, arguments), stdout=out, stderr=err, no_color=True)
    return out.getvalue(), err.getvalue()


def percentages(said: str) -> dict[str, list[str]]:
    """The cells of the printed table, by mix."""
    head, *body = said.split("\n\n")[1].splitlines()
    assert head.split() == [
        "percent",
        "of",
        "people",
        "outpatient",
        "iop",
        "php",
        "inpatient",
        "urgent",
        "or",
        "crisis",
        "crisis",
    ]
    return {name: cells for name, *cells in map(str.split, body)}


# ---- the published figures


PUBLISHED = {
    "2026.2": {
        "clinic": "51.0 30.1 12.2 6.8 17.3 2.3",
        "general": "69.3 21.0 6.5 3.2 10.4 1.0",
        "specialty": "35.1 35.2 18.3 11.3 25.1 3.2",
    },
    "2026.1": {
        "clinic": "33.8 36.0 24.4 5.8 13.0 2.1",
        "general": "52.5 32.1 12.6 2.8 8.0 0.9",
        "specialty": "21.0 34.2 35.0 9.8 18.3 3.1",
    },
}


@pytest.mark.slow
@pytest.mark.parametrize("version", PUBLISHED)
def test_shares_are_those_published(version):
    found = percentages(run(rules(version))[0])
    assert {name: " ".join(cells) for name, cells in found.items()} == PUBLISHED[version]


def test_published_shares_are_those_of_the_documentation():
    text = (settings.BASE_DIR / "docs" / "calibration.md").read_text()
    rows = re.findall(r"(?m)^\| (\w+) \| ([\d.]+) \| (.+) \|$", text)
    assert {(version, name): cells.replace(" |", "") for name, version, cells in rows} == {
        (version, name): cells for version, each in PUBLISHED.items() for name, cells in each.items()
    }


# ---- a small draw


def test_small_draw_is_exact():
    assert percentages(run(rules("2026.2"), "--people", 200)[0]) == {
        "clinic": ["46.0", "35.5", "14.0", "4.5", "17.0", "1.5"],
        "general": ["68.5", "20.0", "7.0", "4.5", "11.5", "2.5"],
        "specialty": ["33.5", "34.5", "18.5", "13.5", "30.0", "4.0"],
    }


def test_older_rules_decide_for_the_same_people():
    assert percentages(run(rules("2026.1"), "--people", 200)[0]) == {
        "clinic": ["34.0", "37.0", "23.5", "5.5", "13.0", "1.0"],
        "general": ["52.0", "30.5", "13.5", "4.0", "10.5", "2.5"],
        "specialty": ["23.5", "30.0", "34.5", "12.0", "23.0", "4.0"],
    }


def test_json_counts_what_an_independent_reading_says():
    said = json.loads(run(rules("2026.2"), "--json", "--people", 150)[0])
    mixes, oracle = load_mix(MIX), oracle_2026_2.shipped()
    for name in mixes.by_name:
        decided = [oracle.decide(oracle.kept(answers)) for answers in people(mixes, name, 150)]
        found = said["mixes"][name]
        assert (found["people"], found["without_a_level"]) == (150, 0)
        for level in Level:
            there = [each for each in decided if each["level"] == level.id]
            part = found["levels"][level.id]
            assert part["people"] == len(there)
            assert part["percent"] == pytest.approx(len(there) / 1.5, abs=1e-4)
            reasons = Counter(rule for each in there for rule in each["reasons"])
            assert {id: rule["people"] for id, rule in part["rules"].items()} == reasons
        assert found["crisis"]["people"] == sum(bool(each["crisis"]) for each in decided)
        assert found["urgent_or_crisis"]["people"] == sum(
            bool(each["crisis"] or each["urgent"]) for each in decided
        )
        for mark in ("crisis", "urgent"):
            kinds = Counter(kind for each in decided for kind in each[mark])
            assert {kind: part["people"] for kind, part in found[f"{mark}_kinds"].items()} == kinds


def test_drivers_are_named_most_frequent_first():
    said, _ = run(rules("2026.2"), "--people", 200, "--rules", 2)
    counted = json.loads(run(rules("2026.2"), "--people", 200, "--json")[0])
    clinic = said.split("\n\n")[2].splitlines()
    assert clinic[0].startswith("What drives clinic")
    for level in ("iop", "php", "inpatient"):
        every = counted["mixes"]["clinic"]["levels"][level]["rules"]
        numbers = [rule["people"] for rule in every.values()]
        assert numbers == sorted(numbers, reverse=True)
        start = clinic.index(f"  {level}") + 1
        assert [line.split() for line in clinic[start : start + 3]] == [
            *([f"{rule['percent']:.1f}", id] for id, rule in [*every.items()][:2]),
            ["and", str(len(every) - 2), "more"],
        ]


def test_default_is_the_rule_set_in_use():
    said, _ = run("--people", 2)
    ruleset = read_from(settings.RULESET)
    assert said.startswith(f"Rule set {ruleset.version}, SHA-256 {ruleset.digest}\n2 people drawn")


def test_seed_draws_other_people():
    first, again, other = (run("--people", 50, "--seed", seed)[0] for seed in (12, 12, 13))
    assert first == again
    assert percentages(first) != percentages(other)


def test_progress_is_drawn_on_a_terminal_only():
    assert run("--people", 2)[1] == ""
    assert "of 2" in run("--people", 2, terminal=True)[1]


# ---- a file of the clinic's own


def own_mix(folder: Path, right: str = "", wrong: str = "") -> Path:
    text = MIX.read_text()
    assert right in text
    file = folder / "ours.toml"
    file.write_text(text.replace(right, wrong, 1))
    return file


def test_own_mix_is_drawn(tmp_path):
    """Everybody is a child or asks for somebody else: no level, and nothing is divided by nobody."""
    file = own_mix(tmp_path, "{ 65_plus = 12, 18_64 = 88 }", "{ 13_17 = 12, under_13 = 88 }")
    said, _ = run(rules("2026.2"), "--mix", file, "--people", 4)
    assert "4 people drawn for each mix of ours.toml" in said
    assert "4 of clinic are left out: nobody under 18 or asking for someone else gets a level." in said
    assert "0.0" in said
    assert "What drives clinic" in said


def test_own_mix_for_the_newer_questions_also_works_with_older_rules(tmp_path):
    said, _ = run(rules("2026.1"), "--mix", own_mix(tmp_path), "--people", 200)
    assert percentages(said)["clinic"][0] == "34.0"


@pytest.mark.parametrize(
    ("right", "wrong", "problem"),
    [
        ('version = "2026.2"', 'version = "2025.1"', "version: unknown version '2025.1' of the questions"),
        ('version = "2026.2"', 'version = "../x"', "version: unknown version '../x' of the questions"),
        (
            'version = "2026.2"',
            'version = "2026.1"',
            "draw, suicide_plan: unknown option 'none'",
        ),
        ("65_plus = 12", "70_plus = 12", "draw, age: unknown option '70_plus'"),
        (
            'question = "nights"',
            'question = "noise"',
            "draw, noise: questionnaire 2026.2 has no such question",
        ),
        (
            'answer = "me"',
            'answer = "me"\n[[draw]]\nquestion = "free_times"\nanswer = "varies"',
            "lists: expected exactly the list questions; 'free_times' is wrong",
        ),
        (
            'answer = ["none"]\n\n[[draw]]\nquestion = "emergency"',
            'answer = ["none", "care"]\n\n[[draw]]\nquestion = "emergency"',
            "mix clinic: nobody can answer so: work_around",
        ),
        ("seed = 11", "seed = ", "the file: "),
    ],
)
def test_mix_that_cannot_be_used_gives_one_line(tmp_path, right, wrong, problem):
    file = own_mix(tmp_path, right, wrong)
    with pytest.raises(CommandError) as refused:
        run(rules("2026.2"), "--mix", file, "--people", 5)
    assert str(refused.value).startswith(f"{file}: ")
    assert problem in str(refused.value)
    assert "\n" not in str(refused.value)


def test_rule_set_that_cannot_be_used_gives_one_line(tmp_path):
    with pytest.raises(CommandError, match=r"none\.toml: the file: "):
        run(tmp_path / "none.toml")


def test_mix_for_questions_that_nothing_leads_to_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(population, "FOLDER", tmp_path)
    with pytest.raises(CommandError, match=r"the rule set reads questionnaire 2026\.1, and there is no"):
        run(rules("2026.1"), "--mix", MIX)
    with pytest.raises(CommandError, match=r"2026\.1\.toml: the file: "):
        run(rules("2026.1"))


@pytest.mark.parametrize("option", ["--people", "--seed", "--rules"])
@pytest.mark.parametrize("number", ["0", "-1", "1.5", "many"])
def test_number_that_is_not_above_0_is_refused(option, number):
    with pytest.raises(CommandError, match="above 0"):
        run(f"{option}={number}")
