"""A broken rule set or questionnaire is refused with file, place and what is wrong; nothing is guessed."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from carenav.plumbing.i18n.localized_text import languages
from intake.questionnaire import Questionnaire, load_questionnaire
from recommend.engine import ContentError, load_ruleset

ROOT = Path(__file__).resolve().parents[2]
QUESTIONS = ROOT / "intake" / "questionnaires" / "2026.1.toml"
RULES = ROOT / "recommend" / "rulesets" / "2026.1.toml"


@pytest.fixture(scope="module")
def questionnaire() -> Questionnaire:
    return load_questionnaire(QUESTIONS, languages())


def broken(tmp_path: Path, shipped: Path, old: str, new: str) -> Path:
    text = shipped.read_text()
    assert text.count(old) >= 1, f"the shipped file no longer has {old!r}"
    path = tmp_path / shipped.name
    path.write_text(text.replace(old, new, 1))
    return path


RULE_FAULTS = [
    # what is edited, into what, the place and the problem that must be told
    (
        'when = "risk >= extreme"',
        'when = "rsk >= extreme"',
        "rule danger-now, when",
        "unknown signal 'rsk', at character 1",
    ),
    (
        'when = "risk >= extreme"',
        'when = "risk >= awful"',
        "rule danger-now, when",
        "unknown grade 'awful' of risk, at character 9",
    ),
    (
        'when = "risk >= extreme"',
        'when = "risk >= none"',
        "rule danger-now, when",
        "unknown grade 'none' of risk",
    ),
    (
        'when = "risk >= extreme"',
        'when = "not risk >= extreme"',
        "rule danger-now, when",
        "unknown signal 'not'",
    ),
    (
        'when = "risk >= extreme"',
        'when = "risk < extreme"',
        "rule danger-now, when",
        "cannot read '<', at character 6",
    ),
    (
        'when = "risk >= extreme"',
        'when = "risk"',
        "rule danger-now, when",
        "expected '>=', but the condition ends",
    ),
    ('when = "risk >= extreme"', 'when = ""', "rule danger-now, when", "expected words in quotes"),
    (
        'at_least = "inpatient"\nwhen = "risk',
        'at_least = "hospital"\nwhen = "risk',
        "rule danger-now, at_least",
        "unknown level 'hospital'",
    ),
    (
        'at_least = "inpatient"\nwhen = "risk',
        'at_least = "outpatient"\nwhen = "risk',
        "rule danger-now, at_least",
        "without a rule",
    ),
    ('id = "medical-danger"', 'id = "danger-now"', "rule danger-now", "the id stands twice"),
    (
        'because = { en = "Your answers point to danger right now.",',
        'because = { xx = "Danger.",',
        "rule danger-now, because",
        "missing in language 'en'",
    ),
    (
        'because = { en = "Your answers point to danger right now.",',
        'because = { en = " ",',
        "rule danger-now, because",
        "missing in language 'en'",
    ),
    ("overlap = true", "overlaps = true", "rule moderate-symptoms-room-in-week", "unknown key 'overlaps'"),
    ("[ratings.harm_others]", "[ratings.harm_other]", "ratings", "unknown key 'harm_other'"),
    ('urges = { risk = "severe"', 'urge = { risk = "severe"', "ratings.harm_others", "unknown key 'urge'"),
    (
        'urges = { risk = "severe"',
        'urges = { risk = "serious"',
        "ratings.harm_others urges, risk",
        "unknown grade 'serious'",
    ),
    (
        'urges = { risk = "severe"',
        'urges = { danger = "severe"',
        "ratings.harm_others urges",
        "unknown signal or mark 'danger'",
    ),
    (
        'urgent = "violence"',
        'urgent = "violent"',
        "ratings.harm_others urges, urgent",
        "unknown kind 'violent'",
    ),
    (
        "much_worse = { worsening = true }",
        "much_worse = { worsening = false }",
        "ratings.trend much_worse, worsening",
        "a flag can only be true",
    ),
    # a row lower than the row before it
    (
        'urges = { risk = "severe"',
        'urges = { symptoms = "severe"',
        "ratings.harm_others urges",
        "is lower than skip in risk",
    ),
    (
        'extreme = { symptoms = "extreme" }',
        'extreme = { symptoms = "mild" }',
        "ratings.other_symptoms extreme",
        "is lower than",
    ),
    # a flag of skip that a worse option lacks
    (
        'how = { risk = "severe", intent_open = true',
        'how = { risk = "severe"',
        "ratings.suicide_plan how",
        "is lower than skip in intent_open",
    ),
    (
        'skip = { risk = "mild", suicidal_week_open = true',
        'skip = { crisis = "suicide", suicidal_week_open = true',
        "ratings.suicidal_week skip",
        "cannot carry crisis",
    ),
    (
        'questions = ["nervous", "worry"',
        'questions = ["nervos", "worry"',
        "frequency 1, questions",
        "unknown question 'nervos'",
    ),
    (
        "bands = { mild = 3, moderate = 6",
        "bands = { mild = 6, moderate = 3",
        "frequency 1, bands",
        "larger sum",
    ),
    (
        'answers = [{ last_attempt = ["past_3_months", "past_week"] }]',
        'answers = [{ last_attempt = ["past_month"] }]',
        "invariant recent-attempt-is-never-below-php, answers",
        "unknown option 'past_month'",
    ),
    ('id = "week-never-lowers-need"', 'id = "week-is-fine"', "invariant week-is-fine", "unknown property"),
    ('questionnaire = "2026.1"', 'questionnaire = "2025.9"', "questionnaire", "unknown version '2025.9'"),
    (
        'levels = ["outpatient", "iop"',
        'levels = ["iop", "outpatient"',
        "levels",
        "expected outpatient, iop, php, inpatient",
    ),
    ('version = "2026.1"', 'version = "2026.1', "the file", "line"),
]


@pytest.mark.parametrize(("old", "new", "place", "problem"), RULE_FAULTS)
def test_a_broken_rule_set_is_refused(
    tmp_path: Path, questionnaire: Questionnaire, old: str, new: str, place: str, problem: str
) -> None:
    path = broken(tmp_path, RULES, old, new)
    with pytest.raises(ContentError) as refused:
        load_ruleset(path, questionnaire.questions, languages())
    assert refused.value.file == str(path)
    assert refused.value.place.startswith(place)
    assert problem in refused.value.problem


QUESTION_FAULTS = [
    ('type = "yes_no"', 'type = "yesno"', "question wish_dead, type", "unknown type 'yesno'"),
    ('id = "burden"', 'id = "wish_dead"', "question wish_dead", "the id stands twice"),
    (
        'options = "frequency"',
        'options = "how_often"',
        "question nervous, options",
        "unknown option list 'how_often'",
    ),
    (
        "ask_if = [{ past_attempt = ",
        "ask_if = [{ future_attempt = ",
        "question last_attempt, ask_if",
        "unknown question 'future_attempt'",
    ),
    (
        'ask_if = [{ past_attempt = ["yes"] }]',
        'ask_if = [{ past_attempt = ["often"] }]',
        "question last_attempt, ask_if",
        "unknown option 'often'",
    ),
    (
        'ask_if = [{ past_attempt = ["yes"] }]',
        'ask_if = [{ past_attempt = ["skip"] }]',
        "question last_attempt, ask_if, past_attempt",
        "would close this question",
    ),
    (
        'ask_if = [{ past_attempt = ["yes"] }]',
        'ask_if = [{ emergency = ["none"] }]',
        "question last_attempt, ask_if, emergency",
        "stands alone",
    ),
    ("skip = true", 'skip = "yes"', "question wish_dead, skip", "expected true or false"),
    (
        '{ id = "over_year", text',
        '{ id = "skip", text',
        "question last_attempt, option skip",
        "offered by skip = true",
    ),
    (
        '{ id = "over_year", text',
        '{ id = "over_year", t = 1 }, { id = "x", text',
        "question last_attempt, option over_year",
        "'text' is missing",
    ),
    (
        'text = { en = "Who is this about?",',
        'text = { en = "",',
        "question who, text",
        "missing in language 'en'",
    ),
    (
        'title = { en = "Your safety",',
        'title = { en = "Your safety", xx = "?",',
        "section safety, title",
        "unknown language 'xx'",
    ),
]


@pytest.mark.parametrize(("old", "new", "place", "problem"), QUESTION_FAULTS)
def test_a_broken_questionnaire_is_refused(
    tmp_path: Path, old: str, new: str, place: str, problem: str
) -> None:
    path = broken(tmp_path, QUESTIONS, old, new)
    with pytest.raises(ContentError) as refused:
        load_questionnaire(path, languages())
    assert refused.value.file == str(path)
    assert refused.value.place.startswith(place)
    assert problem in refused.value.problem


@pytest.mark.parametrize(
    "data", [b'version = "\xff"', b"a = " + b"[" * 100_000], ids=["not UTF-8", "too deep"]
)
def test_a_file_that_is_no_text_or_has_no_end_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "broken.toml"
    path.write_bytes(data)
    with pytest.raises(ContentError, match="the file"):
        load_questionnaire(path, languages())


@pytest.mark.parametrize(
    ("shipped", "table", "load"),
    [
        (QUESTIONS, "option_list", lambda path, _: load_questionnaire(path, languages())),
        (RULES, "ratings", lambda path, asked: load_ruleset(path, asked.questions, languages())),
    ],
)
def test_something_else_in_the_place_of_a_table_is_refused(
    tmp_path: Path,
    questionnaire: Questionnaire,
    shipped: Path,
    table: str,
    load: Callable[[Path, Questionnaire], object],
) -> None:
    path = tmp_path / shipped.name
    without = re.sub(rf"(?ms)^\[{table}.*?(?=^\[(?!{table}))", "", shipped.read_text())
    path.write_text(f"{table} = 1\n{without}")
    with pytest.raises(ContentError) as refused:
        load(path, questionnaire)
    assert (refused.value.place, refused.value.problem) == (table, "expected a table")


def test_a_text_that_lacks_a_shipped_language_is_refused(questionnaire: Questionnaire) -> None:
    for load in (
        lambda: load_questionnaire(QUESTIONS, ["en", "xx"]),
        lambda: load_ruleset(RULES, questionnaire.questions, ("en", "xx")),
    ):
        with pytest.raises(ContentError, match="missing in language 'xx'"):
            load()


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match=r"absent\.toml"):
        load_questionnaire(tmp_path / "absent.toml", ["en"])
