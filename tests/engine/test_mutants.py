"""Every small mistake somebody could make in rule set 2026.1 is noticed.

A mutant (tests/engine/mutants.py) is *refused* by the loader, or *reported* by the exact difference; where it moves
anybody down it is proved as well, and every counterexample is shown to the oracle, which reads the edited file in its
own way. What the difference takes for the same must be the same for the oracle too.
"""

import random
import tomllib
from collections import Counter
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from carenav.plumbing.i18n.localized_text import languages
from intake import content
from recommend.engine import ContentError, RuleSet
from recommend.engine.analysis.difference import Difference, difference
from recommend.engine.analysis.proof import Check, prove
from recommend.engine.answers import as_json
from recommend.engine.ruleset_file import read_ruleset
from tests.engine import oracle
from tests.engine.command import FIRST
from tests.engine.mutants import Mutant, RuleFile

SHIPPED = oracle.shipped()
LEVELS = SHIPPED.rules["levels"]
PEOPLE = 300  # drawn to try a mutant that is said to be the same


FILE = RuleFile(oracle.RULESET.read_text())
MUTANTS = FILE.mutants()


# ---- trying them


def read(text: str, path: Path) -> RuleSet:
    path.write_text(text)
    return read_ruleset(path, content.questionnaire(FIRST).questions, languages())


def fate(mutant: Mutant, path: Path) -> str:
    """What becomes of a mutant; an AssertionError if the engine and the oracle do not agree about it."""
    try:
        ruleset = read(mutant.text, path)
    except ContentError:
        return "refused"
    reading = oracle.Oracle(SHIPPED.questionnaire, tomllib.loads(mutant.text))
    found = difference(content.ruleset(FIRST), ruleset)
    if found.none:
        assert_the_same(reading)
        return "the same"
    assert_moved(found, ruleset, reading)
    broken = broken_by_somebody(reading)
    if not found.down:
        assert not broken, "broken, though nobody moves down"
        return "reported"
    refuted = {check.id: check for check in prove(ruleset).checks if not check.proved}
    assert broken <= refuted.keys(), "broken by somebody, and not refuted"
    for check in refuted.values():
        if check.counterexample is not None:
            assert_broken(check, ruleset, reading)
    return "refuted" if refuted.keys() & promises() else "reported, and moves somebody down"


def said(reading: oracle.Oracle, completed: oracle.Answers) -> tuple[int, Any, Any]:
    """The level, areas and marks of one person as the oracle reads them."""
    signals, marks, _ = reading.rate(completed)
    return reading.level_of(signals), [signals[area] for area in reading.rules["areas"]], marks


@cache
def drawn() -> list[tuple[oracle.Answers, Any]]:
    """People drawn once, with what the shipped file says to them."""
    rng = random.Random(20_265)
    people = [SHIPPED.complete(SHIPPED.random_answers(rng)) for _ in range(PEOPLE)]
    return [(completed, said(SHIPPED, completed)) for completed in people]


def assert_the_same(reading: oracle.Oracle) -> None:
    for completed, shipped in drawn():
        assert said(reading, completed) == shipped, completed


def as_given(ruleset: RuleSet, answers: Any) -> oracle.Answers:
    """Answers of the engine as the oracle takes them, and whole: nothing asked is missing, nothing more is there."""
    raw = as_json(ruleset.questions, answers)
    completed = SHIPPED.complete(raw)
    assert {key: completed[key] for key in completed if SHIPPED.is_rated(key)} == raw
    return completed


def assert_moved(found: Difference, ruleset: RuleSet, reading: oracle.Oracle) -> None:
    """Each example moves as it is said to."""
    for levels, tally in found.moves.items():
        example = as_given(ruleset, tally.example)
        assert (SHIPPED.level(example), reading.level(example)) == levels, example


def promises() -> set[str]:
    return {invariant["id"] for invariant in SHIPPED.rules["invariant"]}


def breaks(reading: oracle.Oracle, completed: oracle.Answers) -> set[str]:
    """The promises about a level that one person breaks."""
    rank, _, marks = said(reading, completed)
    broken = {
        invariant["id"]
        for invariant in SHIPPED.rules["invariant"]
        if "answers" in invariant
        and rank < LEVELS.index(invariant["at_least"])
        and reading.any_row(invariant["answers"], completed)
    }
    if marks["crisis"] and LEVELS[rank] != "inpatient":
        broken.add("crisis-is-always-inpatient")
    return broken


@cache
def least_people() -> list[oracle.Answers]:
    """For each way to meet a promise somebody who says little else, and some people who are drawn."""
    calm = {key: SHIPPED.options[key][0] for key in SHIPPED.questions if SHIPPED.is_rated(key)}
    calm = {
        key: [least] if SHIPPED.questions[key]["type"] == "many" else least for key, least in calm.items()
    }
    rows = [row for invariant in SHIPPED.rules["invariant"] for row in invariant.get("answers", [])]
    people = [calm, {}]
    for row in rows:
        for options in product(*row.values()):
            wanted = {
                key: [option] if SHIPPED.questions[key]["type"] == "many" else option
                for key, option in zip(row, options, strict=True)
            }
            people += [opened(calm | wanted, wanted, opening) for opening in ("skip", "yes", "problems")]
    everybody = [person for person in people if SHIPPED.accepts(person)]
    return [SHIPPED.complete(person) for person in everybody] + [completed for completed, _ in drawn()[:60]]


def opened(answers: oracle.Answers, wanted: oracle.Answers, opening: str) -> oracle.Answers:
    """The same with the questions that open the wanted ones answered so."""
    openers = {
        key
        for question in wanted
        for row in SHIPPED.questions[question].get("ask_if", [])
        for key in row
        if opening in SHIPPED.offered(key) and SHIPPED.questions[key]["type"] != "many" and key not in wanted
    }
    return answers | dict.fromkeys(openers, opening)


def broken_by_somebody(reading: oracle.Oracle) -> set[str]:
    return {id for completed in least_people() for id in breaks(reading, completed)}


def assert_broken(check: Check, ruleset: RuleSet, reading: oracle.Oracle) -> None:
    """A counterexample is one for the oracle too, on the edited file."""
    before = as_given(ruleset, check.counterexample)
    if check.id.startswith("decides-alone:"):
        signals, _, _ = reading.rate(before)
        level = LEVELS[reading.level(before)]
        deciding = [rule["id"] for rule in reading.fired(signals) if rule["at_least"] == level]
        assert check.id.partition(":")[2] in [rule["id"] for rule in reading.fired(signals)], check.id
        assert deciding != [check.id.partition(":")[2]], (check.id, before)
        return
    if check.instead is None:
        assert check.id in breaks(reading, before), (check.id, before)
        return
    changed = {**(check.counterexample or {}), **check.instead}
    if check.id == "rows-rise":
        [question] = check.instead
        assert rises_less(reading, question, check.counterexample or {}, check.instead), before
        return
    after = as_given(ruleset, {id: chosen for id, chosen in changed.items() if chosen})
    assert reading.level(after) < reading.level(before), (check.id, before, after)


def rises_less(reading: oracle.Oracle, question: str, worse: Any, milder: Any) -> bool:
    """Whether a worse answer raises some signal less than a milder one."""

    def rank(option: str, signal: str) -> int:
        value = reading.row(question, option).get(signal, reading.scales[signal][0])
        return int(value) if isinstance(value, bool) else reading.scales[signal].index(value)

    return any(
        rank(one, signal) < rank(other, signal)
        for signal in reading.scales
        for one in worse[question]
        for other in milder[question]
    )


@pytest.mark.slow
@pytest.mark.parametrize("mutant", MUTANTS, ids=[mutant.name for mutant in MUTANTS])
def test_no_mutant_survives(mutant: Mutant, tmp_path: Path) -> None:
    fate(mutant, tmp_path / f"{FIRST}.toml")


def test_the_file_itself_is_read(tmp_path: Path) -> None:
    """Else every mutant would count as refused."""
    assert read(FILE.text, tmp_path / f"{FIRST}.toml").rules


def test_there_are_mutants_of_every_kind() -> None:
    """The edits find what they look for, and each makes another file."""
    assert len({mutant.text for mutant in MUTANTS} - {FILE.text}) > 400
    dropped = Counter(mutant.kind for mutant in MUTANTS if mutant.kind.endswith("dropped"))
    assert dropped == {
        f"{kind} dropped": len(SHIPPED.rules[kind]) for kind in ("rule", "combined", "frequency")
    }
    marks = sum(mark in row for mark in SHIPPED.rules["marks"] for row in FILE.every_row())
    assert sum(mutant.kind == "mark removed" for mutant in MUTANTS) == marks
    signals = sum(name in SHIPPED.scales for row in FILE.every_row() for name in row)
    assert sum(mutant.kind == "rating removed" for mutant in MUTANTS) == signals
