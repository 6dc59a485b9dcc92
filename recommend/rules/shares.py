"""Count what a rule set decides for synthetic people: how many get each level and each mark, and by which rules.

``docs/calibration.md`` says what these shares show and what they cannot show.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from recommend.engine import Level, RuleSet, complete, rate, screened_out
from recommend.engine.rating import Signals
from recommend.engine.scales import reaches

Person = Mapping[str, tuple[str, ...]]
"""Chosen options by question id."""

MARKS = ("crisis", "urgent")


@dataclass
class Shares:
    """How often each result occurred among the people of one mix.

    Attributes:
        people: How many people got a level.
        stopped: How many people were screened out without a level, such as children.
        levels: People by level.
        urgent: People with an urgent or a crisis mark.
        crisis: People with a crisis mark.
        rules: By level, how many people each rule decided for. Several rules can decide for the same person.
        marks: People by mark and kind, such as ``("urgent", "suicide")``.
    """

    people: int = 0
    stopped: int = 0
    levels: Counter[Level] = field(default_factory=Counter)
    urgent: int = 0
    crisis: int = 0
    rules: dict[Level, Counter[str]] = field(default_factory=lambda: {level: Counter() for level in Level})
    marks: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, ruleset: RuleSet, signals: Signals) -> None:
        """Add one person's result to the counts."""
        level = ruleset.level_at(signals.state)
        marks = [(mark, kind) for mark in MARKS for kind in signals.kinds(mark)]
        self.people += 1
        self.levels[level] += 1
        self.urgent += bool(marks)
        self.crisis += bool(signals.kinds("crisis"))
        self.marks.update(marks)
        self.rules[level].update(
            rule.id for rule in ruleset.rules if rule.level is level and reaches(signals.state, rule.points)
        )


def count_shares(ruleset: RuleSet, people: Iterable[Person]) -> Shares:
    """Decide for all people and count the results.

    Args:
        ruleset: The rule set.
        people: The people's answers to the questions of the rule set.
    """
    shares = Shares()
    for answers in people:
        completed = complete(ruleset.questions, answers)
        if screened_out(ruleset.questions, completed.answers):
            shares.stopped += 1
        else:
            shares.add(ruleset, rate(ruleset, completed))
    return shares
