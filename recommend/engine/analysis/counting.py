"""Count exactly how many combinations of answers lead to each level, without listing them.

The blocks of questions are taken one after another. Of the answers so far, only the *residual state* is stored: the
level that is certain and, for each higher level, what is still missing to it and could come from later blocks. Very
different answers have the same residual state, so a few hundred of them cover 10^21 combinations.

A combination is one set of completed answers to the rated questions. Every offered option counts as a separate answer,
including skip and unsure; in a list question, every set of options that can be chosen together.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from operator import and_

from ..levels import Level
from ..ruleset import RuleSet
from ..scales import State, worst
from .answer_space import QuestionBlock, answer_space_on, blocks_of

Answers = Mapping[str, tuple[str, ...]]
HIGHEST_FIRST = sorted(Level, reverse=True)

Missing = tuple[frozenset[State], ...]
"""For each higher level, the highest first: what is missing to each of its points that can still be reached."""


@dataclass(frozen=True, eq=False)
class ResidualState:
    """What the rules still need to know of the answers so far.

    Equal residual states of one rule set are the same object, so that what follows each is computed once.

    Attributes:
        level: the level that is reached for certain.
        missing: what is missing to each higher level.
    """

    level: Level
    missing: Missing
    _known: dict[tuple[Level, Missing], "ResidualState"] = field(default_factory=dict, repr=False)
    _after: dict[tuple[State, State], "ResidualState"] = field(default_factory=dict, repr=False)

    @cached_property
    def lacking(self) -> State:
        """Every bit that is missing to some point. Other bits change nothing."""
        return worst(need for needs in self.missing for need in needs)

    def after(self, state: State, later: State) -> "ResidualState":
        """Return the residual state after one more block.

        Args:
            state: what the block raises.
            later: the most that the blocks after it can raise.
        """
        key = state & self.lacking, later
        if key not in self._after:
            self._after[key] = self._less(*key)
        return self._after[key]

    def _less(self, state: State, later: State) -> "ResidualState":
        missing: list[frozenset[State]] = []
        for level, needs in zip(HIGHEST_FIRST, self.missing, strict=False):
            left = {need & ~state for need in needs}
            if 0 in left:
                return self._one(level, tuple(missing))
            missing.append(frozenset(need for need in left if not need & ~later))
        return self._one(self.level, tuple(missing))

    def _one(self, level: Level, missing: Missing) -> "ResidualState":
        return self._known.setdefault((level, missing), ResidualState(level, missing, self._known))


@dataclass(frozen=True)
class CountedExample:
    """A number of combinations, and one of them.

    Attributes:
        count: how many combinations there are.
        weight: how many answers of the example are not the least.
        example: the combination that is easiest to read, as chosen options by question id.
    """

    count: int
    weight: int
    example: Answers

    def __add__(self, other: "CountedExample") -> "CountedExample":
        lighter = other if other.weight < self.weight else self
        return CountedExample(self.count + other.count, lighter.weight, lighter.example)

    def __mul__(self, other: "CountedExample") -> "CountedExample":
        return CountedExample(
            self.count * other.count, self.weight + other.weight, {**self.example, **other.example}
        )


def count_levels(*rulesets: RuleSet) -> dict[tuple[Level, ...], CountedExample]:
    """Count the combinations of answers by the level that each rule set gives them.

    Args:
        rulesets: rule sets on the same questions.

    Returns:
        counts by the levels that the rule sets give, in their order; without levels that no combination has.
    """
    landscapes = [answer_space_on(ruleset, blocks_of(*rulesets)) for ruleset in rulesets]
    groups = [_tally(parts) for parts in zip(*(landscape.groups for landscape in landscapes), strict=True)]
    return count_groups(rulesets, groups)


Group = dict[tuple[State, ...], CountedExample]
"""The assignments of one block, counted by the state that each rule set gives them."""


def count_groups(
    rulesets: Sequence[RuleSet], groups: Sequence[Group]
) -> dict[tuple[Level, ...], CountedExample]:
    """Count the combinations of one assignment from each block, by the level that each rule set gives them.

    Args:
        rulesets: the rule sets; an example has the question order of the first.
        groups: the blocks, which must be independent for every rule set.
    """
    found = {tuple(_start(ruleset) for ruleset in rulesets): CountedExample(1, 0, {})}
    raised = [[worst(states) for states in zip(*group, strict=True)] for group in groups]
    for number, group in enumerate(groups):
        later = [worst(each[place] for each in raised[number + 1 :]) for place in range(len(rulesets))]
        found = _fold(found, group, later)
    in_order = {id: place for place, id in enumerate(rulesets[0].questions.all)}
    return {
        tuple(each.level for each in key): replace(
            tally, example=dict(sorted(tally.example.items(), key=lambda item: in_order[item[0]]))
        )
        for key, tally in found.items()
    }


@lru_cache(maxsize=8)
def _start(ruleset: RuleSet) -> ResidualState:
    return ResidualState(
        Level.OUTPATIENT, tuple(frozenset(ruleset.single_points(points)) for _, points in ruleset.levels)
    )


def _tally(parts: tuple[QuestionBlock, ...]) -> Group:
    """Count the assignments of one block by the state that each rule set gives them."""
    found: Group = {}
    for ways in zip(*(part.ways for part in parts), strict=True):
        states = tuple(way.state for way in ways)
        way = CountedExample(1, ways[0].weight, ways[0].answers)
        found[states] = found[states] + way if states in found else way
    return found


Found = dict[tuple[ResidualState, ...], CountedExample]


def _fold(found: Found, group: Group, later: list[State]) -> Found:
    folded: Found = {}
    needed: dict[tuple[State, ...], Group] = {}
    for before, tally in found.items():
        lacking = tuple(remainder.lacking for remainder in before)
        if lacking not in needed:
            needed[lacking] = _only(lacking, group)
        for states, ways in needed[lacking].items():
            after = tuple(map(ResidualState.after, before, states, later))
            whole = tally * ways
            folded[after] = folded[after] + whole if after in folded else whole
    return folded


def _only(lacking: tuple[State, ...], group: Group) -> Group:
    """Reduce the states of a block's assignments to the bits that are still missing, and count equal ones together."""
    found: Group = {}
    for states, ways in group.items():
        needed = tuple(map(and_, states, lacking))
        found[needed] = found[needed] + ways if needed in found else ways
    return found
