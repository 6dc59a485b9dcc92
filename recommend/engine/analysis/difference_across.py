"""Compare two rule sets on different questions, exactly, over every combination of the older answers.

The older rules decide each combination. The newer rules decide its translation into the newer questions; what only the
newer questions ask counts as unknown. A combination that the mapping file calls not comparable is not decided; these
combinations are counted by reason.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import prod

from ..answers import Questions, choices, complete, matches
from ..rating import frequency_states
from ..ruleset import RuleSet
from ..scales import State, worst
from ..version_mapping import VersionMapping, row_in_words, translate
from .answer_space import Answers, answer_sets, blocks_of
from .counting import CountedExample, Group, count_groups
from .difference import Moves


@dataclass(frozen=True)
class DifferenceAcross:
    """The exact difference of two rule sets on different questions.

    Attributes:
        moves: comparable combinations whose level differs, by the level before and after; each with one example.
        comparable: how many combinations can be compared.
        total: how many combinations there are, of answers to the older questions that matter in one of the rule sets.
        reasons: how many combinations cannot be compared, by reason; one combination can have several reasons.
    """

    moves: Moves
    comparable: int
    total: int
    reasons: Mapping[str, int]


def difference_across(before: RuleSet, after: RuleSet, mapping: VersionMapping) -> DifferenceAcross:
    """Compare two rule sets on different questions.

    Args:
        before: the rule set on the older questions of the mapping.
        after: the rule set on the newer questions.
        mapping: what the older answers mean in the newer questions.
    """
    blocks = [_Block(ids, new, before, after, mapping) for ids, new in _blocks(before, after, mapping)]
    # Counting has the fewest residual states if the block with the most states comes first.
    groups = sorted((block.group for block in blocks), key=len, reverse=True)
    found = count_groups((before, after), groups)
    total = prod(block.total for block in blocks)
    reasons = {why: total // block.total * count for block in blocks for why, count in block.reasons.items()}
    return DifferenceAcross(
        {(old, new): tally for (old, new), tally in found.items() if old != new},
        sum(tally.count for tally in found.values()),
        total,
        reasons,
    )


class _Block:
    """Older questions and the newer questions that only they decide.

    Attributes:
        group: the comparable answers to the block, by their state in each rule set.
        total: how many ways to answer there are, comparable or not.
        reasons: how many ways to answer are not comparable, by reason.
    """

    def __init__(
        self, old: list[str], new: list[str], before: RuleSet, after: RuleSet, mapping: VersionMapping
    ) -> None:
        questions = [mapping.old.all[id] for id in old]
        self.least = {question.id: choices(question)[0] for question in questions}
        self.newer = Questions(mapping.new.version, {id: mapping.new.all[id] for id in new})
        self.before, self.after, self.mapping = before, after, mapping
        self.rows = [row for row in mapping.not_comparable if not row.keys().isdisjoint(old)]
        self.group: Group = {}
        self.total = 0
        self.reasons: Counter[str] = Counter()
        for answers in answer_sets(questions):
            self.add(answers)

    def add(self, answers: Answers) -> None:
        self.total += 1
        if why := [row_in_words(row, self.mapping.old) for row in self.rows if matches([row], answers)]:
            self.reasons.update(why)
            return
        newer = complete(self.newer, translate(answers, self.mapping).answers).answers
        states = _single_state(self.before, answers), _single_state(self.after, newer)
        weight = sum(chosen != self.least[id] for id, chosen in answers.items())
        way = CountedExample(1, weight, answers)
        self.group[states] = self.group[states] + way if states in self.group else way


def _single_state(ruleset: RuleSet, answers: Answers) -> State:
    """Return the state that some answers give one by one, without combination rules."""
    return worst(frequency_states(ruleset, answers)) | worst(
        ruleset.rating(id, option).state for id, chosen in answers.items() for option in chosen
    )


def _blocks(
    before: RuleSet, after: RuleSet, mapping: VersionMapping
) -> Iterator[tuple[list[str], list[str]]]:
    """Yield independent blocks, each with ids of older questions and of the newer questions that they decide."""
    newer = {id: number for number, block in enumerate(blocks_of(after)) for id in block}
    older = {id for block in blocks_of(before) for id in block}
    joined: list[tuple[set[str], set[int]]] = [(set(block), set()) for block in blocks_of(before)]
    joined += [(set(), {number}) for number in set(newer.values())]
    joined += [({*row}, set()) for row in mapping.not_comparable]
    for id in mapping.old.all:
        reached = {newer[other] for other in mapping.becomes(id) if other in newer}
        if reached or id in older:
            asked_by = {other for row in mapping.old.all[id].ask_if for other in row}
            joined.append(({id, *mapping.reads(id), *asked_by}, reached))
    for old, new in _disjoint(joined):
        yield (
            [id for id in mapping.old.all if id in old],
            [id for id in mapping.new.all if newer.get(id) in new],
        )


def _disjoint(parts: list[tuple[set[str], set[int]]]) -> list[tuple[set[str], set[int]]]:
    """Join all parts that share a question, until no two do."""
    found: list[tuple[set[str], set[int]]] = []
    for old, new in parts:
        apart = []
        for other_old, other_new in found:
            if old & other_old or new & other_new:
                old, new = old | other_old, new | other_new
            else:
                apart.append((other_old, other_new))
        found = [*apart, (old, new)]
    return found
