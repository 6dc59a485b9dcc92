"""Record whether a promise is proved, and find changes of one answer that break a promise."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product

from ..levels import Level
from ..scales import State
from .answer_space import AnswerSpace, Assignment

Answers = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Check:
    """One promise, proved or refuted.

    Attributes:
        id: the id of the promise.
        about: what is promised, in words.
        counterexample: complete answers that break the promise, by question id; None if it is proved, or if no answers
            can be shown.
        instead: for a promise about changed answers, the answers that change and their new options; ``()`` for a
            question that is no longer asked.
    """

    id: str
    about: str
    proved: bool
    counterexample: Answers | None = None
    instead: Answers | None = None


def refuted_by(id: str, about: str, breaking: Iterable[Assignment]) -> Check:
    """Return a proved check if ``breaking`` is empty, else a refuted one with the answers that are easiest to read."""
    example = min(breaking, key=lambda way: way.weight, default=None)
    return Check(id, about, example is None, example.answers if example else None)


def refuted_by_change(id: str, about: str, changes: Iterable[tuple[Assignment, Assignment]]) -> Check:
    before, after = min(changes, key=lambda change: change[0].weight, default=(None, None))
    if before is None or after is None:
        return Check(id, about, True)
    changed = {id: after.answers.get(id, ()) for id in {**before.answers, **after.answers}}
    instead = {id: chosen for id, chosen in changed.items() if chosen != before.answers.get(id, ())}
    return Check(id, about, False, before.answers, instead)


def changes(
    space: AnswerSpace, question: str, one: str, other: str
) -> Iterator[tuple[int, Assignment, Assignment]]:
    """Yield the changes from one option of a question to another, as assignments of the question's block.

    The two assignments differ only in this question and in the questions that its answer opens or closes.

    Args:
        space: the answer space.
        question: the id of the question that changes.
        one: an option that the first assignment chooses.
        other: an option that the second assignment chooses; in a list question, possibly beside others.

    Yields:
        the index of the block, the first assignment and the second.
    """
    number, group = next((n, g) for n, g in enumerate(space.groups) if question in g.questions)
    first = [way for way in group.ways if one in way.answers.get(question, ())]
    second = [way for way in group.ways if other in way.answers.get(question, ())]
    for before, after in product(first, second):
        both = before.answers.keys() & after.answers.keys() - {question}
        if all(before.answers[id] == after.answers[id] for id in both):
            yield number, before, after


def lightest(
    changes: Iterable[tuple[int, Assignment, Assignment]],
) -> Iterable[tuple[int, Assignment, Assignment]]:
    """Return one change for each pair of states, the easiest to read.

    All changes between the same two states move the level alike.
    """
    found: dict[tuple[int, State, State], tuple[int, Assignment, Assignment]] = {}
    for change in changes:
        number, before, after = change
        kept = found.setdefault((number, before.state, after.state), change)
        if before.weight < kept[1].weight:
            found[number, before.state, after.state] = change
    return found.values()


def lowered_by(
    space: AnswerSpace,
    number: int,
    one: Assignment,
    other: Assignment,
    demands: Iterable[tuple[Level, tuple[State, ...]]],
    allowed: int = 0,
) -> Iterator[tuple[Assignment, Assignment]]:
    """Yield complete answers, before and after a change of one block that lowers the level below a demand.

    Args:
        space: the answer space.
        number: the index of the block that changes.
        one: the block's assignment before the change.
        other: the block's assignment after the change.
        demands: levels, each with the points of ``Signals.single`` at which it is asked for.
        allowed: how many levels below the demand are still allowed.
    """
    lost = one.state & ~other.state
    if not lost:
        return
    for level, points in demands:
        for point in points:
            if not point & lost:
                continue  # the change takes away nothing that this point needs
            for whole in space.reaching(point, one, number):
                rest = {id: chosen for id, chosen in whole.answers.items() if id not in one.answers}
                after = space.way({**rest, **other.answers})
                if space.level(after) + allowed < level:
                    yield space.way({**rest, **one.answers}), after
