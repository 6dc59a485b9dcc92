"""The first page after sign-in, "Today": the cases that need work now, with the next one on top."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from carenav.clinic import line_checks
from carenav.clinic.content import crisis_lines
from recommend.desk import doctor, queues
from recommend.desk.models import Case, Tier
from recommend.desk.pages import list_rows
from recommend.desk.pages.clock import clock_of

FIRST = 20
"""The most cases of To do on the first page; the list has the others."""


@dataclass(frozen=True)
class TierOfToday:
    """One tier on the first page.

    Attributes:
        tier: the tier.
        within: what the tier means, in a few words.
        count: the number of its cases on To do.
        rows: the first of them.
        more: the number of those without a row.
    """

    tier: Tier
    within: str
    count: int
    rows: list[list_rows.Row]

    @property
    def more(self) -> int:
        return self.count - len(self.rows)


WITHIN = {
    Tier.NOW: "in a crisis",
    Tier.TODAY: "urgent, this office day",
    Tier.SOON: "by the next office day",
    Tier.ROUTINE: "in the order they are due",
}


def work_of(request: HttpRequest) -> dict[str, Any]:
    """Return the template context of the first page for staff who may see cases."""
    now = timezone.now()
    first = queues.rows(queues.to_do(request.user, now))[:FIRST]
    rows = list_rows.rows_of(first, request.user, now)
    counts = queues.counts(request.user, now)
    escalated = queues.for_the_lead(request.user, now)
    return {
        "title": "Today",
        "escalated": Case.objects.filter(escalated).count() if queues.is_lead(request.user) else 0,
        "lengths": [(each, each.oldest and queues.age(each.oldest, now)) for each in counts.lengths],
        "next_row": rows[0] if rows else None,
        "next_clock": clock_of(rows[0].case, now) if rows else None,
        "tiers": [
            TierOfToday(tier, WITHIN[tier], count, [row for row in rows if row.case.tier == tier])
            for tier, count in counts.to_do.items()
        ],
        "to_do_count": sum(counts.to_do.values()),
        "stale_lines": stale_lines(),
    }


def to_set_up(request: HttpRequest) -> dict[str, Any]:
    """Return the template context of the administrator's first page: what is to be done, what is urgent first.

    It is what `manage.py doctor` finds. Empty for other staff.
    """
    if not request.user.has_perm("clinic.add_clinicversion"):
        return {}
    return {"to_set_up": sorted(doctor.findings(), key=lambda finding: not finding.red), "is_set_up": True}


def stale_lines() -> list[str]:
    """Return the names of the crisis lines of the clinic's country that are overdue for a check."""
    lines = crisis_lines().country(settings.COUNTRY).lines
    return [str(line.name) for line in line_checks.due(lines, timezone.localdate())]
