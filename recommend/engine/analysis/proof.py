"""Prove that a rule set keeps its promises for every possible answer. docs/proof.md describes the method.

Each check searches the least answers that could break its promise, and finds all of them, so "proved" is certain. A
broken promise comes with a counterexample, the one that is easiest to read.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain, permutations, product

from ..charter import Charter, Week
from ..conditions import points_of
from ..levels import Level
from ..monotonicity import MonotonicityViolation, monotonicity_violations
from ..ruleset import Invariant, Rule, RuleSet
from ..scales import State, reaches
from .answer_space import AnswerSpace, Assignment, answer_space_of
from .bounds import bound_check
from .checks import Check, changes, lightest, lowered_by, refuted_by, refuted_by_change
from .counting import count_levels

ENGINE = "1"
"""The version of the engine. Raise it if the engine decides or proves differently from the same file."""


@dataclass(frozen=True)
class Proof:
    """All checks of one rule set.

    Attributes:
        combinations: how many combinations of answers lead to each level.
        charter: the charter that was checked; None if only the rule set's own promises were.
    """

    ruleset: RuleSet
    checks: tuple[Check, ...]
    combinations: Mapping[Level, int]
    charter: Charter | None = None

    @property
    def proved(self) -> bool:
        return all(check.proved for check in self.checks)


def prove(ruleset: RuleSet, charter: Charter | None = None) -> Proof:
    """Prove or refute every promise about a rule set.

    Besides the promises, check that no worse answer lowers a level, that every rule decides for some answers alone,
    and that every level can be reached.

    Args:
        ruleset: the rule set; the invariants in its own file are proved too.
        charter: the charter it must keep; None proves the file's own promises only.
    """
    promises = charter.invariants if charter else ()
    week = charter.week if charter else Week()
    space = answer_space_of(ruleset, promises)
    counts = {levels[0]: tally.count for levels, tally in count_levels(ruleset).items()}
    invariants = [*promises, *_own_invariants(ruleset, promises)]
    checks = (
        *(_invariant(space, week, invariant) for invariant in invariants),
        *_missing_properties(space, week, invariants),
        *(bound_check(space, bound) for bound in (charter.bounds if charter else ())),
        _rows_rise(space),
        *(_decides_alone(space, rule) for rule in ruleset.rules),
        *(
            Check(f"reachable:{level.id}", "some answers lead to this level", level in counts)
            for level in Level
        ),
    )
    return Proof(ruleset, checks, {level: counts.get(level, 0) for level in Level}, charter)


def prove_promise(ruleset: RuleSet, charter: Charter, id: str) -> Check:
    """Prove or refute one promise of a charter, much faster than :func:`prove`.

    Raises:
        KeyError: the charter has no promise with this id.
    """
    space = answer_space_of(ruleset, charter.invariants)
    for invariant in charter.invariants:
        if invariant.id == id:
            return _invariant(space, charter.week, invariant)
    return bound_check(space, {bound.id: bound for bound in charter.bounds}[id])


# ---- invariants


def _own_invariants(ruleset: RuleSet, promises: Iterable[Invariant]) -> Iterator[Invariant]:
    """Yield the invariants of the rule set's file that its charter does not promise as well.

    If the charter has another promise with the same id, the invariant gets the id ``file:<id>``.
    """
    by_id = {each.id: each for each in promises}
    for each in ruleset.invariants:
        promised = by_id.get(each.id)
        if promised is None:
            yield each
        elif each.level is not None and (each.level, _each_option(each)) != (
            promised.level,
            _each_option(promised),
        ):
            yield replace(each, id=f"file:{each.id}")


def _each_option(invariant: Invariant) -> set[tuple[tuple[str, str], ...]]:
    """Return every combination of one option for each question in the rows of an invariant."""
    return {
        chosen
        for row in invariant.rows
        for chosen in product(*([(id, option) for option in options] for id, options in sorted(row.items())))
    }


def _invariant(space: AnswerSpace, week: Week, invariant: Invariant) -> Check:
    if invariant.level is None:
        return _property(space, week, invariant.id, invariant.property or "")
    wanted = " or ".join(row_in_words(row) for row in invariant.rows)
    breaking = (
        way for row in invariant.rows for way in space.least_where(row) if space.level(way) < invariant.level
    )
    return refuted_by(invariant.id, f"{wanted}: at least {invariant.level.id}", breaking)


def row_in_words(row: Mapping[str, frozenset[str]]) -> str:
    """Return a row of answers as text, such as ``also = baby and losing_touch = command or new``."""
    return " and ".join(f"{id} = {' or '.join(sorted(options))}" for id, options in row.items())


def _missing_properties(space: AnswerSpace, week: Week, invariants: Iterable[Invariant]) -> Iterator[Check]:
    """Check the named properties that are not promised: every rule set must have them."""
    promised = {invariant.id for invariant in invariants}
    return (
        _property(space, week, id, "not promised by the file") for id in PROPERTY_CHECKS if id not in promised
    )


def _property(space: AnswerSpace, week: Week, id: str, about: str) -> Check:
    return PROPERTY_CHECKS[id](space, week, id, about)


def _crisis_is_inpatient(space: AnswerSpace, week: Week, id: str, about: str) -> Check:
    """Check that each crisis leads to inpatient even if all other answers are the least.

    A crisis comes from a single answer or from a combination rule.
    """
    together = (
        way
        for each in space.ruleset.combined
        if each.gives.crisis
        for point in each.points
        for way in space.reaching(point)
    )
    ways = [*space.least_with_crisis(), *together]
    return refuted_by(id, about, (way for way in ways if space.level(way) < Level.INPATIENT))


# ---- what one changed answer may do


def _worse_never_lowers(space: AnswerSpace, week: Week, id: str, about: str) -> Check:
    """Check that no worse answer lowers the level. Search only the options that raise less than a milder one."""
    ruleset = space.ruleset
    demands = [(level, ruleset.single_points(points)) for level, points in ruleset.levels]
    lowered = (
        change
        for fall in (*monotonicity_violations(ruleset), *_worth_less(ruleset, week))
        for number, mild, worse in lightest(changes(space, fall.question, fall.milder, fall.worse))
        for change in lowered_by(space, number, mild, worse, demands)
    )
    return refuted_by_change(id, about, lowered)


def _worth_less(ruleset: RuleSet, week: Week) -> Iterator[MonotonicityViolation]:
    for each in week.worth_as_much:
        if each.question not in ruleset.questions.all:
            continue
        lost = (
            ruleset.rating(each.question, each.than).state & ~ruleset.rating(each.question, each.answer).state
        )
        if lost:
            yield MonotonicityViolation(
                each.question, each.answer, each.than, f"is worth less than {each.than}"
            )


def _week_moves_overlap_only(space: AnswerSpace, week: Week, id: str, about: str) -> Check:
    """Check that the week moves the level only between outpatient and IOP.

    It may do so only if every rule that asks for IOP is an overlap rule. An ``only_raises`` question may also raise.
    """
    ruleset = space.ruleset
    firm = [rule for rule in ruleset.rules if rule.level > Level.IOP or not rule.overlap]
    demands = [(rule.level, ruleset.single_points(rule.points)) for rule in firm]
    moved = (
        change
        for question in week.questions
        if any(question in group.questions for group in space.groups)
        for number, before, after in lightest(
            change
            for one, other in permutations(ruleset.questions.all[question].offered, 2)
            for change in changes(space, question, one, other)
        )
        for change in lowered_by(space, number, before, after, demands)
    )
    return refuted_by_change(id, about, chain(moved, _raised_elsewhere(space, week)))


def _raised_elsewhere(space: AnswerSpace, week: Week) -> Iterator[tuple[Assignment, Assignment]]:
    """Yield changes of an ``only_raises`` question that raise to another level than ``to``, or without ``beside``.

    Every pair of options is tried in both orders, so it is enough to look for levels that fall. Answers that raise
    less break the promise sooner, so the least complete answers are enough.

    Yields:
        complete answers with the higher level, and with the lower one.
    """
    ruleset = space.ruleset
    demands = [(level, ruleset.single_points(points)) for level, points in ruleset.levels]
    for each in week.only_raises:
        beside = points_of(each.beside, ruleset.space)
        if not any(each.question in group.questions for group in space.groups):
            continue
        moved = lightest(
            change
            for one, other in permutations(ruleset.questions.all[each.question].offered, 2)
            for change in changes(space, each.question, one, other)
        )
        for number, before, after in moved:
            for higher, lower in lowered_by(space, number, before, after, demands):
                allowed = space.level(higher) == each.to and reaches(ruleset.combine(lower.state), beside)
                if not allowed:
                    yield higher, lower


def _rows_rise(space: AnswerSpace) -> Check:
    """Check that no worse answer to an ordered question raises less than a milder one, even if no level falls."""
    about = "no row of an ordered question is lower than a milder one"
    for fall in monotonicity_violations(space.ruleset):
        for way in space.least_where({fall.question: frozenset({fall.worse})}):
            return Check("rows-rise", about, False, way.answers, {fall.question: (fall.milder,)})
    return Check("rows-rise", about, True)


# ---- nothing is dead


def _decides_alone(space: AnswerSpace, rule: Rule) -> Check:
    """Check that some answers make the rule hold while no other rule asks for as high a level.

    A refuted check shows answers that reach the rule, the easiest to read, and names the other rules that decide.
    """
    ruleset = space.ruleset
    id, about = f"decides-alone:{rule.id}", "the rule decides some case alone"
    ways: list[Assignment] = []
    for point in ruleset.single_points(rule.points):
        reached = space.reaching(point)
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
