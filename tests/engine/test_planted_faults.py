"""Faults that no mutant of the shipped file has: a row added, an answer that counts as another."""

import tomllib
from pathlib import Path

import pytest

from carenav.plumbing.i18n.localized_text import languages
from intake import content
from recommend.engine.analysis.proof import prove
from recommend.engine.answers import as_json
from recommend.engine.ruleset_file import read_ruleset
from tests.engine import oracle
from tests.engine.command import FIRST

SHIPPED = oracle.shipped()

FAULTS = [
    # what is edited, into what, the promise that breaks, and the one answer that breaks it
    (
        'unsure = { weekly_hours = "h9" }',
        'unsure = { weekly_hours = "h1" }',
        "a-worse-answer-never-lowers",
        {"weekly_hours": "unsure"},
    ),
    (
        'unsure = { weekly_hours = "h9" }',
        'unsure = { weekly_hours = "h3" }',
        "a-worse-answer-never-lowers",
        {"weekly_hours": "unsure"},
    ),
    (
        "[ratings.weekly_hours]",
        '[ratings.work_around]\ntransport = { home = "severe" }\n[ratings.weekly_hours]',
        "week-never-lowers-need",
        {"work_around": ["none"]},
    ),
]


@pytest.mark.parametrize(("old", "new", "promise", "instead"), FAULTS)
def test_a_planted_fault_is_refuted(
    old: str, new: str, promise: str, instead: oracle.Answers, tmp_path: Path
) -> None:
    text = oracle.RULESET.read_text().replace(old, new, 1)
    path = tmp_path / f"{FIRST}.toml"
    path.write_text(text)
    ruleset = read_ruleset(path, content.questionnaire(FIRST).questions, languages())
    found = next(check for check in prove(ruleset).checks if check.id == promise)
    assert found.counterexample is not None
    assert found.instead is not None
    assert as_json(ruleset.questions, found.instead) == instead
    before = as_json(ruleset.questions, found.counterexample)
    reading = oracle.Oracle(SHIPPED.questionnaire, tomllib.loads(text))
    levels = [reading.level(reading.complete({**before, **change})) for change in ({}, instead)]
    assert levels[1] < levels[0]
