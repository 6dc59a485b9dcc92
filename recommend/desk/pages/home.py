"""The first page after sign-in: what is to do, and the way to everything else."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from carenav.clinic.content import crisis_lines
from recommend.desk import queues
from recommend.desk.models import Case
from recommend.desk.pages import list_rows

FIRST = 20
"""The number of To do cases on the first page; the list has the others."""


def work_of(request: HttpRequest) -> dict[str, Any]:
    """Collect what the first page shows to staff who may see cases."""
    now = timezone.now()
    first = queues.rows(queues.to_do(request.user, now))[:FIRST]
    escalated = queues.for_the_lead(request.user, now)
    return {
        "escalated": Case.objects.filter(escalated).count() if queues.is_lead(request.user) else 0,
        "lengths": [
            (each, each.oldest and queues.age(each.oldest, now)) for each in queues.lengths(request.user, now)
        ],
        "rows": list_rows.rows_of(first, request.user, now),
        "stale_lines": stale_lines(),
    }


def stale_lines() -> list[str]:
    """List the crisis lines of the clinic's country that are overdue for a check."""
    lines = crisis_lines().country(settings.COUNTRY).lines
    return [str(line.name) for line in lines if line.stale(timezone.localdate())]
