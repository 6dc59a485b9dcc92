"""What would change a level, and which answers it hinges on."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations, product

from ..level_range import calm_answers, calm_with, every_calm_answer, rate_with
from ..levels import Level
from ..monotonicity import concern
from ..rating import Signals
from ..ruleset import RuleSet

Answers = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Change:
    """Other answers to a few questions, and the level they would give."""

    answers: Answers
    level: Level


@dataclass(frozen=True)
class Hinge:
    """A question on which the level hinges.

    Args:
        lowest, highest: the levels that its answers without crisis would give, the others kept, the present one too.
        unknown: whether it has no known answer yet.
    """

    question: str
    lowest: Level
    highest: Level
    unknown: bool


def smallest_changes(
    ruleset: RuleSet, signals: Signals, questions: Iterable[str], largest: int
) -> tuple[Change, ...]:
    """The smallest changes of answers to some questions that lower the level, and those that raise it.

    Of all sets with the fewest questions; for each, the change that goes the least far. Never an answer with crisis.

    Args:
        largest: how many answers may change at once; with more it would be another person.
    """
    level = ruleset.level_at(signals.state)
    answers = signals.completed.answers
    open_questions = [id for id in ruleset.questions.all if id in set(questions) and id in answers]
    found: list[Change] = []
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
    """Whether even the furthest answers to all the questions move the level; an unordered question leaves it open."""
    end = 0 if direction < 0 else -1
    furthest = {id: calm[end] for id in ids if (calm := calm_answers(ruleset, id))}
    if not all(ruleset.questions.all[id].ordered for id in furthest):
        return True
    after = ruleset.level_at(rate_with(ruleset, {**signals.completed.answers, **furthest}).state)
    return (after - level) * direction > 0


def _nearest(
    ruleset: RuleSet, signals: Signals, level: Level, ids: tuple[str, ...], direction: int
) -> Change | None:
    """The change of just these questions that goes the least far and moves the level in the direction."""
    options = [
        [chosen for chosen in calm_answers(ruleset, id) if _goes(ruleset, signals, id, chosen, direction)]
        for id in ids
    ]
    candidates = [dict(zip(ids, chosen, strict=True)) for chosen in product(*options)]
    for changed in sorted(candidates, key=lambda each: _distance(ruleset, signals, each)):
        after = ruleset.level_at(rate_with(ruleset, {**signals.completed.answers, **changed}).state)
        if (after - level) * direction > 0:
            return Change(changed, after)
    return None


def _goes(ruleset: RuleSet, signals: Signals, id: str, chosen: tuple[str, ...], direction: int) -> bool:
    """Whether an answer lies in the direction; in an unordered question every other answer does."""
    now = signals.completed.answers[id]
    if not ruleset.questions.all[id].ordered:
        return chosen != now
    return (concern(ruleset, id, chosen) - concern(ruleset, id, now)) * direction > 0


def _distance(ruleset: RuleSet, signals: Signals, changed: Answers) -> float:
    now = signals.completed.answers
    return sum(
        abs(concern(ruleset, id, chosen) - concern(ruleset, id, now[id]))
        for id, chosen in changed.items()
        if ruleset.questions.all[id].ordered
    )


def hinges(ruleset: RuleSet, signals: Signals) -> tuple[Hinge, ...]:
    """The questions on which the level hinges: what to ask first, most decisive first, unknowns before known ones."""
    level = ruleset.level_at(signals.state)
    found = [hinge for id in ruleset.rated if (hinge := _hinge(ruleset, signals, level, id))]
    return tuple(sorted(found, key=lambda hinge: (hinge.lowest - hinge.highest, not hinge.unknown)))


def _hinge(ruleset: RuleSet, signals: Signals, level: Level, id: str) -> Hinge | None:
    if id not in signals.completed.answers:
        return None
    levels = {level, *_levels(ruleset, signals, id)}
    if len(levels) == 1:
        return None
    return Hinge(id, min(levels), max(levels), id in signals.unknown)


def _levels(ruleset: RuleSet, signals: Signals, id: str) -> Iterator[Level]:
    for chosen in every_calm_answer(ruleset, id):
        if after := calm_with(ruleset, signals, {id: chosen}):
            yield ruleset.level_at(after.state)
