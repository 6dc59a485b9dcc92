"""Small mistakes in rule set 2026.2 are noticed: refused by the loader, or reported by the exact difference.

What an independent reading of the edited file finds broken must be refuted; what the difference takes for the same must
be the same for that reading too. One mutant takes about 20 seconds, so `make test-all` tries some of every kind;
``MUTANTS=all`` tries each.
"""

import hashlib
import os
import random
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from carenav.plumbing.i18n.localized_text import languages
from intake import content
from recommend.engine import ContentError, RuleSet
from recommend.engine.analysis.difference import Difference, difference
from recommend.engine.analysis.proof import prove_promise
from recommend.engine.answers import as_json
from recommend.engine.ruleset_file import read_ruleset
from recommend.rules.charters import charter_for
from tests.engine import oracle_2026_2
from tests.engine.mutants import Mutant, RuleFile
from tests.engine.oracle_2026_2 import CHARTER, QUESTIONNAIRE, RULES, Answers, Oracle

OF_EACH_KIND = 2
FILE = RuleFile(RULES.read_text())
ALL = FILE.mutants()
SHIPPED = oracle_2026_2.shipped()
NEW = "2026.2"


def some_of_each_kind() -> list[Mutant]:
    """Always the same ones, from all over the file."""
    kinds: dict[str, list[Mutant]] = defaultdict(list)
    for mutant in sorted(ALL, key=lambda mutant: hashlib.sha256(mutant.name.encode()).digest()):
        kinds[mutant.kind].append(mutant)
    return [mutant for each in kinds.values() for mutant in each[:OF_EACH_KIND]]


TRIED = ALL if os.environ.get("MUTANTS") == "all" else some_of_each_kind()


def said(reading: Oracle, completed: Answers) -> tuple[int, Any, Any]:
    """The level, the areas and the marks of one person."""
    state, marks = reading.rate(completed)
    return reading.level_at(state), [state[area] for area in reading.areas], marks


@cache
def drawn() -> list[Answers]:
    rng = random.Random("mutants of 2026.2")
    return [SHIPPED.complete(SHIPPED.random_answers(rng)) for _ in range(300)]


@cache
def least_people() -> list[Answers]:
    """For each way to meet a floor of the charter somebody who says the least besides."""
    calm = {key: SHIPPED.least(key) for key in SHIPPED.questions if SHIPPED.is_rated(key)}
    return [person for wanted in ways_to_meet_a_floor() for person in asked_for(calm | wanted, wanted)]


def asked_for(answers: Answers, wanted: Answers) -> Iterator[Answers]:
    """The same person, with each way to be asked what is wanted."""
    completed = SHIPPED.complete(answers)
    closed = next((key for key in wanted if key not in completed), None)
    if closed is None:
        yield completed
        return
    for row in SHIPPED.questions[closed]["ask_if"]:
        opening = {key: [options[0]] if SHIPPED.many(key) else options[0] for key, options in row.items()}
        if not opening.keys() & wanted.keys():
            yield from asked_for(answers | opening, wanted | opening)


def ways_to_meet_a_floor() -> Iterator[Answers]:
    for promise in SHIPPED.charter["invariant"]:
        for row in promise.get("answers", []):
            for options in product(*row.values()):
                yield {
                    key: [option] if SHIPPED.many(key) else option
                    for key, option in zip(row, options, strict=True)
                }


def broken(reading: Oracle) -> set[str]:
    """The floors that one of these people falls below, and the bounds whose state has too high a level."""
    floors = [promise for promise in SHIPPED.charter["invariant"] if "answers" in promise]
    below = {
        promise["id"]
        for completed in least_people() + drawn()
        for promise in floors
        if reading.level(completed) < reading.levels.index(promise["at_least"])
        and reading.any_row(promise["answers"], completed)
    }
    bounds = [bound for bound in SHIPPED.charter["bound"] if not bound.get("one_step")]
    return below | {bound["id"] for bound in bounds if not reading.holds_bound(bound)}


def assert_moved(found: Difference, ruleset: RuleSet, reading: Oracle) -> None:
    """Each example moves as it is said to."""
    for levels, tally in found.moves.items():
        example = SHIPPED.complete(as_json(ruleset.questions, tally.example))
        assert (SHIPPED.level(example), reading.level(example)) == levels, example


def fate(mutant: Mutant, path: Path) -> str:
    """What becomes of a mutant; an AssertionError if the engine and the oracle do not agree about it."""
    path.write_text(mutant.text)
    before = content.ruleset(NEW)
    try:
        after = read_ruleset(path, before.questions, languages())
    except ContentError:
        return "refused"
    found = difference(before, after)
    try:
        reading = Oracle(QUESTIONNAIRE, path, CHARTER)
    except ValueError:  # the oracle does not read a file that leaves questions without a rating
        assert found.moves
        return "reported"
    if found.none:
        assert all(said(reading, completed) == said(SHIPPED, completed) for completed in drawn())
        return "the same"
    assert_moved(found, after, reading)
    promises = broken(reading)
    assert found.moves or not promises
    for id in promises:
        assert not prove_promise(after, charter_for(after, RULES), id).proved, id
    return "refuted" if promises else "reported"


@pytest.mark.slow
@pytest.mark.parametrize("mutant", TRIED, ids=[mutant.name for mutant in TRIED])
def test_no_mutant_survives(mutant: Mutant, tmp_path: Path) -> None:
    fate(mutant, tmp_path / f"{NEW}.toml")


@pytest.mark.slow
def test_mutants_meet_different_fates(tmp_path: Path) -> None:
    """Else the comparison says little: some break a promise, some move people, and none is simply refused."""
    kinds = {mutant.kind: mutant for mutant in some_of_each_kind()}
    tried = [kinds[kind] for kind in ("level lowered", "rule dropped", "rating removed", "mark removed")]
    fates = Counter(fate(mutant, tmp_path / f"{NEW}.toml") for mutant in tried)
    assert len(fates) > 1


def test_least_people_meet_the_floors_of_the_charter() -> None:
    floors = {promise["id"] for promise in SHIPPED.charter["invariant"] if "answers" in promise}
    met = {
        promise["id"]
        for completed in least_people()
        for promise in SHIPPED.charter["invariant"]
        if promise["id"] in floors and SHIPPED.any_row(promise["answers"], completed)
    }
    assert met == floors
    assert broken(SHIPPED) == set()


def test_there_are_mutants_of_every_kind() -> None:
    """The edits find what they look for, and each makes another file."""
    assert len({mutant.text for mutant in ALL} - {FILE.text}) > 700
    dropped = Counter(mutant.kind for mutant in ALL if mutant.kind.endswith("dropped"))
    assert dropped == {f"{kind} dropped": len(FILE.rules[kind]) for kind in ("rule", "combined", "frequency")}
    marks = sum(mark in row for mark in FILE.rules["marks"] for row in FILE.every_row())
    assert sum(mutant.kind == "mark removed" for mutant in ALL) == marks
    assert {mutant.kind for mutant in TRIED} == {mutant.kind for mutant in ALL}
