"""Every small mistake somebody could make in the shipped rule set is noticed.

A mutant is the shipped file with one thing edited as text: a grade, an ``and``, a rule, a rating, a mark, a band. It is
*refused* by the loader, or *reported* by the exact difference; where it moves anybody down it is proved as well, and
every counterexample is shown to the oracle, which reads the edited file in its own way. What the difference takes for
the same must be the same for the oracle too.
"""

import random
import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
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

SHIPPED = oracle.shipped()
TEXT = oracle.RULESET.read_text()
LEVELS = SHIPPED.rules["levels"]
STEPS = {signal: scale for signal, scale in SHIPPED.scales.items() if scale != ["no", "yes"]}
PEOPLE = 300  # drawn to try a mutant that is said to be the same
BLOCK = re.compile(r"^\[\[(\w+)\]\]\n((?:(?!\[).*\n)*)", re.MULTILINE)
ROW = re.compile(r"^(\w+) = \{ (.*?) \}", re.MULTILINE)
ENTRY = re.compile(r"(\w+) = (\"\w+\"|true)")


@dataclass(frozen=True)
class Mutant:
    """One edit of the text.

    Args:
        kind: what kind of mistake it is.
        name: where and what, for a failure's message.
    """

    kind: str
    name: str
    text: str


# ---- making mutants


def edit(kind: str, place: str, start: int, end: int, new: str) -> Mutant:
    return Mutant(kind, f"{place}: {TEXT[start:end]!r} -> {new!r}", TEXT[:start] + new + TEXT[end:])


def blocks(*kinds: str) -> Iterator[tuple[str, str, int, int]]:
    """Kind, id and place in the text of each block."""
    for match in BLOCK.finditer(TEXT):
        if match[1] in kinds:
            id = re.search(r'^id = "(.*)"', match[2], re.MULTILINE)
            yield match[1], f"{match[1]} {id[1] if id else ''}", match.start(), match.end()


def conditions() -> Iterator[tuple[str, int, str]]:
    """Each condition that matters for the level: whose, where, and its text."""
    for _, place, start, end in blocks("rule", "combined"):
        when = re.compile(r'^when = "(.*)"$', re.MULTILINE).search(TEXT, start, end)
        assert when
        yield place, when.start(1), when[1]


def other_grades(scale: list[str], grade: str) -> list[tuple[str, str]]:
    """One step down and one step up, where there is one."""
    place = scale.index(grade)
    return [
        (how, scale[step])
        for how, step in (("lowered", place - 1), ("raised", place + 1))
        if step in range(len(scale))
    ]


def condition_mutants() -> Iterator[Mutant]:
    for place, at, when in conditions():
        for match in re.finditer(r"(\w+) >= ([a-z]\w*)|areas\((\w+)\) >= (\d)|\b(and|or)\b", when):
            signal, grade, areas, number, joint = match.groups()
            if joint:
                new = {"and": "or", "or": "and"}[joint]
                yield edit(f"{joint} -> {new}", place, at + match.start(), at + match.end(), new)
                continue
            group, scale = (2, STEPS[signal]) if signal else (3, SHIPPED.rules["grades"])
            for how, other in other_grades(scale, grade or areas):
                yield edit(f"grade {how}", place, at + match.start(group), at + match.end(group), other)
            for other_number in (int(number) - 1, int(number) + 1) if number else ():
                yield edit("areas +-1", place, at + match.start(4), at + match.end(4), str(other_number))


def rule_mutants() -> Iterator[Mutant]:
    for kind, place, start, end in blocks("rule", "combined", "frequency"):
        yield edit(f"{kind} dropped", place, start, end, "")
    for _, place, start, end in blocks("rule"):
        level = re.compile(r'^at_least = "(\w+)"', re.MULTILINE).search(TEXT, start, end)
        assert level
        lower = LEVELS[LEVELS.index(level[1]) - 1]
        yield edit("level lowered", place, level.start(1), level.end(1), lower)
    for _, place, start, end in blocks("frequency"):
        for match in re.compile(r"(?<== )\d+").finditer(TEXT, start, end):
            for step in (-1, 1):
                yield edit("band +-1", place, match.start(), match.end(), str(int(match[0]) + step))


def rows() -> Iterator[tuple[str, int, int]]:
    """Each row of ratings, and what each combined rating gives: whose, and where it stands between the braces."""
    for table in re.finditer(r"^\[ratings\.(\w+)\]\n((?:(?!\[).*\n)*)", TEXT, re.MULTILINE):
        for row in ROW.finditer(TEXT, table.start(2), table.end(2)):
            yield f"{table[1]} {row[1]}", row.start(2), row.end(2)
    for _, place, start, end in blocks("combined"):
        gives = re.compile(r"^gives = \{ (.*) \}", re.MULTILINE).search(TEXT, start, end)
        assert gives
        yield place, gives.start(1), gives.end(1)


def rating_mutants() -> Iterator[Mutant]:
    for place, start, end in rows():
        entries = ENTRY.findall(TEXT[start:end])
        for number, (name, value) in enumerate(entries):
            without = entries[:number] + entries[number + 1 :]
            kind = "mark removed" if name in SHIPPED.rules["marks"] else "rating removed"
            yield edit(kind, place, start, end, written(without))
            scale = STEPS.get(name, [])
            rank = scale.index(value.strip('"')) if scale else 0
            if rank > 1:
                lowered = [*entries[:number], (name, f'"{scale[rank - 1]}"'), *entries[number + 1 :]]
                yield edit("rating lowered", place, start, end, written(lowered))


def written(entries: list[tuple[str, str]]) -> str:
    return ", ".join(f"{name} = {value}" for name, value in entries)


MUTANTS = [*condition_mutants(), *rule_mutants(), *rating_mutants()]


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
    assert read(TEXT, tmp_path / f"{FIRST}.toml").rules


def test_there_are_mutants_of_every_kind() -> None:
    """The edits find what they look for, and each makes another file."""
    assert len({mutant.text for mutant in MUTANTS} - {TEXT}) > 400
    dropped = Counter(mutant.kind for mutant in MUTANTS if mutant.kind.endswith("dropped"))
    assert dropped == {
        f"{kind} dropped": len(SHIPPED.rules[kind]) for kind in ("rule", "combined", "frequency")
    }
    marks = sum(mark in row for mark in SHIPPED.rules["marks"] for row in every_row())
    assert sum(mutant.kind == "mark removed" for mutant in MUTANTS) == marks
    signals = sum(name in SHIPPED.scales for row in every_row() for name in row)
    assert sum(mutant.kind == "rating removed" for mutant in MUTANTS) == signals


def every_row() -> list[dict[str, Any]]:
    rated = [row for rows in SHIPPED.rules["ratings"].values() for row in rows.values()]
    return rated + [each["gives"] for each in SHIPPED.rules["combined"]]
