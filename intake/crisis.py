"""Find crisis and urgent marks in answers, from single answers and from combinations of them."""

import logging
from collections.abc import Iterable, Mapping

from django.http import QueryDict

from intake import content
from intake.answers import Answers, AnswerState
from recommend.engine import Completed, CrisisAnswer, crisis_answers, rate

logger = logging.getLogger(__name__)


def crisis_posted(post: QueryDict) -> list[CrisisAnswer]:
    """Return the posted answers that carry a crisis mark by themselves, even if other answers are invalid."""
    return crisis_answers(content.ruleset(), {id: tuple(post.getlist(id)) for id in post})


def marks_carried(given: Mapping[str, tuple[str, ...]]) -> dict[str, frozenset[str]]:
    """Return the kinds of crisis and urgent marks that answers carry, alone or in combination.

    If the engine raises, the error is logged and no kinds are returned, so that the person can still send their
    answers; staff then look at the case.

    Args:
        given: the chosen options keyed by question id, only for questions that are asked.

    Returns:
        a dict with the keys "crisis" and "urgent"; the sets may be empty.
    """
    try:
        signals = rate(content.ruleset(), Completed(given, frozenset(), {}))
        return {mark: frozenset(signals.kinds(mark)) for mark in ("crisis", "urgent")}
    except Exception:
        logger.exception("the engine failed to see whether answers together are a crisis")
        return dict.fromkeys(("crisis", "urgent"), frozenset())


def kinds_carried(given: Mapping[str, tuple[str, ...]]) -> frozenset[str]:
    """Return the kinds of crisis that answers carry, alone or in combination; see :func:`marks_carried`."""
    return marks_carried(given)["crisis"]


def kinds_of_part(answers: Answers) -> frozenset[str]:
    """Return the kinds of crisis that some of a person's answers would carry if they had given no others.

    Works out again which questions are asked, and drops answers to the rest: without the answers left out, a question
    may no longer be asked.
    """
    return kinds_carried(AnswerState.at(answers).pruned.given)


def answers_together(kinds: Iterable[str], given: Mapping[str, tuple[str, ...]]) -> list[CrisisAnswer]:
    """Return, for each of these kinds of crisis, a smallest set of answers that carries it.

    "Smallest": none of the set can be left out without losing the kind of crisis.

    Args:
        kinds: kinds of crisis that the answers carry.
        given: the chosen options keyed by question id, only for questions that are asked.
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
    """Group pairs of question id and option id into lists of option ids, keyed by question id."""
    answers: dict[str, list[str]] = {}
    for id, option in pairs:
        answers.setdefault(id, []).append(option)
    return answers
