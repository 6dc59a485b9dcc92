"""Ask the engine for a recommendation and put everything it says into a snapshot."""

import logging
from collections.abc import Callable, Collection
from dataclasses import replace

from intake import content, journey
from intake.safety.texts import facts_of
from recommend.engine import Decision, Level, RuleSet, Signals, complete, decide, rate
from recommend.engine.analysis import explain
from recommend.result.stored_snapshot import NEEDS_MANUAL_REVIEW, PLACES, RecommendationSnapshot

logger = logging.getLogger(__name__)


def outcome_of(ruleset: RuleSet, answers: journey.Answers) -> RecommendationSnapshot:
    """Complete and rate answers, decide and explain, and return the snapshot.

    Args:
        ruleset: the rule set to decide with.
        answers: as a draft or a submission stores them.
    """
    signals = rate(ruleset, complete(ruleset.questions, journey.chosen(answers)))
    decision = decide(ruleset, signals)
    explanation = explain(ruleset, signals, decision)
    return replace(
        unexplained(ruleset, signals, decision),
        reasons=explanation.reasons,
        not_less=explanation.not_less,
        not_more=explanation.not_more,
        may_be_crisis=explanation.may_be_crisis,
        settling=explanation.settling,
        sufficient_reason=explanation.sufficient_reason,
        changes=explanation.changes,
    )


def decision_of(ruleset: RuleSet, answers: journey.Answers) -> RecommendationSnapshot:
    """Complete and rate answers, decide, and return a snapshot without explanation; see :func:`outcome_of`."""
    signals = rate(ruleset, complete(ruleset.questions, journey.chosen(answers)))
    return unexplained(ruleset, signals, decide(ruleset, signals))


def unexplained(ruleset: RuleSet, signals: Signals, decision: Decision) -> RecommendationSnapshot:
    """Return a snapshot of a decision, without the reasons and everything else that :func:`outcome_of` adds."""
    return RecommendationSnapshot(
        level=decision.level,
        fired=decision.fired,
        combined=signals.combined,
        areas=decision.areas,
        crisis=decision.crisis,
        urgent=decision.urgent,
        resources=decision.resources,
        notes=decision.notes,
        unknown=decision.unknowns.questions,
        range=(decision.unknowns.lowest, decision.unknowns.highest),
        texts=texts_for(ruleset, signals, decision),
    )


def is_priority(level: str | None, crisis: Collection[str] | None, urgent: Collection[str] | None) -> bool:
    """Return whether the team must see to a case before others.

    That is so for a crisis or urgent mark, for inpatient without a mark, and if there is no level.

    Args:
        level: the id of the level; "" or None if the engine failed.
        crisis: kinds of crisis marks.
        urgent: kinds of urgent marks.
    """
    return not level or level == Level.INPATIENT.id or bool(crisis or urgent)


def texts_for(ruleset: RuleSet, signals: Signals, decision: Decision) -> dict[str, tuple[str, ...]]:
    """Return the ids of the safety texts for each of :data:`PLACES`, in the order of their file."""
    texts = content.safety_texts_of(ruleset)
    found = {}
    for place in PLACES:
        shown = {text.id for text in texts.shown(facts_of(ruleset, signals.completed, decision, place))}
        found[place] = tuple(id for id in texts.all if id in shown)
    return found


def safe_outcome(answers: journey.Answers, whose: str) -> RecommendationSnapshot:
    """Return the outcome under the rule set in use, or NEEDS_MANUAL_REVIEW if the engine fails, which is logged.

    Args:
        answers: the answers as stored.
        whose: whose answers they are, for the log, for example "case K7QX-92MD".
    """
    return _safely(outcome_of, answers, whose)


def safe_decision(answers: journey.Answers, whose: str) -> RecommendationSnapshot:
    """Return the outcome without explanation, much faster than :func:`safe_outcome` and with the same arguments."""
    return _safely(decision_of, answers, whose)


def _safely(
    outcome: Callable[[RuleSet, journey.Answers], RecommendationSnapshot],
    answers: journey.Answers,
    whose: str,
) -> RecommendationSnapshot:
    try:
        return outcome(content.ruleset(), answers)
    except Exception:
        logger.exception("the engine failed for %s: a person must look", whose)
        return NEEDS_MANUAL_REVIEW
