"""The recommended level: the highest that any rule asks for, and traditional outpatient if none does."""

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
    """What the rules say to one person's answers.

    Attributes:
        decided_by: the fired rules of the recommended level, in the order of the file; none for outpatient.
        fired: every fired rule.
        areas: the grade of each of the areas.
        crisis, urgent, resources: the kinds of each mark, sorted.
        notes: notes to show; they never move the level.
        unknowns: what is not known, and how far it could move the level.
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
        """Whether some asked and rated question has no known answer."""
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
