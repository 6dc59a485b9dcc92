"""Check that worse answers to an ordered question always raise at least as much."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from .answers import SKIP
from .ruleset import Mark, Rating, RuleSet


@dataclass(frozen=True)
class MonotonicityViolation:
    """A worse answer that raises less than a milder one."""

    question: str
    worse: str
    milder: str
    problem: str


def monotonicity_violations(ruleset: RuleSet) -> Iterator[MonotonicityViolation]:
    """Find where a row of an ordered question is lower than a milder one, or lacks one of its marks.

    Skip and unsure rank just above the least concerning option, so below every other.
    """
    for id in ruleset.ratings:
        question = ruleset.questions.all[id]
        if not question.ordered:
            continue
        order = sorted(question.offered, key=lambda option: severity_rank(ruleset, id, (option,)))
        for milder, worse in combinations(order, 2):
            if severity_rank(ruleset, id, (milder,)) == severity_rank(ruleset, id, (worse,)):
                continue
            lost = ruleset.rating(id, milder).state & ~ruleset.rating(id, worse).state
            if lost:
                signals = ", ".join(s for s in ruleset.space.scales if lost & ruleset.space.mask([s]))
                yield MonotonicityViolation(id, worse, milder, f"is lower than {milder} in {signals}")
            for mark, kind in lost_marks(ruleset.rating(id, milder), ruleset.rating(id, worse)):
                yield MonotonicityViolation(id, worse, milder, f"lacks the mark {mark} = {kind} of {milder}")


def lost_marks(milder: Rating, worse: Rating) -> list[Mark]:
    """List the crisis and urgent marks that a worse answer lacks; a crisis outweighs any urgent mark."""
    return [
        (mark, kind)
        for mark, kind in sorted(milder.marks - worse.marks)
        if mark == "crisis" or (mark == "urgent" and not worse.crisis)
    ]


def severity_rank(ruleset: RuleSet, question: str, chosen: tuple[str, ...]) -> float:
    """Rank how concerning an answer to an ordered question is, from 0. Answers of equal rank are not compared.

    Skip and unsure rank just above the least; an unsure with its own row ranks with the option of that row.
    In a list question each option more is one more.
    """
    asked = ruleset.questions.all[question]
    if asked.kind == "many":
        return 0 if asked.exclusive.issuperset(chosen) else 0.5 if SKIP in chosen else len(chosen)
    (option,) = chosen
    if option in asked.options:
        return asked.options.index(option)
    rows = [ruleset.rating(question, each) for each in asked.options]
    row = ruleset.rating(question, option)
    return 0.5 if option == SKIP or row not in rows[2:] or row == rows[1] else rows.index(row)
