"""The proof that a rule set keeps its promises over every possible answer. The method is told in docs/proof.md.

Each check looks only at the least ways in which its promise could break, and finds them all; so "proved" means proved,
and a broken promise comes with one concrete set of answers, the easiest to read.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain, permutations, product

from ..answers import NONRESPONSE, choices, is_asked
from ..charter import Bound, Charter, Week
from ..conditions import points_of
from ..levels import Level
from ..monotonicity import MonotonicityViolation, monotonicity_violations
from ..ruleset import Invariant, Rule, RuleSet
from ..scales import State, reaches, worst
from .answer_space import AnswerSpace, Assignment, answer_space_of
from .counting import count_levels

Answers = Mapping[str, tuple[str, ...]]

ENGINE = "1"
"""The version of what the engine means by a rule set; it changes when the same file would decide or prove otherwise."""


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
    charter: Charter | None = None

    @property
    def proved(self) -> bool:
        return all(check.proved for check in self.checks)


def prove(ruleset: RuleSet, charter: Charter | None = None) -> Proof:
    """Prove or refute every promise, that no worse answer lowers a level, and that no rule or level is dead.

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


# ---- invariants


def _own_invariants(ruleset: RuleSet, promises: Iterable[Invariant]) -> Iterator[Invariant]:
    """List the invariants of the rule set's own file, without those that the charter promises in the same words."""
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
    """List what an invariant is about, one option of each question at a time."""
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
    """Put a row of answers into words, such as ``also = baby and losing_touch = command or new``."""
    return " and ".join(f"{id} = {' or '.join(sorted(options))}" for id, options in row.items())


def _missing_properties(space: AnswerSpace, week: Week, invariants: Iterable[Invariant]) -> Iterator[Check]:
    """Prove the named properties of every rule set, also of one that does not promise them."""
    promised = {invariant.id for invariant in invariants}
    return (
        _property(space, week, id, "not promised by the file") for id in PROPERTY_CHECKS if id not in promised
    )


def _property(space: AnswerSpace, week: Week, id: str, about: str) -> Check:
    return PROPERTY_CHECKS[id](space, week, id, about)


def refuted_by(id: str, about: str, breaking: Iterable[Assignment]) -> Check:
    """Proved if nothing breaks it, else refuted by the easiest answers to read."""
    example = min(breaking, key=lambda way: way.weight, default=None)
    return Check(id, about, example is None, example.answers if example else None)


def _crisis_is_inpatient(space: AnswerSpace, week: Week, id: str, about: str) -> Check:
    """Each crisis answer alone, and each combined rating that carries a crisis, in the least company."""
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
    """Follows from rows that rise; only where a row does not rise is a level looked for that falls."""
    ruleset = space.ruleset
    demands = [(level, ruleset.single_points(points)) for level, points in ruleset.levels]
    lowered = (
        change
        for fall in (*monotonicity_violations(ruleset), *_worth_less(ruleset, week))
        for number, mild, worse in _lightest(_changes(space, fall.question, fall.milder, fall.worse))
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
    """Check that the week moves the level only between outpatient and IOP, where overlap rules alone ask for IOP."""
    ruleset = space.ruleset
    firm = [rule for rule in ruleset.rules if rule.level > Level.IOP or not rule.overlap]
    demands = [(rule.level, ruleset.single_points(rule.points)) for rule in firm]
    moved = (
        change
        for question in week.questions
        if any(question in group.questions for group in space.groups)
        for number, before, after in _lightest(
            change
            for one, other in permutations(ruleset.questions.all[question].offered, 2)
            for change in _changes(space, question, one, other)
        )
        for change in lowered_by(space, number, before, after, demands)
    )
    return refuted_by_change(id, about, chain(moved, _raised_elsewhere(space, week)))


def _raised_elsewhere(space: AnswerSpace, week: Week) -> Iterator[tuple[Assignment, Assignment]]:
    """Find answers to a question that may only raise, to one level beside other needs, and does more than that.

    A level that falls from one option to another is the same as one that rises the other way. Answers that raise less
    break the promise sooner, so the least whole answers are enough.
    """
    ruleset = space.ruleset
    demands = [(level, ruleset.single_points(points)) for level, points in ruleset.levels]
    for each in week.only_raises:
        beside = points_of(each.beside, ruleset.space)
        if not any(each.question in group.questions for group in space.groups):
            continue
        changes = _lightest(
            change
            for one, other in permutations(ruleset.questions.all[each.question].offered, 2)
            for change in _changes(space, each.question, one, other)
        )
        for number, before, after in changes:
            for higher, lower in lowered_by(space, number, before, after, demands):
                allowed = space.level(higher) == each.to and reaches(ruleset.combine(lower.state), beside)
                if not allowed:
                    yield higher, lower


def _rows_rise(space: AnswerSpace) -> Check:
    """No worse answer may raise less: a set where one does is not used, also where no level happens to fall."""
    about = "no row of an ordered question is lower than a milder one"
    for fall in monotonicity_violations(space.ruleset):
        for way in space.least_where({fall.question: frozenset({fall.worse})}):
            return Check("rows-rise", about, False, way.answers, {fall.question: (fall.milder,)})
    return Check("rows-rise", about, True)


def refuted_by_change(id: str, about: str, changes: Iterable[tuple[Assignment, Assignment]]) -> Check:
    before, after = min(changes, key=lambda change: change[0].weight, default=(None, None))
    if before is None or after is None:
        return Check(id, about, True)
    changed = {id: after.answers.get(id, ()) for id in {**before.answers, **after.answers}}
    instead = {id: chosen for id, chosen in changed.items() if chosen != before.answers.get(id, ())}
    return Check(id, about, False, before.answers, instead)


def _changes(
    space: AnswerSpace, question: str, one: str, other: str
) -> Iterator[tuple[int, Assignment, Assignment]]:
    """Every two ways of a group that differ in one question, and in what its answer opens or closes.

    Args:
        space: the answer space
        question: the question that changes
        one: an option that the first assignment chooses
        other: an option that the second one chooses; in a list, among others
    """
    number, group = next((n, g) for n, g in enumerate(space.groups) if question in g.questions)
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


def lowered_by(
    space: AnswerSpace,
    number: int,
    one: Assignment,
    other: Assignment,
    demands: Iterable[tuple[Level, tuple[State, ...]]],
    allowed: int = 0,
) -> Iterator[tuple[Assignment, Assignment]]:
    """Whole answers in which going from one way of a group to another lowers the level below a demand.

    Args:
        space: the answer space
        number: the number of the block that changes
        one: its first assignment
        other: its second assignment
        demands: levels, and the least states of what answers raise one by one that ask for them.
        allowed: how many levels it may fall below the demand.
    """
    lost = one.state & ~other.state
    if not lost:
        return
    for level, points in demands:
        for point in points:
            if not point & lost:
                continue  # what reaches it with the one reaches it with the other
            for whole in space.reaching(point, one, number):
                rest = {id: chosen for id, chosen in whole.answers.items() if id not in one.answers}
                after = space.way({**rest, **other.answers})
                if space.level(after) + allowed < level:
                    yield space.way({**rest, **one.answers}), after


# ---- upper bounds


def bound_check(space: AnswerSpace, bound: Bound) -> Check:
    """Prove or refute one upper bound.

    Refuted, it shows a person above the bound; where no person reaches the state, it names the rules that hold there.
    """
    if bound.kind == "one_step":
        return _one_step(space, bound)
    if bound.at_most is None:
        raise ValueError(f"bound {bound.id} has no level")
    ruleset = space.ruleset
    if bound.kind == "only":
        about, state = (
            f"only {', '.join(bound.only)}: at most {bound.at_most.id}",
            _full_state(space, bound.only),
        )
        final = ruleset.combine(state)
    else:
        about = f"up to {', '.join(f'{key} = {grade}' for key, grade in (bound.cap or {}).items())}"
        about += f": at most {bound.at_most.id}"
        try:
            final = _cap_state(ruleset, bound.cap or {})
        except KeyError as unknown:
            return Check(bound.id, f"{about}; the rule set has no {unknown.args[0]}", False)
    if ruleset.level_at(final) <= bound.at_most:
        return Check(bound.id, about, True)
    example = min(_people_above(space, bound, final), key=lambda way: way.weight, default=None)
    if example is not None:
        return Check(bound.id, about, False, example.answers)
    rules = [rule.id for rule in ruleset.rules if rule.level > bound.at_most and reaches(final, rule.points)]
    return Check(
        bound.id, f"{about}; no person reaches the state, but {', '.join(rules)} asks for more", False
    )


def _full_state(space: AnswerSpace, only: Iterable[str]) -> State:
    """Build the state with every option of some questions chosen at once, and all else answered least."""
    ruleset, named = space.ruleset, set(only)
    answers: dict[str, tuple[str, ...]] = {}
    for id, question in ruleset.questions.all.items():
        if id in named:
            answers[id] = question.offered
        elif is_asked(question, answers):
            answers[id] = choices(question)[0]
    most = [
        table.state(
            sum(
                max(ruleset.steps[id][each] for each in answers[id])
                for id in table.questions
                if id in answers
            )
        )
        for table in ruleset.frequencies
    ]
    return worst(
        [*most, *(ruleset.rating(id, each).state for id, chosen in answers.items() for each in chosen)]
    )


def _cap_state(ruleset: RuleSet, cap: Mapping[str, str]) -> State:
    """Build the state of a cap; KeyError for a signal or grade that the rule set does not have."""
    scales = ruleset.space
    signals = dict.fromkeys(scales.areas, cap["areas"]) if "areas" in cap else {}
    signals |= {signal: grade for signal, grade in cap.items() if signal != "areas"}
    for signal, grade in signals.items():
        if signal not in scales.scales or grade not in scales.scales[signal]:
            raise KeyError(f"{signal} = {grade}")
    return worst(scales.at_least(signal, grade) for signal, grade in signals.items())


def _people_above(space: AnswerSpace, bound: Bound, final: State) -> Iterator[Assignment]:
    """Find the least whole answers within a bound that lead above it."""
    ruleset = space.ruleset
    blocks = []
    for group in space.groups:
        within = (
            way
            for way in group.ways
            if not way.state & ~final and (bound.kind == "cap" or _least_but(space, way, bound.only))
        )
        blocks.append(tuple(within))
    for level, points in ruleset.levels:
        if bound.at_most is None or level <= bound.at_most:
            continue
        for point in ruleset.single_points(points):
            for way in space.reaching_among(blocks, point):
                if not ruleset.combine(way.state) & ~final and space.level(way) > bound.at_most:
                    yield way


def _least_but(space: AnswerSpace, way: Assignment, only: Iterable[str]) -> bool:
    """Whether all answers but those to some questions are the least."""
    return all(id in only or chosen == space.least_answers[id] for id, chosen in way.answers.items())


def _one_step(space: AnswerSpace, bound: Bound) -> Check:
    """Prove that skip or unsure raises by no more levels than the bound allows, all else answered alike."""
    ruleset = space.ruleset
    about = f"one answer not given raises by at most {bound.at_most_levels} level(s)"
    demands = [(level, ruleset.single_points(points)) for level, points in ruleset.levels]
    raised = (
        change
        for id in ruleset.rated
        if id not in bound.but
        for option in NONRESPONSE.intersection(ruleset.questions.all[id].offered)
        for number, before, after in _lightest(_refusals(space, id, option))
        for change in lowered_by(space, number, before, after, demands, bound.at_most_levels)
    )
    return refuted_by_change(bound.id, about, raised)


def _refusals(
    space: AnswerSpace, question: str, option: str
) -> Iterator[tuple[int, Assignment, Assignment]]:
    """Pair each way that refuses a question with the one that answers it least; what only one opens is answered least."""
    number, group = next((n, g) for n, g in enumerate(space.groups) if question in g.questions)
    for before in group.ways:
        if option not in before.answers.get(question, ()):
            continue
        answers: dict[str, tuple[str, ...]] = {}
        for id in group.questions:
            asked = space.ruleset.questions.all[id]
            if is_asked(asked, answers):
                least = space.least_answers[id]
                answers[id] = least if id == question else before.answers.get(id, least)
        opened = before.answers.keys() - answers.keys()
        if all(before.answers[id] == space.least_answers[id] for id in opened):
            yield number, before, space.way(answers)


# ---- nothing is dead


def _decides_alone(space: AnswerSpace, rule: Rule) -> Check:
    """Check that some answers reach the rule while no other rule asks for as much; show the easiest example if not."""
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
