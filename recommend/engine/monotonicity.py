"""Check that a worse answer to an ordered question raises at least as much as a milder one."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from .answers import SKIP
from .ruleset import Mark, Rating, RuleSet


@dataclass(frozen=True)
class MonotonicityViolation:
    """A worse answer that raises less than a milder one, or lacks one of its marks.

    Attributes:
        question: the id of the question.
        worse: the option that raises less.
        milder: the option that raises more.
        problem: what is wrong with ``worse``, such as ``is lower than some in risk``.
    """

    question: str
    worse: str
    milder: str
    problem: str


def monotonicity_violations(ruleset: RuleSet) -> Iterator[MonotonicityViolation]:
    """Yield each worse answer to an ordered question that raises less than a milder one, or lacks one of its marks.

    :func:`severity_rank` says which of two answers is worse.
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
    """Return the crisis and urgent marks of the milder answer that the worse one lacks, sorted.

    An urgent mark is not lost if the worse answer carries a crisis.
    """
    return [
        (mark, kind)
        for mark, kind in sorted(milder.marks - worse.marks)
        if mark == "crisis" or (mark == "urgent" and not worse.crisis)
    ]


def severity_rank(ruleset: RuleSet, question: str, chosen: tuple[str, ...]) -> float:
    """Rank how concerning an answer to an ordered question is, from 0. Answers of equal rank are not compared.

    An option has its position among the options. Skip and unsure have 0.5, just above the least option; but if the
    file rates unsure like the third option or a later one, unsure has that option's rank. An answer to a list question
    has the number of options chosen; 0 for an exclusive option, 0.5 for skip.
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
