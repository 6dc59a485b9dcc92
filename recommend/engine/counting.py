"""How many of all combinations of answers lead to which level: exactly, without writing them out.

The groups of questions are taken one after another. What is kept of the answers so far is only what the rules still
need: the level reached, and for each higher level what is still missing to it, as far as the groups to come can give
it. Very different answers leave the same remainder, so a few hundred remainders stand for 10^21 combinations.

A combination is one set of completed answers to the rated questions: every offered option counts as an answer of its
own, skip and unsure included, and in a list question every set of options that may be chosen together.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from .landscape import answer_sets, beyond_least, groups_of, least_answers, single_state
from .levels import Level
from .ruleset import RuleSet
from .signals import State, worst

Answers = Mapping[str, tuple[str, ...]]
Missing = frozenset[tuple[Level, State]]


@dataclass(frozen=True)
class Remainder:
    """What the rules need to know of the answers so far.

    Args:
        level: reached for certain.
        missing: for each way to a higher level that is still open, the signals it lacks.
    """

    level: Level
    missing: Missing

    @cached_property
    def lacking(self) -> State:
        """Every signal that some way still lacks; what else is raised changes nothing."""
        return worst(need for _, need in self.missing)

    def after(self, state: State, later: State) -> "Remainder":
        """The remainder once a group raised a state, when the groups to come can raise no more than ``later``."""
        if not state and not self.lacking & ~later:
            return self
        left = {(level, need & ~state) for level, need in self.missing}
        reached = max((level for level, need in left if not need), default=self.level)
        level = max(self.level, reached)
        return Remainder(level, frozenset(each for each in left if each[0] > level and not each[1] & ~later))


@dataclass(frozen=True)
class Tally:
    """How many combinations, and the one of them that is easiest to read."""

    count: int
    weight: int
    example: Answers

    def __add__(self, other: "Tally") -> "Tally":
        lighter = min(self, other, key=lambda tally: tally.weight)
        return Tally(self.count + other.count, lighter.weight, lighter.example)

    def __mul__(self, other: "Tally") -> "Tally":
        return Tally(self.count * other.count, self.weight + other.weight, {**self.example, **other.example})


def count_levels(*rulesets: RuleSet) -> dict[tuple[Level, ...], Tally]:
    """The number of combinations by the level that each rule set gives them.

    Args:
        rulesets: on the same questions.
    """
    questions = rulesets[0].questions.all
    groups = [_tally(rulesets, ids) for ids in groups_of(*rulesets)]
    raised = [[worst(states[n] for states in group) for n in range(len(rulesets))] for group in groups]
    found = {tuple(_start(ruleset) for ruleset in rulesets): Tally(1, 0, {})}
    for number, group in enumerate(groups):
        later = [worst(states[n] for states in raised[number + 1 :]) for n in range(len(rulesets))]
        found = _fold(found, group, later)
    in_order = {id: place for place, id in enumerate(questions)}
    return {
        tuple(each.level for each in key): replace(
            tally, example=dict(sorted(tally.example.items(), key=lambda item: in_order[item[0]]))
        )
        for key, tally in found.items()
    }


def _start(ruleset: RuleSet) -> Remainder:
    points = [(level, point) for level, points in ruleset.levels for point in ruleset.single_points(points)]
    return Remainder(Level.OUTPATIENT, frozenset(points))


def _tally(rulesets: Sequence[RuleSet], ids: tuple[str, ...]) -> dict[tuple[State, ...], Tally]:
    """The ways to answer one group by the state that each rule set gives them."""
    questions = [rulesets[0].questions.all[id] for id in ids]
    least = least_answers(questions)
    found: dict[tuple[State, ...], Tally] = {}
    for answers in answer_sets(questions):
        states = tuple(single_state(ruleset, answers) for ruleset in rulesets)
        way = Tally(1, beyond_least(least, answers), answers)
        found[states] = found[states] + way if states in found else way
    return found


Found = dict[tuple[Remainder, ...], Tally]


def _fold(found: Found, group: dict[tuple[State, ...], Tally], later: list[State]) -> Found:
    folded: Found = {}
    known: list[dict[tuple[Remainder, State], Remainder]] = [{} for _ in later]
    for before, tally in found.items():
        for states, ways in group.items():
            after = tuple(map(_after, before, states, later, known))
            whole = tally * ways
            folded[after] = folded[after] + whole if after in folded else whole
    return folded


def _after(
    before: Remainder, state: State, later: State, known: dict[tuple[Remainder, State], Remainder]
) -> Remainder:
    """The remainder after a group, looked up where it is known."""
    key = before, state & before.lacking
    if key not in known:
        known[key] = before.after(key[1], later)
    return known[key]
