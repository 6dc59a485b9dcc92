"""Explain a level: the rules and answers that decided it, why it is not lower, and why it is not higher."""

from collections.abc import Mapping
from dataclasses import dataclass

from ..decision import Decision
from ..level_range import crisis_unknowns, most_informative_question
from ..levels import Level
from ..rating import Signals, frequency_states
from ..ruleset import RuleSet
from ..scales import FLAG, State, reaches, worst
from .counterfactuals import Counterfactual, smallest_counterfactuals
from .sufficient_reason import sufficient_reason


@dataclass(frozen=True)
class Reason:
    """A rule that decided the level.

    Attributes:
        rule: its id.
        answers: the person's answers that raised what the rule reads, as chosen options by question id.
    """

    rule: str
    answers: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class NotLess:
    """Why a lower level does not fit: ids of the rules that hold and ask for more."""

    level: Level
    rules: tuple[str, ...]


@dataclass(frozen=True)
class NotMore:
    """Why a higher level was not recommended: the rule that is nearest to holding, and what it lacks.

    Attributes:
        rule: the id of the rule; None if all rules of the level are about danger, which are not shown to patients.
        lacking: the signals that are too low for the rule, each with the grade that it needs.
    """

    level: Level
    rule: str | None
    lacking: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Explanation:
    """Everything that a result page says about one decision.

    Attributes:
        reasons: the rules that decided, with the answers behind each.
        not_less: one for each lower level, highest first.
        not_more: one for each higher level, lowest first.
        settling: the id of the unknown question whose answers alone lead to the widest range of levels; None if no
            single one moves the level.
        sufficient_reason: the fewest of the person's answers that keep the level from falling, whatever the others are.
        changes: the smallest changes of answers to ``RuleSet.may_change`` questions that lower or raise the level.
        may_be_crisis: ids of the unknown questions to which an answer could carry a crisis.
    """

    reasons: tuple[Reason, ...]
    not_less: tuple[NotLess, ...]
    not_more: tuple[NotMore, ...]
    settling: str | None
    sufficient_reason: Mapping[str, tuple[str, ...]]
    changes: tuple[Counterfactual, ...]
    may_be_crisis: tuple[str, ...]


def explain(ruleset: RuleSet, signals: Signals, decision: Decision) -> Explanation:
    """Return the reasons of a decision, in the form that a result page needs."""
    lower = [level for level in sorted(Level, reverse=True) if level < decision.level]
    higher = [level for level in Level if level > decision.level]
    return Explanation(
        reasons=tuple(Reason(id, answers_behind(ruleset, signals, id)) for id in decision.decided_by),
        not_less=tuple(NotLess(level, _above(ruleset, decision, level)) for level in lower),
        not_more=tuple(_nearest(ruleset, signals.state, level) for level in higher),
        settling=most_informative_question(ruleset, signals),
        sufficient_reason=sufficient_reason(ruleset, signals),
        changes=smallest_counterfactuals(ruleset, signals, ruleset.may_change, largest=3),
        may_be_crisis=crisis_unknowns(ruleset, signals),
    )


def answers_behind(ruleset: RuleSet, signals: Signals, rule: str) -> Mapping[str, tuple[str, ...]]:
    """Return the answers that raised a signal to a grade that a fired rule reads.

    Returns:
        the chosen options that did, by question id, in the order of the questions.
    """
    return _answers_behind(ruleset, signals, ruleset.rule(rule).points)


def answers_behind_area(
    ruleset: RuleSet, signals: Signals, area: str, grade: str
) -> Mapping[str, tuple[str, ...]]:
    """Return the answers that raised an area to its grade, in the form of :func:`answers_behind`."""
    return _answers_behind(ruleset, signals, (ruleset.space.at_least(area, grade),))


def _answers_behind(
    ruleset: RuleSet, signals: Signals, points: tuple[State, ...]
) -> Mapping[str, tuple[str, ...]]:
    needed = _needed(ruleset, signals.state, points)
    for each in ruleset.combined:
        if each.id in signals.combined and each.gives.state & needed:
            needed |= _needed(ruleset, signals.single, each.points)
    answers = signals.completed.answers
    sums = zip(ruleset.frequencies, frequency_states(ruleset, answers), strict=True)
    added_up = {id for table, state in sums if state & needed for id in table.questions}
    raising = {
        id: tuple(
            option
            for option in chosen
            if ruleset.rating(id, option).state & needed or (id in added_up and ruleset.steps[id][option])
        )
        for id, chosen in answers.items()
    }
    return {id: options for id, options in raising.items() if options}


def _needed(ruleset: RuleSet, state: State, points: tuple[State, ...]) -> State:
    """Return the highest bit of each signal in the points that the state reaches.

    An answer that raises one of these bits is a reason for what holds at these points.
    """
    return worst(bit for point in points if reaches(state, [point]) for bit in ruleset.space.top_bits(point))


def _above(ruleset: RuleSet, decision: Decision, level: Level) -> tuple[str, ...]:
    return tuple(id for id in decision.fired if ruleset.rule(id).level > level)


def _nearest(ruleset: RuleSet, state: State, level: Level) -> NotMore:
    """Return the rule of a level that lacks the least, without the rules about danger.

    Rules that lack the fewest flags come first: "if daily life were harder" says more than "if you were in a day
    program".
    """
    spoken = [
        (rule, point)
        for rule in ruleset.rules
        if rule.level == level
        for point in rule.points
        if not point & ruleset.unspoken
    ]
    if not spoken:
        return NotMore(level, None, ())
    flags = ruleset.space.mask(signal for signal, scale in ruleset.space.scales.items() if scale == FLAG)
    rule, point = min(
        spoken, key=lambda each: ((each[1] & ~state & flags).bit_count(), (each[1] & ~state).bit_count())
    )
    lacking = [each for each in ruleset.space.literals(point) if ruleset.space.at_least(*each) & ~state]
    return NotMore(level, rule.id, tuple(lacking))
