"""How many cases each staff user has, shown wherever cases are assigned."""

from dataclasses import dataclass
from datetime import date, datetime

from django.contrib.auth.models import User
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.formats import date_format

from recommend.desk.models import OPEN_STATUSES, Case, due
from recommend.desk.staff.absence import away_until
from recommend.desk.staff.roles import case_workers


@dataclass(frozen=True)
class Load:
    """The open cases assigned to one staff user.

    Attributes:
        user: the user.
        open: the number of their open cases.
        due: how many of these are due.
        urgent: how many of these are urgent.
        away_until: the last day of their absence; None if they are here.
    """

    user: User
    open: int
    due: int
    urgent: int
    away_until: date | None

    @property
    def in_words(self) -> str:
        """The user with their load, such as "bo (12 open, 3 due, 1 urgent)"."""
        return f"{self.user.get_username()} ({self.open} open, {self.due} due, {self.urgent} urgent)"

    @property
    def away(self) -> str:
        """Their absence in words, such as "away until Dec. 4, 2026"; "" if they are here."""
        return f"away until {date_format(self.away_until)}" if self.away_until else ""


def loads(now: datetime) -> list[Load]:
    """Return the load of everybody who works on cases, by user name."""
    counted = (
        Case.objects.filter(status__in=OPEN_STATUSES, assignee__isnull=False)
        .values_list("assignee")
        .annotate(
            many=Count("pk"), now_due=Count("pk", filter=due(now)), urgent=Count("pk", filter=Q(urgent=True))
        )
        .order_by()
    )
    found = {assignee: (many, now_due, urgent) for assignee, many, now_due, urgent in counted}
    nothing = (0, 0, 0)
    today = timezone.localdate(now)
    people = case_workers().select_related("staff").order_by("username")
    return [Load(user, *found.get(user.pk, nothing), away_until(user, today)) for user in people]


def loads_of_present(now: datetime) -> list[Load]:
    """Return the load of everybody who works on cases and is not away, by user name."""
    return [load for load in loads(now) if load.away_until is None]
