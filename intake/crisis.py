"""What makes answers a crisis: an answer by itself, or several together."""

import logging
from collections.abc import Iterable, Mapping

from django.http import QueryDict

from intake import content
from intake.answers import Answers, AnswerState
from recommend.engine import Completed, CrisisAnswer, crisis_answers, rate

logger = logging.getLogger(__name__)


def crisis_posted(post: QueryDict) -> list[CrisisAnswer]:
    """Return the posted answers that carry a crisis by themselves, whatever else was posted."""
    return crisis_answers(content.ruleset(), {id: tuple(post.getlist(id)) for id in post})


def marks_carried(given: Mapping[str, tuple[str, ...]]) -> dict[str, frozenset[str]]:
    """Return the kinds of crisis and of urgent marks that answers carry, alone or together.

    A question without an answer carries none. An engine that fails is logged and counts as none: it must not keep
    anybody from sending, and a person looks at the case then.

    Args:
        given: the chosen options by question, of questions that are asked.
    """
    try:
        signals = rate(content.ruleset(), Completed(given, frozenset(), {}))
        return {mark: frozenset(signals.kinds(mark)) for mark in ("crisis", "urgent")}
    except Exception:
        logger.exception("the engine failed to see whether answers together are a crisis")
        return dict.fromkeys(("crisis", "urgent"), frozenset())


def kinds_carried(given: Mapping[str, tuple[str, ...]]) -> frozenset[str]:
    """Return the kinds of crisis that answers carry, alone or together; see :func:`marks_carried`."""
    return marks_carried(given)["crisis"]


def kinds_of_part(answers: Answers) -> frozenset[str]:
    """Return the kinds of crisis that a part of somebody's answers would carry if they had given no others.

    Which questions are asked is evaluated for each part: an answer left out may close a question whose answer counts.
    """
    return kinds_carried(AnswerState.at(answers).pruned.given)


def answers_together(kinds: Iterable[str], given: Mapping[str, tuple[str, ...]]) -> list[CrisisAnswer]:
    """Return, for each of these kinds of crisis, the fewest answers that carry it, alone or together.

    Args:
        kinds: kinds of crisis that the answers carry.
        given: the chosen options by question, of questions that are asked.
    """
    pairs = [(id, option) for id, options in given.items() for option in options]
    found = []
    for kind in sorted(kinds):
        needed = pairs
        for pair in pairs:
            without = [each for each in needed if each != pair]
            if kind in kinds_of_part(by_question(without)):
                needed = without
        found += [CrisisAnswer(id, option, kind) for id, option in needed]
    return found


def by_question(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Group pairs of a question and an option into answers."""
    answers: dict[str, list[str]] = {}
    for id, option in pairs:
        answers.setdefault(id, []).append(option)
    return answers
