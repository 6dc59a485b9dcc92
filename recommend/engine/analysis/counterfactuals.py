"""Find the smallest changes of answers that change a level, and the questions that could change it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations, product

from ..level_range import all_non_crisis_answers, non_crisis_answers, rate_with, rated_without_crisis
from ..levels import Level
from ..monotonicity import severity_rank
from ..rating import Signals
from ..ruleset import RuleSet

Answers = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Counterfactual:
    """Other answers to a few questions, and the level they would give."""

    answers: Answers
    level: Level


@dataclass(frozen=True)
class PivotalQuestion:
    """A question whose other answers would change the level.

    Attributes:
        question: the id of the question.
        lowest, highest: the range of levels over its answers without crisis, the present level included, while all
            other answers stay.
        unknown: whether the question has no known answer yet.
    """

    question: str
    lowest: Level
    highest: Level
    unknown: bool


def smallest_counterfactuals(
    ruleset: RuleSet, signals: Signals, questions: Iterable[str], largest: int
) -> tuple[Counterfactual, ...]:
    """Find the smallest changes of answers that lower the level, and the smallest that raise it.

    In each direction, use the sets with the fewest questions that can move the level. For each set, return the change
    that goes the least far. No change includes an answer with crisis.

    Args:
        ruleset: the rule set that decided.
        signals: the rated answers.
        questions: ids of the questions whose answers may change.
        largest: how many answers may change at once; with more it would be another person.
    """
    level = ruleset.level_at(signals.state)
    answers = signals.completed.answers
    open_questions = [id for id in ruleset.questions.all if id in set(questions) and id in answers]
    found: list[Counterfactual] = []
    for direction in (-1, 1):
        if not _can_move(ruleset, signals, level, open_questions, direction):
            continue
        for size in range(1, largest + 1):
            sets = combinations(open_questions, size)
            here = [change for ids in sets if (change := _nearest(ruleset, signals, level, ids, direction))]
            if here:
                found += here
                break
    return tuple(found)


def _can_move(ruleset: RuleSet, signals: Signals, level: Level, ids: Iterable[str], direction: int) -> bool:
    """Return whether changes of these questions may move the level in a direction (-1 lowers, 1 raises).

    Try the furthest answers to all questions at once. If a question is unordered, return True without trying.
    """
    end = 0 if direction < 0 else -1
    furthest = {id: calm[end] for id in ids if (calm := non_crisis_answers(ruleset, id))}
    if not all(ruleset.questions.all[id].ordered for id in furthest):
        return True
    after = ruleset.level_at(rate_with(ruleset, {**signals.completed.answers, **furthest}).state)
    return (after - level) * direction > 0


def _nearest(
    ruleset: RuleSet, signals: Signals, level: Level, ids: tuple[str, ...], direction: int
) -> Counterfactual | None:
    """Return the smallest change of exactly these questions that moves the level in a direction, or None."""
    options = [
        [
            chosen
            for chosen in non_crisis_answers(ruleset, id)
            if _goes(ruleset, signals, id, chosen, direction)
        ]
        for id in ids
    ]
    candidates = [dict(zip(ids, chosen, strict=True)) for chosen in product(*options)]
    for changed in sorted(candidates, key=lambda each: _distance(ruleset, signals, each)):
        after = ruleset.level_at(rate_with(ruleset, {**signals.completed.answers, **changed}).state)
        if (after - level) * direction > 0:
            return Counterfactual(changed, after)
    return None


def _goes(ruleset: RuleSet, signals: Signals, id: str, chosen: tuple[str, ...], direction: int) -> bool:
    """Return whether an answer is milder (direction -1) or worse (1) than the person's.

    For an unordered question, return whether it is another answer.
    """
    now = signals.completed.answers[id]
    if not ruleset.questions.all[id].ordered:
        return chosen != now
    return (severity_rank(ruleset, id, chosen) - severity_rank(ruleset, id, now)) * direction > 0


def _distance(ruleset: RuleSet, signals: Signals, changed: Answers) -> float:
    now = signals.completed.answers
    return sum(
        abs(severity_rank(ruleset, id, chosen) - severity_rank(ruleset, id, now[id]))
        for id, chosen in changed.items()
        if ruleset.questions.all[id].ordered
    )


def pivotal_questions(ruleset: RuleSet, signals: Signals) -> tuple[PivotalQuestion, ...]:
    """Return the questions whose other answers change the level, those with the widest range of levels first.

    Of questions with equal ranges, unknown ones come first.
    """
    level = ruleset.level_at(signals.state)
    found = [hinge for id in ruleset.rated if (hinge := _hinge(ruleset, signals, level, id))]
    return tuple(sorted(found, key=lambda hinge: (hinge.lowest - hinge.highest, not hinge.unknown)))


def _hinge(ruleset: RuleSet, signals: Signals, level: Level, id: str) -> PivotalQuestion | None:
    if id not in signals.completed.answers:
        return None
    levels = {level, *_levels(ruleset, signals, id)}
    if len(levels) == 1:
        return None
    return PivotalQuestion(id, min(levels), max(levels), id in signals.unknown)


def _levels(ruleset: RuleSet, signals: Signals, id: str) -> Iterator[Level]:
    for chosen in all_non_crisis_answers(ruleset, id):
        if after := rated_without_crisis(ruleset, signals, {id: chosen}):
            yield ruleset.level_at(after.state)
