"""Why this level: the rules that decided and the person's own answers behind them; why not less, and why not more."""

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
    """A rule that decided, or would.

    Attributes:
        rule: its id.
        answers: the person's answers that raised what the rule reads, by question.
    """

    rule: str
    answers: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class NotLess:
    """Why a lower level does not fit: the fired rules that ask for more."""

    level: Level
    rules: tuple[str, ...]


@dataclass(frozen=True)
class NotMore:
    """Why a higher level was not recommended: the nearest rule, and what it lacks.

    Attributes:
        rule: None where every rule of the level is about danger: those are not offered to a patient.
        lacking: each signal that would have to stand higher, with the grade it would need.
    """

    level: Level
    rule: str | None
    lacking: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Explanation:
    """Everything a result page says about one decision.

    Attributes:
        reasons: the rules that decided, with the answers behind each.
        not_less: for each lower level, highest first.
        not_more: for each higher level, lowest first.
        settling: the unknown whose answer alone would spread the level most; None if no single one moves it.
        enough: the fewest of the person's answers that hold the level, whatever the others are.
        may_be_crisis: the unknowns of which some answer would call for care today.
        changes: the smallest changes of support, home, daily life and week that would lower or raise the level.
    """

    reasons: tuple[Reason, ...]
    not_less: tuple[NotLess, ...]
    not_more: tuple[NotMore, ...]
    settling: str | None
    sufficient_reason: Mapping[str, tuple[str, ...]]
    changes: tuple[Counterfactual, ...]
    may_be_crisis: tuple[str, ...]


def explain(ruleset: RuleSet, signals: Signals, decision: Decision) -> Explanation:
    """Explain a decision to the person who gave the answers."""
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
    """Return the answers that raised any signal to a grade a fired rule reads, in the order of the questions."""
    return _answers_behind(ruleset, signals, ruleset.rule(rule).points)


def answers_behind_area(
    ruleset: RuleSet, signals: Signals, area: str, grade: str
) -> Mapping[str, tuple[str, ...]]:
    """Return the answers that raised an area to its grade, in the order of the questions."""
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
    """Return the highest bit of each signal in the points that the state reaches: what an answer must have raised."""
    return worst(bit for point in points if reaches(state, [point]) for bit in ruleset.space.top_bits(point))


def _above(ruleset: RuleSet, decision: Decision, level: Level) -> tuple[str, ...]:
    return tuple(id for id in decision.fired if ruleset.rule(id).level > level)


def _nearest(ruleset: RuleSet, state: State, level: Level) -> NotMore:
    """Return the rule of a level that lacks the least, of those that do not turn on danger.

    What can grow comes first: "if daily life were harder" says more than "if you were in a day program".
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
