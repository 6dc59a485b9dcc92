"""How often the team chose the recommended level, rule by rule."""

from dataclasses import dataclass
from datetime import datetime

from carenav.plumbing.i18n.localized_text import LocalizedText
from recommend import content
from recommend.desk.dashboard.conditions import name_of, since
from recommend.desk.dashboard.decisions import DIRECTIONS, NO_RULE, cases_by_rule
from recommend.desk.dashboard.figures import Figure


@dataclass(frozen=True)
class Agreement:
    """How often the team chose a lower, the same or a higher level for cases that one rule decided.

    Attributes:
        rule: the id of the rule; ``NO_RULE`` if no rule asked for more than outpatient care.
        because: the rule's explanation for patients.
    """

    rule: str
    because: str
    lower: Figure
    same: Figure
    higher: Figure

    @property
    def overridden(self) -> int:
        """How often another level was chosen."""
        return self.lower.count + self.higher.count


def agreement_by_rule(days: int, now: datetime) -> list[Agreement]:
    """Compare chosen and recommended levels for each rule that decided cases, the most overridden rules first.

    A case that several rules decided is counted for each of them.
    """
    found = cases_by_rule(since(days, now))

    def figure(rule: str, direction: str) -> Figure:
        return Figure(
            direction, len(found.get((rule, direction), [])), name_of(days, "rule", rule, direction)
        )

    rows = [
        Agreement(rule, because(rule), *(figure(rule, direction) for direction in DIRECTIONS))
        for rule in sorted({rule for rule, _direction in found})
    ]
    return sorted(rows, key=lambda row: -row.overridden)


def because(rule: str) -> str:
    """Return a rule's explanation for patients, or its id if today's rule set does not have it."""
    if rule == NO_RULE:
        return "No rule asks for more than outpatient care."
    known = {each.id: each for each in content.ruleset().rules}
    return str(LocalizedText(known[rule].because)) if rule in known else rule
