"""Decide the level of care: the highest that any rule asks for, or outpatient if none does."""

from collections.abc import Mapping
from dataclasses import dataclass

from .answers import matches
from .level_range import Unknowns, assess_unknowns
from .levels import Level
from .rating import Signals
from .ruleset import RuleSet
from .scales import reaches


@dataclass(frozen=True)
class Decision:
    """What a rule set decides for one person's answers.

    Attributes:
        level: the recommended level.
        decided_by: ids of the rules that hold and ask for the recommended level, in the order of the file; empty for
            outpatient.
        fired: ids of all rules that hold.
        areas: the grade of each area, by the area's id.
        crisis, urgent, resources: the kinds of each mark, sorted.
        notes: ids of the notes to show; they never change the level.
        unknowns: the questions without a known answer, and how far their answers could move the level.
    """

    level: Level
    decided_by: tuple[str, ...]
    fired: tuple[str, ...]
    areas: Mapping[str, str]
    crisis: tuple[str, ...]
    urgent: tuple[str, ...]
    resources: tuple[str, ...]
    notes: tuple[str, ...]
    unknowns: Unknowns

    @property
    def provisional(self) -> bool:
        """Whether a rated question was asked but has no known answer."""
        return bool(self.unknowns.questions)


def decide(ruleset: RuleSet, signals: Signals) -> Decision:
    """Decide the level of care for rated answers."""
    fired = [rule for rule in ruleset.rules if reaches(signals.state, rule.points)]
    level = ruleset.level_at(signals.state)
    return Decision(
        level=level,
        decided_by=tuple(rule.id for rule in fired if rule.level == level),
        fired=tuple(rule.id for rule in fired),
        areas={area: ruleset.space.grade(signals.state, area) for area in ruleset.space.areas},
        crisis=signals.kinds("crisis"),
        urgent=signals.kinds("urgent"),
        resources=signals.kinds("resources"),
        notes=tuple(
            note.id
            for note in ruleset.notes
            if reaches(signals.state, note.points) or matches(note.rows, signals.completed.answers)
        ),
        unknowns=assess_unknowns(ruleset, signals, level),
    )
