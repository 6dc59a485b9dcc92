"""Record which staff users have a case open, and find the others who have. Records expire after ``LASTS``."""

from datetime import datetime

from django.contrib.auth.models import User

from recommend.desk.models import Presence
from recommend.desk.models.presence import LASTS


def note(case_id: int, user: User, now: datetime) -> None:
    """Record that a user has a case open now. Also deletes expired records of all cases."""
    Presence.objects.filter(seen_at__lt=now - LASTS).delete()
    Presence.objects.bulk_create(
        [Presence(case_id=case_id, user=user, seen_at=now)],
        update_conflicts=True,
        unique_fields=["case", "user"],
        update_fields=["seen_at"],
    )


def others(case_id: int, user: User, now: datetime) -> list[str]:
    """Return the user names of others who have the case open, sorted; empty if there are none."""
    here = Presence.objects.filter(case=case_id, seen_at__gte=now - LASTS).exclude(user=user)
    return list(here.order_by("user__username").values_list("user__username", flat=True))


def in_words(names: list[str]) -> str:
    """Return a sentence such as "lea and bo have this case open"; "" if there are no names."""
    if not names:
        return ""
    *first, last = names
    return f"{', '.join(first)} and {last} have this case open" if first else f"{last} has this case open"
