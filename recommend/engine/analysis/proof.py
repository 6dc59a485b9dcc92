"""The proof that a rule set keeps its promises over every possible answer. The method is told in docs/proof.md.

Each check looks only at the least ways in which its promise could break, and finds them all; so "proved" means proved,
and a broken promise comes with one concrete set of answers, the easiest to read.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import permutations, product

from ..answers import UNSURE
from ..levels import Level
from ..monotonicity import MonotonicityViolation, monotonicity_violations
from ..ruleset import Invariant, Rule, RuleSet
from ..scales import State, reaches
from .answer_space import AnswerSpace, Assignment, answer_space_of
from .counting import count_levels

Answers = Mapping[str, tuple[str, ...]]

ENGINE = "1"
"""The version of what the engine means by a rule set; it changes when the same file would decide or prove otherwise."""

WEEK = ("weekly_hours", "free_times", "work_around", "who", "age", "place", "share")
"""The questions that may move the level in the overlap zone only."""

WORTH_AS_MUCH = (("weekly_hours", UNSURE, "h9"),)
"""Part of "a worse answer never lowers": who does not know their week yet loses no level by it."""


@dataclass(frozen=True)
class Check:
    """One promise, proved or refuted.

    Args:
        about: what is promised, in words.
        counterexample: answers that break it, complete; None if it is proved, or nothing can be shown.
        instead: for a promise about a change, the one answer to change in them.
    """

    id: str
    about: str
    proved: bool
    counterexample: Answers | None = None
    instead: Answers | None = None


@dataclass(frozen=True)
class Proof:
    """All checks of one rule set, and how many combinations of answers lead to each level."""

    ruleset: RuleSet
    checks: tuple[Check, ...]
    combinations: Mapping[Level, int]

    @property
    def proved(self) -> bool:
        return all(check.proved for check in self.checks)


def prove(ruleset: RuleSet) -> Proof:
    """Prove or refute every invariant, that no worse answer lowers a level, and that no rule or level is dead."""
    landscape = answer_space_of(ruleset)
    counts = {levels[0]: tally.count for levels, tally in count_levels(ruleset).items()}
    checks = (
        *(_invariant(landscape, invariant) for invariant in ruleset.invariants),
        *_missing_properties(landscape),
        _rows_rise(landscape),
        *(_decides_alone(landscape, rule) for rule in ruleset.rules),
        *(
            Check(f"reachable:{level.id}", "some answers lead to this level", level in counts)
            for level in Level
        ),
    )
    return Proof(ruleset, checks, {level: counts.get(level, 0) for level in Level})


# ---- invariants


def _invariant(landscape: AnswerSpace, invariant: Invariant) -> Check:
    if invariant.level is None:
        return _property(landscape, invariant.id, invariant.property or "")
    wanted = " or ".join(row_in_words(row) for row in invariant.rows)
    breaking = (
        way
        for row in invariant.rows
        for way in landscape.least_where(row)
        if landscape.level(way) < invariant.level
    )
    return _refuted_by(invariant.id, f"{wanted}: at least {invariant.level.id}", breaking)


def row_in_words(row: Mapping[str, frozenset[str]]) -> str:
    """A row of answers, such as ``also = baby and losing_touch = command or new``."""
    return " and ".join(f"{id} = {' or '.join(sorted(options))}" for id, options in row.items())


def _missing_properties(landscape: AnswerSpace) -> Iterator[Check]:
    """The properties are proved of every rule set, also of one that does not promise them."""
    promised = {invariant.id for invariant in landscape.ruleset.invariants}
    return (
        _property(landscape, id, "not promised by the file") for id in PROPERTY_CHECKS if id not in promised
    )


def _property(landscape: AnswerSpace, id: str, about: str) -> Check:
    return PROPERTY_CHECKS[id](landscape, id, about)


def _refuted_by(id: str, about: str, breaking: Iterable[Assignment]) -> Check:
    """Proved if nothing breaks it, else refuted by the easiest answers to read."""
    example = min(breaking, key=lambda way: way.weight, default=None)
    return Check(id, about, example is None, example.answers if example else None)


def _crisis_is_inpatient(landscape: AnswerSpace, id: str, about: str) -> Check:
    """Each crisis answer alone, and each combined rating that carries a crisis, in the least company."""
    together = (
        way
        for each in landscape.ruleset.combined
        if each.gives.crisis
        for point in each.points
        for way in landscape.reaching(point)
    )
    ways = [*landscape.least_with_crisis(), *together]
    return _refuted_by(id, about, (way for way in ways if landscape.level(way) < Level.INPATIENT))


# ---- what one changed answer may do


def _worse_never_lowers(landscape: AnswerSpace, id: str, about: str) -> Check:
    """Follows from rows that rise; only where a row does not rise is a level looked for that falls."""
    ruleset = landscape.ruleset
    demands = [(level, ruleset.single_points(points)) for level, points in ruleset.levels]
    lowered = (
        change
        for fall in (*monotonicity_violations(ruleset), *_worth_less(ruleset))
        for number, mild, worse in _lightest(_changes(landscape, fall.question, fall.milder, fall.worse))
        for change in _lowered(landscape, number, mild, worse, demands)
    )
    return _refuted_by_change(id, about, lowered)


def _worth_less(ruleset: RuleSet) -> Iterator[MonotonicityViolation]:
    for question, option, other in WORTH_AS_MUCH:
        if ruleset.rating(question, other).state & ~ruleset.rating(question, option).state:
            yield MonotonicityViolation(question, option, other, f"is worth less than {other}")


def _week_moves_overlap_only(landscape: AnswerSpace, id: str, about: str) -> Check:
    """The week may move outpatient to IOP and back, where overlap rules alone ask for IOP; nothing else."""
    ruleset = landscape.ruleset
    firm = [rule for rule in ruleset.rules if rule.level > Level.IOP or not rule.overlap]
    demands = [(rule.level, ruleset.single_points(rule.points)) for rule in firm]
    moved = (
        change
        for question in WEEK
        if any(question in group.questions for group in landscape.groups)
        for number, before, after in _lightest(
            change
            for one, other in permutations(ruleset.questions.all[question].offered, 2)
            for change in _changes(landscape, question, one, other)
        )
        for change in _lowered(landscape, number, before, after, demands)
    )
    return _refuted_by_change(id, about, moved)


def _rows_rise(landscape: AnswerSpace) -> Check:
    """No worse answer may raise less: a set where one does is not used, also where no level happens to fall."""
    about = "no row of an ordered question is lower than a milder one"
    for fall in monotonicity_violations(landscape.ruleset):
        for way in landscape.least_where({fall.question: frozenset({fall.worse})}):
            return Check("rows-rise", about, False, way.answers, {fall.question: (fall.milder,)})
    return Check("rows-rise", about, True)


def _refuted_by_change(id: str, about: str, changes: Iterable[tuple[Assignment, Assignment]]) -> Check:
    before, after = min(changes, key=lambda change: change[0].weight, default=(None, None))
    if before is None or after is None:
        return Check(id, about, True)
    changed = {id: after.answers.get(id, ()) for id in {**before.answers, **after.answers}}
    instead = {id: chosen for id, chosen in changed.items() if chosen != before.answers.get(id, ())}
    return Check(id, about, False, before.answers, instead)


def _changes(
    landscape: AnswerSpace, question: str, one: str, other: str
) -> Iterator[tuple[int, Assignment, Assignment]]:
    """Every two ways of a group that differ in one question, and in what its answer opens or closes.

    Args:
        one, other: options that the one way and the other choose there; in a list, among others.
    """
    number, group = next((n, g) for n, g in enumerate(landscape.groups) if question in g.questions)
    first = [way for way in group.ways if one in way.answers.get(question, ())]
    second = [way for way in group.ways if other in way.answers.get(question, ())]
    for before, after in product(first, second):
        both = before.answers.keys() & after.answers.keys() - {question}
        if all(before.answers[id] == after.answers[id] for id in both):
            yield number, before, after


def _lightest(
    changes: Iterable[tuple[int, Assignment, Assignment]],
) -> Iterable[tuple[int, Assignment, Assignment]]:
    """Of the changes between the same two states only the easiest to read: the others move the level as it does."""
    found: dict[tuple[int, State, State], tuple[int, Assignment, Assignment]] = {}
    for change in changes:
        number, before, after = change
        kept = found.setdefault((number, before.state, after.state), change)
        if before.weight < kept[1].weight:
            found[number, before.state, after.state] = change
    return found.values()


def _lowered(
    landscape: AnswerSpace,
    number: int,
    one: Assignment,
    other: Assignment,
    demands: Iterable[tuple[Level, tuple[State, ...]]],
) -> Iterator[tuple[Assignment, Assignment]]:
    """Whole answers in which going from one way of a group to another lowers the level below a demand.

    Args:
        demands: levels, and the least states of what answers raise one by one that ask for them.
    """
    lost = one.state & ~other.state
    if not lost:
        return
    for level, points in demands:
        for point in points:
            if not point & lost:
                continue  # what reaches it with the one reaches it with the other
            for whole in landscape.reaching(point, one, number):
                rest = {id: chosen for id, chosen in whole.answers.items() if id not in one.answers}
                after = landscape.way({**rest, **other.answers})
                if landscape.level(after) < level:
                    yield landscape.way({**rest, **one.answers}), after


# ---- nothing is dead


def _decides_alone(landscape: AnswerSpace, rule: Rule) -> Check:
    """Some answers reach the rule, and no other rule asks for as much: among the least ways to reach it, if any."""
    ruleset = landscape.ruleset
    id, about = f"decides-alone:{rule.id}", "the rule decides some case alone"
    ways: list[Assignment] = []
    for point in ruleset.single_points(rule.points):
        reached = landscape.reaching(point)
        if any(_deciding(ruleset, ruleset.combine(way.state)) == [rule.id] for way in reached):
            return Check(id, about, True)
        ways += reached
    if not ways:
        return Check(id, f"{about}; no answers reach it", False)
    example = min(ways, key=lambda way: way.weight)
    others = [other for other in _deciding(ruleset, ruleset.combine(example.state)) if other != rule.id]
    return Check(id, f"{about}; here {', '.join(others)} asks for no less", False, example.answers)


def _deciding(ruleset: RuleSet, state: State) -> list[str]:
    level = ruleset.level_at(state)
    return [rule.id for rule in ruleset.rules if rule.level == level and reaches(state, rule.points)]


PROPERTY_CHECKS = {
    "crisis-is-always-inpatient": _crisis_is_inpatient,
    "week-never-lowers-need": _week_moves_overlap_only,
    "a-worse-answer-never-lowers": _worse_never_lowers,
}
