"""What the engine says to one person's answers, as plain data: kept with a case exactly as it was shown."""

import logging
from collections.abc import Collection, Mapping
from typing import Any

from intake import content, journey
from recommend.engine import Decision, Level, RuleSet, Signals, complete, decide, rate
from recommend.engine.analysis import Explanation, explain

logger = logging.getLogger(__name__)

Outcome = dict[str, Any]
"""JSON. ``level`` is None where the engine failed and a person must look."""

NEEDS_MANUAL_REVIEW: Outcome = {"level": None}


def outcome_of(ruleset: RuleSet, answers: journey.Answers) -> Outcome:
    """Complete, rate, decide and explain.

    Args:
        ruleset: the rule set to decide by
        answers: as a draft or a submission stores them.
    """
    signals = rate(ruleset, complete(ruleset.questions, journey.chosen(answers)))
    decision = decide(ruleset, signals)
    return as_data(signals, decision, explain(ruleset, signals, decision)) | {
        "texts": texts_for(ruleset, signals)
    }


def is_priority(level: str | None, crisis: Collection[str] | None, urgent: Collection[str] | None) -> bool:
    """Whether the team sees to it before others: a crisis or urgent mark, care today without either, or no level.

    Args:
        level: its id; "" or None where a person must look.
        crisis: kinds of crisis marks
        urgent: kinds of urgent marks
    """
    return not level or level == Level.INPATIENT.id or bool(crisis or urgent)


def as_data(signals: Signals, decision: Decision, explanation: Explanation) -> Outcome:
    """Convert a decision and its explanation to JSON."""
    return {
        "level": decision.level.id,
        "reasons": [
            {"rule": reason.rule, "answers": as_lists(reason.answers)} for reason in explanation.reasons
        ],
        "not_less": [{"level": each.level.id, "rules": list(each.rules)} for each in explanation.not_less],
        "not_more": [
            {"level": each.level.id, "rule": each.rule, "lacking": [list(pair) for pair in each.lacking]}
            for each in explanation.not_more
        ],
        "fired": list(decision.fired),
        "combined": list(signals.combined),
        "areas": dict(decision.areas),
        "crisis": list(decision.crisis),
        "urgent": list(decision.urgent),
        "resources": list(decision.resources),
        "notes": list(decision.notes),
        "unknown": list(decision.unknowns.questions),
        "range": [decision.unknowns.lowest.id, decision.unknowns.highest.id],
        "may_be_crisis": list(explanation.may_be_crisis),
        "settling": explanation.settling,
        "enough": as_lists(explanation.sufficient_reason),
        "changes": [
            {"answers": as_lists(change.answers), "level": change.level.id} for change in explanation.changes
        ],
    }


def as_lists(answers: Mapping[str, tuple[str, ...]]) -> dict[str, list[str]]:
    return {id: list(chosen) for id, chosen in answers.items()}


def texts_for(ruleset: RuleSet, signals: Signals) -> dict[str, list[str]]:
    """Return the ids of the safety texts for the result page and for the desk."""
    return {
        place: [
            text.id
            for text in content.safety_texts()
            if place in text.places and text.applies(ruleset, signals)
        ]
        for place in ("result", "desk")
    }


def safe_outcome(answers: journey.Answers, whose: str) -> Outcome:
    """Return the outcome, or NEEDS_MANUAL_REVIEW where the engine fails: never a guess.

    Args:
        answers: the answers as stored
        whose: for the log, for example "case K7QX-92MD".
    """
    try:
        return outcome_of(content.ruleset(), answers)
    except Exception:
        logger.exception("the engine failed for %s: a person must look", whose)
        return NEEDS_MANUAL_REVIEW
