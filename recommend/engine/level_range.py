"""Find the level range: the lowest and highest level that answers to the unknown questions could lead to.

A rated question is *unknown* if it was left out, or answered with skip or unsure. It is not read as "no problem": the
rule set rates skip and unsure. The range says what the level would be with other answers. Answers that carry a crisis
are not part of the range; :func:`crisis_unknowns` lists the questions that offer some.

The range is exact, but does not need every combination. The ratings of an ordered question rise with its options, and
a worse answer never closes a question. So the least options give the lowest level, and the worst options without
crisis give the highest.
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
        questions: ids of the unknown questions, in order.
        lowest, highest: the lowest and highest level over all answers without crisis to these questions and to those
            that the answers open. ``highest`` is never below the recommended level.
    """

    questions: tuple[str, ...]
    lowest: Level
    highest: Level


def assess_unknowns(ruleset: RuleSet, signals: Signals, level: Level) -> Unknowns:
    """Return the unknown questions of rated answers, and the level range.

    Args:
        ruleset: the rule set that decided.
        signals: the rated answers.
        level: the recommended level, which is both ends of the range if nothing is unknown.
    """
    if not signals.unknown:
        return Unknowns((), level, level)
    return Unknowns(signals.unknown, *level_range(ruleset, signals, level))


def level_range(ruleset: RuleSet, signals: Signals, level: Level) -> tuple[Level, Level]:
    """Return the lowest and highest level over all answers without crisis to the unknown questions.

    Args:
        ruleset: the rule set that decided.
        signals: the rated answers; if they carry a crisis, both levels are ``level``.
        level: the recommended level.
    """
    if signals.kinds("crisis"):
        return level, level  # answers to other questions cannot remove a crisis
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
    """Return the level of some answers, or None if they carry a crisis."""
    signals = rate_with(ruleset, given)
    return None if signals.kinds("crisis") else ruleset.level_at(signals.state)


def _furthest(pick: Callable[..., Level], end: Level, levels: Iterable[Level | None]) -> Level | None:
    """Return the least or highest of some levels; None if there are none.

    Args:
        pick: ``min`` or ``max``.
        end: the level at which to stop early, because no other can be further.
        levels: the levels; None is ignored.
    """
    found = None
    for level in levels:
        if level is not None:
            found = level if found is None else pick(found, level)
        if found is end:
            break
    return found


def most_informative_question(ruleset: RuleSet, signals: Signals) -> str | None:
    """Return the id of the unknown question whose answers alone lead to the widest range of levels.

    The first question wins a tie. Returns None if no question has answers that lead to different levels.
    """
    spreads = {id: _spread(ruleset, signals, id) for id in signals.unknown}
    widest = max(spreads.values(), default=0)
    return next((id for id, spread in spreads.items() if spread == widest), None) if widest else None


def crisis_unknowns(ruleset: RuleSet, signals: Signals) -> tuple[str, ...]:
    """Return ids of the unknown questions to which an answer could carry a crisis; empty if there is a crisis already.

    The answer carries it alone, together with the other answers, or by opening a question with such an answer.
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
    """Complete and rate some answers."""
    return rate(ruleset, complete(ruleset.questions, given))


def rated_without_crisis(ruleset: RuleSet, signals: Signals, changed: Answers) -> Signals | None:
    """Rate a person's answers with some of them changed.

    Args:
        ruleset: the rule set.
        signals: the rated answers of the person.
        changed: the new chosen options, by question id.

    Returns:
        the new signals; None if they have a new kind of crisis, or if a given answer with a crisis is no longer asked.
    """
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
    """Return the answers to a question that carry no crisis and raise no bit of ``avoid``, least first.

    Skip and unsure are not included. Of a list question there are only two: the least one, and the one with the most
    options. All its other answers lie between them.
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
    """Return all answers to a question that carry no crisis, without skip and unsure.

    Of a list question this is every list. If the longest one makes a combined crisis, a shorter one may still move the
    level.
    """
    return tuple(
        chosen
        for chosen in choices(ruleset.questions.all[question])
        if NONRESPONSE.isdisjoint(chosen)
        and not any(ruleset.rating(question, each).crisis for each in chosen)
    )


@cache
def least_answers(ruleset: RuleSet, question: str) -> tuple[tuple[str, ...], ...]:
    """Return the least answer to a question without crisis, as a tuple of one.

    For an unordered question, return one answer that raises nothing, or if there is none all answers without crisis.
    """
    calm = non_crisis_answers(ruleset, question)
    if ruleset.questions.all[question].ordered:
        return calm[:1]
    silent = tuple(
        each for each in calm if not any(ruleset.rating(question, option).state for option in each)
    )
    return silent[:1] or calm


@cache
def worst_answers(ruleset: RuleSet, question: str, avoid: State) -> tuple[tuple[str, ...], ...]:
    """Return the worst answer to a question that has no crisis and raises no bit of ``avoid``, as a tuple of one.

    For an unordered question, return all such answers. The tuple is empty if there are none.
    """
    calm = non_crisis_answers(ruleset, question, avoid)
    return calm[-1:] if ruleset.questions.all[question].ordered else calm
