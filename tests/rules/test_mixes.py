"""Synthetic people: the mix file fits the questions, and the same seed gives the same people."""

import hashlib
import json
import tomllib
from collections import Counter
from pathlib import Path

import pytest

from recommend.engine import ContentError
from recommend.rules.mix import SKIP, Added, Item, Picked
from recommend.rules.mixes import Mixes, load_mix, people

ROOT = Path(__file__).parent.parent.parent
MIX_FILES = [
    path for path in sorted((ROOT / "recommend" / "mixes").glob("*.toml")) if ".as-" not in path.name
]
NOT_DRAWN = {"place", "free_times", "insurance", "share"}
"""Questions that no rule reads; the people leave them open."""


@pytest.fixture(scope="module")
def mixes() -> Mixes:
    return load_mix(ROOT / "recommend" / "mixes" / "2026.2.toml")


@pytest.fixture(scope="module")
def clinic(mixes):
    return list(people(mixes, "clinic"))


def offered(version: str) -> dict[str, tuple[bool, set[str]]]:
    """Each question of a version: whether it takes a list, and the options it offers."""
    path = ROOT / "intake" / "questionnaires" / f"{version}.toml"
    raw = tomllib.loads(path.read_text(encoding="utf-8"))
    found = {}
    for question in (question for section in raw["section"] for question in section["question"]):
        options = question.get("options", [{"id": "yes"}, {"id": "no"}])
        if isinstance(options, str):
            options = raw["option_list"][options]
        ids = {option["id"] for option in options} | {key for key in (SKIP, "unsure") if question.get(key)}
        found[question["id"]] = (question["type"] == "many", ids)
    return found


# ---- the files of the project


@pytest.mark.parametrize("path", MIX_FILES, ids=lambda path: path.stem)
def test_mix_file_names_only_what_its_questions_offer(path):
    mixes = load_mix(path)
    questions = offered(mixes.version)
    assert path.stem == mixes.version
    assert {id: options - questions[id][1] for id, options in mixes.options.items()} == {
        id: frozenset() for id in mixes.options
    }
    assert mixes.lists == {id for id in mixes.options if questions[id][0]}
    assert set(questions) - set(mixes.options) == NOT_DRAWN


def test_mix_file_percentages_sum_to_100(mixes):
    raw = tomllib.loads((ROOT / "recommend" / "mixes" / "2026.2.toml").read_text(encoding="utf-8"))
    sums = [sum(draw["percent"].values()) for draw in raw["draw"] if "percent" in draw]
    assert (
        len(sums) == sum(isinstance(draw.how, Picked | Item) for draw in mixes.draws) - 1
    )  # recent_treatment gives relative weights
    assert sums == [pytest.approx(100)] * len(sums)


def test_mixes_are_the_three_of_the_design(mixes):
    assert {name: (mix.mean, mix.shifts) for name, mix in mixes.by_name.items()} == {
        "clinic": (0.0, {"substance": 0.0}),
        "general": (-0.7, {"substance": -0.15}),
        "specialty": (0.5, {"substance": 0.15}),
    }
    assert (mixes.seed, mixes.people) == (11, 4000)


# ---- the people


@pytest.mark.some(1)
@pytest.mark.parametrize(
    ("name", "digest"),
    [
        ("clinic", "615df03305f87ff6"),
        ("general", "12d8c975665ee83e"),
        ("specialty", "4a639c2e4824acdf"),
    ],
)
def test_people_are_those_of_the_published_shares(mixes, name, digest):
    drawn = json.dumps(list(people(mixes, name)), sort_keys=True).encode()
    assert hashlib.sha256(drawn).hexdigest()[:16] == digest


def test_people_same_seed_gives_the_same_people(mixes, clinic):
    assert list(people(mixes, "clinic")) == clinic
    assert list(people(mixes, "clinic", count=50)) == clinic[:50]
    assert list(people(mixes, "clinic", count=50, seed=12)) != clinic[:50]


def test_people_unknown_mix_is_refused_at_once(mixes):
    with pytest.raises(KeyError):
        people(mixes, "hospital")


def test_people_in_the_clinic_answer_as_often_as_the_file_says(mixes, clinic):
    raw = tomllib.loads((ROOT / "recommend" / "mixes" / "2026.2.toml").read_text(encoding="utf-8"))
    drawn_once = Counter(draw["question"] for draw in raw["draw"])
    compared = 0
    for draw in raw["draw"]:
        id = draw["question"]
        if drawn_once[id] > 1 or "percent" not in draw or "when" in draw:
            continue
        given = [person[id] for person in clinic]
        given = [options[0] if isinstance(options, list) else options for options in given]
        kept = 1 - mixes.skip_percent / 100 if id in mixes.skippable else 1
        for option, percent in draw["percent"].items():
            # 4,000 people: three standard deviations are at most 2.4 points
            skipped = mixes.skip_percent if option == SKIP and id in mixes.skippable else 0
            expected = percent * kept + skipped
            assert given.count(option) / len(given) * 100 == pytest.approx(expected, abs=2.4), (id, option)
            compared += 1
    assert compared > 80


def test_people_with_more_severity_have_worse_symptoms(mixes):
    def daily(name: str) -> int:
        return sum(person["low_mood"] == "daily" for person in people(mixes, name))

    assert daily("general") < daily("clinic") < daily("specialty")


def test_people_lists_hold_none_only_alone(clinic):
    also = [tuple(person["also"]) for person in clinic]
    assert ("none",) in also
    assert any(len(options) > 1 for options in also)
    assert not [options for options in also if "none" in options and len(options) > 1]
    treatment = {tuple(person["recent_treatment"]) for person in clinic}
    assert {("left_hospital", "weekly"), ("left_hospital",)} <= treatment


def test_people_depend_on_earlier_answers(clinic):
    for person in clinic:
        if person["past_attempt"] == "no":
            assert "last_attempt" not in person
        if person["suicidal_now"] == "yes":
            assert person["suicidal_week"] in ("yes", SKIP)
    assert any("last_attempt" in person for person in clinic)
    assert any(person["suicidal_now"] == "yes" for person in clinic)


# ---- files that are wrong

GOOD = """
version = "1"
seed = 1
people = 10
lists = ["also"]
[sources]
guess = "A guess"
[mix.calm]
mean = -1
drugs = 0.5
[skip]
percent = 2
questions = ["mood"]
source = "guess"
[[draw]]
question = "who"
answer = "me"
[[draw]]
question = "mood"
rho = 0.5
shift = "drugs"
percent = { good = 60, bad = 40 }
source = "guess"
[[draw]]
question = "also"
answer = ["none"]
[[draw]]
question = "also"
when = { mood = ["bad"] }
chance = { baby = 10 }
instead_of = "none"
source = "guess"
[[draw]]
question = "guns"
weights = { no = 3, yes = 1 }
source = "guess"
"""


def test_load_mix_reads_the_example(tmp_path):
    (tmp_path / "1.toml").write_text(GOOD)
    mixes = load_mix(tmp_path / "1.toml")
    assert isinstance(mixes.draws[3].how, Added)
    assert mixes.options == {
        "who": {"me"},
        "mood": {"good", "bad", "skip"},
        "also": {"none", "baby"},
        "guns": {"no", "yes"},
    }


@pytest.mark.parametrize(
    ("right", "wrong", "place", "problem"),
    [
        ('version = "1"\n', "", "the file", "'version' is missing"),
        ("seed = 1", "seed = 1.5", "seed", "expected a whole number above 0"),
        ("people = 10", "people = 0", "people", "expected a whole number above 0"),
        ("people = 10", "people = 10\ncount = 1", "the file", "unknown key 'count'"),
        ('lists = ["also"]', 'lists = ["also", "also"]', "lists", "an id is named twice"),
        ("mean = -1", "", "mix calm", "'mean' is missing"),
        ("mean = -1", 'mean = "low"', "mix calm, mean", "expected a number"),
        ("percent = 2", "percent = 102", "skip, percent", "expected a percentage from 0 to 100"),
        ('questions = ["mood"]', 'questions = ["moon"]', "skip, questions", "'moon' is not a known question"),
        (
            "good = 60, bad = 40",
            "good = 60, bad = 41",
            "draw number 2, mood, percent",
            "expected a sum of 100",
        ),
        ("good = 60, bad = 40", "good = 100, bad = 0", "draw number 2, mood, percent", "each above 0"),
        ("rho = 0.5", "rho = 1.5", "draw number 2, mood, rho", "expected a number from 0 to 1"),
        ("rho = 0.5", "", "draw number 2, mood", "'shift' needs 'rho'"),
        (
            'shift = "drugs"',
            'shift = "drinks"',
            "draw number 2, mood, shift",
            "'drinks' is not a known number",
        ),
        ('answer = "me"', 'answer = "me"\nweights = { me = 1 }', "draw number 1, who", "expected one of"),
        ('answer = "me"', 'answer = ["me"]', "draw number 1, who, answer", "expected the id of an option"),
        ('answer = ["none"]', 'answer = "none"', "draw number 3, also, answer", "expected a list of ids"),
        (
            'when = { mood = ["bad"] }',
            'when = { guns = ["no"] }',
            "draw number 4, also, when",
            "'guns' is not",
        ),
        (
            'when = { mood = ["bad"] }',
            'when = { mood = ["sad"] }',
            "also, when, mood",
            "'sad' is not a known",
        ),
        ("baby = 10", "baby = -1", "draw number 4, also, chance, baby", "expected a percentage"),
        ('instead_of = "none"', 'instead_of = "nil"', "draw number 4, also, instead_of", "'nil' is not"),
        ("weights = { no = 3, yes = 1 }", "chance = { yes = 1 }", "guns, chance", "only a list question"),
        (
            'yes = 1 }\nsource = "guess"',
            "yes = 1 }",
            "draw number 5, guns, source",
            "None is not a known source",
        ),
        (
            'yes = 1 }\nsource = "guess"',
            'yes = 1 }\nsource = "hunch"',
            "guns, source",
            "'hunch' is not a known",
        ),
        ('question = "guns"', "", "draw number 5", "'question' is missing"),
        ("seed = 1", "seed = ", "the file", "Invalid value"),
    ],
)
def test_load_mix_wrong_file_is_refused(tmp_path, right, wrong, place, problem):
    assert GOOD.count(right) == 1
    (tmp_path / "1.toml").write_text(GOOD.replace(right, wrong))
    with pytest.raises(ContentError) as refused:
        load_mix(tmp_path / "1.toml")
    assert place in refused.value.place
    assert problem in refused.value.problem


def test_load_mix_missing_file_is_refused(tmp_path):
    with pytest.raises(ContentError, match=r"none\.toml"):
        load_mix(tmp_path / "none.toml")
