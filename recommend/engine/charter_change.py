"""Check that a charter keeps every promise of the charter it follows, or waives it by name.

Promises are compared by what they say, not only by their ids. A promise of at least a level is kept if, for each of
its rows, some promise of the new charter asks for at least the same level. If questions changed, the mapping file
translates the old answers.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import product
from typing import Any

from .answers import AnswerPattern
from .charter import Bound, Charter, Waiver
from .ruleset import Invariant

Answer = tuple[str, str]
"""The id of a question and one of its options."""

Mapped = Mapping[str, frozenset[str]]
"""Answers given together: chosen options by question id."""


class AnswerMapping:
    """What old answers mean in the new questions, as the mapping file says.

    Args:
        raw: the parsed mapping file; empty if both charters are about the same questions.
    """

    def __init__(self, raw: Mapping[str, Any]) -> None:
        self.raw = raw
        self.changed = {
            (id, option) for id, options in raw.get("ask_again", {}).items() for option in options
        }

    def of(self, answers: Sequence[Answer]) -> list[Mapped]:
        """Return each set of new answers that old answers can mean. A promise is kept only if it covers all of them."""
        outcomes = [self._outcomes(*answer) for answer in answers]
        return [_together(chosen) for chosen in product(*outcomes)]

    def _outcomes(self, id: str, option: str) -> list[Mapping[str, Any]]:
        row = self.raw.get(id, {}).get(option, {id: [option]})
        found = [row["then"], row["else"]] if "if" in row else [row]
        return [{} if each == "unknown" else each for each in found]


def _together(parts: Iterable[Mapping[str, Any]]) -> Mapped:
    found: dict[str, frozenset[str]] = {}
    for part in parts:
        for id, chosen in part.items():
            options = [chosen] if isinstance(chosen, str) else chosen
            found[id] = found.get(id, frozenset()) | frozenset(options)
    return found


def weakenings(
    before: Charter, after: Charter, mapping: AnswerMapping, today: date
) -> Iterator[tuple[str, str]]:
    """Yield each promise that is lowered without a valid waiver, and each waiver that is not valid.

    Args:
        before: the charter that ``after`` follows.
        after: the charter to check.
        mapping: what answers to the questions of ``before`` mean in those of ``after``.
        today: waivers whose last day is earlier have expired.

    Yields:
        a place in the file, and what is wrong there.
    """
    kept: tuple[Invariant | Bound, ...] = (*before.invariants, *before.bounds)
    promised = {each.id: each for each in kept}
    lowered = {id: _lowered(each, before, after, mapping) for id, each in promised.items()}
    waivers: dict[str, list[Waiver]] = {}
    for number, waiver in enumerate(after.waivers, 1):
        place = f"waiver {number}, {waiver.promise}"
        if waiver.promise not in promised:
            yield place, f"charter {before.version} has no such promise"
            continue
        waivers.setdefault(waiver.promise, []).append(waiver)
        if waiver.until < today:
            yield place, f"expired on {waiver.until.isoformat()}: decide again"
        yield from (
            (place, problem)
            for problem in _needless(waiver, promised[waiver.promise], lowered[waiver.promise], mapping)
        )
    for id, lost in lowered.items():
        for what in lost:
            if not any(_waives(waiver, what) for waiver in waivers.get(id, [])):
                words = " and ".join(f"{question} = {option}" for question, option in what)
                yield (
                    f"promise {id}",
                    f"charter {before.version} promises more ({words or 'as it reads there'}): "
                    "keep it, or waive it by name",
                )


Lost = tuple[Answer, ...]
"""Answers for which a promise no longer holds; empty if the promise has no rows."""


def _lowered(
    promise: Invariant | Bound, before: Charter, after: Charter, mapping: AnswerMapping
) -> list[Lost]:
    if isinstance(promise, Bound):
        return [] if any(_bound_kept(promise, bound) for bound in after.bounds) else [()]
    if promise.level is None:
        return [] if _property_kept(promise, before, after) else [()]
    return [
        answers
        for row in promise.rows
        for answers in _combinations(row)
        if not all(_covered(meaning, promise, after) for meaning in mapping.of(answers))
    ]


def _combinations(row: AnswerPattern) -> list[Lost]:
    return list(
        product(*([(id, option) for option in sorted(options)] for id, options in sorted(row.items())))
    )


def _covered(answers: Mapped, promise: Invariant, after: Charter) -> bool:
    """Return whether the new charter asks for at least the old level from everyone who gave these answers."""
    return any(
        each.level is not None
        and promise.level is not None
        and each.level >= promise.level
        and any(
            all(not options.isdisjoint(answers.get(id, ())) for id, options in row.items())
            for row in each.rows
        )
        for each in after.invariants
    )


def _property_kept(promise: Invariant, before: Charter, after: Charter) -> bool:
    same_words = any((each.id, each.property) == (promise.id, promise.property) for each in after.invariants)
    if promise.id == "week-never-lowers-need":
        return (
            same_words
            and set(before.week.questions) <= set(after.week.questions)
            and set(before.week.only_raises) <= set(after.week.only_raises)
        )
    if promise.id == "a-worse-answer-never-lowers":
        return same_words and set(before.week.worth_as_much) <= set(after.week.worth_as_much)
    return same_words


def _bound_kept(old: Bound, new: Bound) -> bool:
    """Return whether a new upper bound covers as many answers as the old one, and allows no higher level."""
    if old.kind != new.kind:
        return False
    if old.kind == "one_step":
        no_more_people_left_out = new.unless in ("", old.unless)
        return new.but <= old.but and new.at_most_levels <= old.at_most_levels and no_more_people_left_out
    if old.at_most is None or new.at_most is None or new.at_most > old.at_most:
        return False
    if old.kind == "only":
        return set(old.only) <= set(new.only)
    # Only a rule set knows the order of grades, so every grade of the old cap must be in the new one.
    return (old.cap or {}).items() <= (new.cap or {}).items()


def _waives(waiver: Waiver, lost: Lost) -> bool:
    return not waiver.rows or any(
        row.keys() == dict(lost).keys() and all(option in row[id] for id, option in lost)
        for row in waiver.rows
    )


def _needless(
    waiver: Waiver, promise: Invariant | Bound, lost: Sequence[Lost], mapping: AnswerMapping
) -> Iterator[str]:
    """Yield what is wrong with a waiver: rows that the promise never had, and rows that are still kept.

    A row that is kept may be waived if the meaning of its answers changed.
    """
    if not waiver.rows:
        if not lost:
            yield "needless: the promise is kept"
        return
    rows = promise.rows if isinstance(promise, Invariant) else ()
    promised = {answers for row in rows for answers in _combinations(row)}
    for answers in (answers for row in waiver.rows for answers in _combinations(row)):
        words = " and ".join(f"{question} = {option}" for question, option in answers)
        if answers not in promised:
            yield f"the promise has no row {words}"
        elif answers not in lost and mapping.changed.isdisjoint(answers):
            yield f"needless: {words} is kept"
