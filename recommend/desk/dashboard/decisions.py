"""The decisions of the team about levels, for comparing them with the recommendations."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime

from django.db.models import Exists, F, OuterRef, QuerySet

from recommend.desk.models import Disposition
from recommend.engine import Level
from recommend.result.stored_snapshot import rules_in

BATCH = 2_000
MAX_DISPOSITIONS = 20_000
"""How many of the newest dispositions are compared rule by rule. Reading the reasons of so many takes 1.6 s."""
NO_RULE = ""
"""Used in place of the id of a rule if no rule asked for more than outpatient care."""
DIRECTIONS = ("lower", "same", "higher")


def latest_dispositions(start: datetime) -> QuerySet[Disposition]:
    """Return the latest disposition of each case, if it was made since then."""
    later = Disposition.objects.filter(case=OuterRef("case"), pk__gt=OuterRef("pk"))
    return Disposition.objects.filter(~Exists(later), at__gte=start, case__erased_at__isnull=True)


def cases_by_rule(start: datetime) -> Mapping[tuple[str, str], list[int]]:
    """Return the ids of cases decided since then, keyed by a rule that decided them and the direction of the choice."""
    found: dict[tuple[str, str], list[int]] = defaultdict(list)
    for case, recommended, level, reasons in comparable_dispositions(start):
        above = (Level.of(level) > Level.of(recommended)) - (Level.of(level) < Level.of(recommended))
        for rule in rules_in(reasons) or {NO_RULE}:
            found[rule, DIRECTIONS[above + 1]].append(case)
    return found


def comparable_dispositions(start: datetime) -> Iterator[tuple[int, str, str, object]]:
    """Yield case, recommended level, chosen level and stored reasons of the newest dispositions.

    Dispositions made before the person's current answers are left out.
    """
    made = "case__submission__recommendation__"
    about_these = (
        latest_dispositions(start).filter(**{f"{made}made_at__lte": F("at")}).exclude(recommended="")
    )
    rows = about_these.order_by("-pk").values_list("case", "recommended", "level", f"{made}outcome__reasons")
    return rows[:MAX_DISPOSITIONS].iterator(BATCH)
