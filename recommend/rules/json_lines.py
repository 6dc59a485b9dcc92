"""The ``recommend`` command's format: one JSON object of answers per line in, one JSON object per line out.

The output has the order of the input.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NoReturn

from recommend.engine import (
    AnswerError,
    Completed,
    Decision,
    RuleSet,
    check,
    complete,
    crisis_answers,
    decide,
    rate,
    screened_out,
)


def recommend_lines(ruleset: RuleSet, lines: Iterable[bytes]) -> Iterator[dict[str, object]]:
    """Yield the result of each line. Skip empty lines; a line that is not valid gives ``{"id": ..., "error": ...}``."""
    return (recommend_line(ruleset, line) for line in lines if line.strip())


def recommend_line(ruleset: RuleSet, line: bytes) -> dict[str, object]:
    """Return the result of one line such as ``{"id": "a", "answers": {"wish_dead": "yes", "emergency": ["none"]}}``."""
    id = None
    try:
        case = read_object(line)
        id = read_id(case)
        return {"id": id} | recommend(ruleset, case.get("answers"))
    except AnswerError as error:
        return {"id": id, "error": str(error)}


def read_object(line: bytes) -> dict[str, object]:
    """Parse the object on one line.

    Raises:
        AnswerError: the line is not JSON, not an object, or names a key twice.
    """
    try:
        case = json.loads(line.decode("utf-8-sig"), object_pairs_hook=_once, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise AnswerError(f"not JSON: {error}") from error
    if not isinstance(case, dict):
        raise AnswerError("expected an object with id and answers")
    return case


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice")
    return found


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")  # Python accepts NaN and Infinity, but JSON does not have them


def read_id(case: dict[str, object]) -> str | int | None:
    """Return the id of a line, which is also written to its result; None if it has none.

    Raises:
        AnswerError: the id is neither a string nor a whole number, or contains NUL.
    """
    id = case.get("id")
    if isinstance(id, bool) or not isinstance(id, str | int | None):
        raise AnswerError("id: expected a string or a whole number")
    if isinstance(id, str) and "\0" in id:
        raise AnswerError("id: NUL is not allowed")
    return id


@dataclass(frozen=True)
class Recommended:
    """What the rules decide for raw answers.

    Attributes:
        crisis: kinds of crisis marks.
        urgent: kinds of urgent marks.
        stop: the option that ended the questions without a level; None if none did.
        decision: the decision; None if ``stop`` is set.
    """

    crisis: tuple[str, ...]
    urgent: tuple[str, ...]
    stop: str | None
    decision: Decision | None


def decide_raw(ruleset: RuleSet, raw: object) -> Recommended:
    """Decide for raw answers, as :func:`recommend.engine.check` reads them.

    Raises:
        AnswerError: the questions do not allow these answers.
    """
    completed = complete(ruleset.questions, check(ruleset.questions, raw))
    refuse_unasked_crisis(ruleset, completed)
    signals = rate(ruleset, completed)
    stop = screened_out(ruleset.questions, completed.answers)
    decision = None if stop else decide(ruleset, signals)
    return Recommended(signals.kinds("crisis"), signals.kinds("urgent"), stop, decision)


def recommend(ruleset: RuleSet, raw: object) -> dict[str, object]:
    """Return the output fields of one line for raw answers.

    Raises:
        AnswerError: the questions do not allow these answers.
    """
    said = decide_raw(ruleset, raw)
    versions = {"ruleset": ruleset.version, "questionnaire": ruleset.questions.version}
    marks = {"crisis": list(said.crisis), "urgent": list(said.urgent)}
    if said.decision is None:
        return {"level": None, "stop": said.stop, **marks, **versions}
    decision = said.decision
    return {
        "level": decision.level.id,
        "reasons": sorted(decision.decided_by),
        **marks,
        "areas": dict(sorted(decision.areas.items())),
        "unknown": sorted(decision.unknowns.questions),
        "provisional": decision.provisional,
        "range": [decision.unknowns.lowest.id, decision.unknowns.highest.id],
        **versions,
    }


def refuse_unasked_crisis(ruleset: RuleSet, completed: Completed) -> None:
    """Refuse a crisis answer to a question that is not asked: it must not be dropped silently.

    Raises:
        AnswerError: names the question.
    """
    if crisis := crisis_answers(ruleset, completed.dropped):
        raise AnswerError(f"{crisis[0].question}: a crisis answer to a question that is not asked")
