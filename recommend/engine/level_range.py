"""Find the unknown answers and the level range: how far they could move the level.

An unknown is never read as "no problem": it counts as the rule set says. Here the question is what the level would be
if each unknown were answered. Answers that carry crisis are left out of the range, and said beside it instead: it
could also be care today, which depends on the answer. The range is exact without trying every combination, because the
rows of an ordered question rise and because a worse answer never closes a question: the least options give the lowest
level, and the worst ones that carry no crisis give the highest.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import chain, product

from .answers import NONRESPONSE, Completed, choices, complete
from .levels import Level
from .rating import Signals, crisis_answers, rate
from .ruleset import RuleSet
from .scales import State

Answers = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Unknowns:
    """The unknown questions of one person, and the level range.

    Attributes:
        questions: the unknown questions, in order.
        lowest, highest: the least and the highest level over every way to answer them without crisis, together with
            the questions they would open; the highest is never below the recommended level.
    """

    questions: tuple[str, ...]
    lowest: Level
    highest: Level


def assess_unknowns(ruleset: RuleSet, signals: Signals, level: Level) -> Unknowns:
    """Weigh the unknowns of rated answers whose recommended level is known."""
    if not signals.unknown:
        return Unknowns((), level, level)
    return Unknowns(signals.unknown, *level_range(ruleset, signals, level))


def level_range(ruleset: RuleSet, signals: Signals, level: Level) -> tuple[Level, Level]:
    """Return the lowest and highest level over every way to replace the unknowns by answers without crisis."""
    if signals.kinds("crisis"):
        return level, level  # a crisis that was answered stays, whatever else is answered
    known = signals.completed.known
    unknown = [id for id in ruleset.rated if id not in known]
    least = product(*(least_answers(ruleset, id) for id in unknown))
    worst = chain.from_iterable(
        product(*(worst_answers(ruleset, id, avoid) for id in unknown)) for avoid in ruleset.crisis_gates
    )
    lowest, highest = (
        _furthest(
            pick,
            end,
            (_calm_level(ruleset, known | dict(zip(unknown, each, strict=True))) for each in answers),
        )
        for pick, end, answers in ((min, Level.OUTPATIENT, least), (max, Level.INPATIENT, worst))
    )
    return level if lowest is None else lowest, level if highest is None else max(level, highest)


def _calm_level(ruleset: RuleSet, given: Answers) -> Level | None:
    """Return the level of answers that carry no crisis; None if they carry one."""
    signals = rate_with(ruleset, given)
    return None if signals.kinds("crisis") else ruleset.level_at(signals.state)


def _furthest(pick: Callable[..., Level], end: Level, levels: Iterable[Level | None]) -> Level | None:
    """Return the least or highest of some levels, stopping once nothing can lie beyond."""
    found = None
    for level in levels:
        if level is not None:
            found = level if found is None else pick(found, level)
        if found is end:
            break
    return found


def most_informative_question(ruleset: RuleSet, signals: Signals) -> str | None:
    """Return the unknown whose own answers, all else unchanged, spread the level most; ties go to the first."""
    spreads = {id: _spread(ruleset, signals, id) for id in signals.unknown}
    widest = max(spreads.values(), default=0)
    return next((id for id, spread in spreads.items() if spread == widest), None) if widest else None


def crisis_unknowns(ruleset: RuleSet, signals: Signals) -> tuple[str, ...]:
    """Return the unknowns for which some answer would call for care today: alone, with others, or by what it opens.

    None where the answers call for it already.
    """
    if signals.kinds("crisis"):
        return ()
    return tuple(id for id in signals.unknown if _leads_to_crisis(ruleset, signals.completed, id))


def _leads_to_crisis(ruleset: RuleSet, completed: Completed, question: str) -> bool:
    for chosen in choices(ruleset.questions.all[question]):
        changed = complete(ruleset.questions, {**completed.answers, question: chosen})
        opened = changed.left_out.intersection(ruleset.rated)
        if rate(ruleset, changed).kinds("crisis") or any(
            _leads_to_crisis(ruleset, changed, id) for id in opened
        ):
            return True
    return False


def rate_with(ruleset: RuleSet, given: Answers) -> Signals:
    """Complete and rate changed answers."""
    return rate(ruleset, complete(ruleset.questions, given))


def rated_without_crisis(ruleset: RuleSet, signals: Signals, changed: Answers) -> Signals | None:
    """Rate with some answers changed; None where that brings a crisis or leaves a given one unasked."""
    after = rate_with(ruleset, {**signals.completed.answers, **changed})
    brought = set(after.kinds("crisis")).difference(signals.kinds("crisis"))
    lost = crisis_answers(ruleset, after.completed.dropped)
    return None if brought or lost else after


def _spread(ruleset: RuleSet, signals: Signals, question: str) -> int:
    levels = [
        ruleset.level_at(after.state)
        for chosen in all_non_crisis_answers(ruleset, question)
        if (after := rated_without_crisis(ruleset, signals, {question: chosen}))
    ]
    return max(levels) - min(levels) if levels else 0


@cache
def non_crisis_answers(ruleset: RuleSet, question: str, avoid: State = 0) -> tuple[tuple[str, ...], ...]:
    """Return the answers to a question that carry no crisis and raise none of the avoided bits, least first.

    Of a list question only the least and the fullest, between which all others lie.
    """
    asked = ruleset.questions.all[question]
    ratings = {option: ruleset.rating(question, option) for option in asked.options}
    calm = [option for option, rating in ratings.items() if not rating.crisis and not rating.state & avoid]
    if asked.kind == "one":
        return tuple((option,) for option in calm)
    least = (min(asked.exclusive),)
    return least, tuple(option for option in calm if option not in asked.exclusive) or least


@cache
def all_non_crisis_answers(ruleset: RuleSet, question: str) -> tuple[tuple[str, ...], ...]:
    """Return the answers to a question that say something and carry no crisis.

    Every list of a list question: where the fullest would make a combined crisis, one between still may move the level.
    """
    return tuple(
        chosen
        for chosen in choices(ruleset.questions.all[question])
        if NONRESPONSE.isdisjoint(chosen)
        and not any(ruleset.rating(question, each).crisis for each in chosen)
    )


@cache
def least_answers(ruleset: RuleSet, question: str) -> tuple[tuple[str, ...], ...]:
    """Return the least answer without crisis; of an unordered question all of them, unless one raises nothing."""
    calm = non_crisis_answers(ruleset, question)
    if ruleset.questions.all[question].ordered:
        return calm[:1]
    silent = tuple(
        each for each in calm if not any(ruleset.rating(question, option).state for option in each)
    )
    return silent[:1] or calm


@cache
def worst_answers(ruleset: RuleSet, question: str, avoid: State) -> tuple[tuple[str, ...], ...]:
    """Return the worst answer without crisis and without avoided bits; of an unordered question all of them."""
    calm = non_crisis_answers(ruleset, question, avoid)
    return calm[-1:] if ruleset.questions.all[question].ordered else calm
