"""Set and end legal holds. A hold stops the purge, not the person who deletes what they sent (decision record 53)."""

from datetime import date

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from recommend.desk.models import Case, CaseChange, LegalHold, in_force

What = CaseChange.ChangeType


def hold_of(case: Case) -> LegalHold | None:
    """Return the hold in force on a case today; None if there is none."""
    return LegalHold.objects.filter(in_force(timezone.localdate()), case=case).select_related("by").first()


def lock(case: Case) -> None:
    """Lock a case and the one that it is merged into until the transaction ends: the purge deletes both at once."""
    both = Case.objects.filter(pk__in=[case.pk, case.merged_into_id or case.pk])
    list(both.order_by("pk").select_for_update().values_list("pk"))


@transaction.atomic
def set_hold(case: Case, by: User, why: str, until: date | None) -> None:
    """Put a case on hold, and write it into the history. Replaces a hold of before.

    Args:
        case: the case.
        by: the lead.
        why: the reason, in their own words.
        until: the last day; None if it lasts until somebody ends it.
    """
    lock(case)
    _end(case, by)
    hold = LegalHold.objects.create(case=case, by=by, why=why, until=until)
    CaseChange.objects.create(case=case, by=by, what=What.HOLD, after=hold.in_words, reason=why)


@transaction.atomic
def end_hold(case: Case, by: User) -> None:
    """End the hold of a case, and write it into the history. Does nothing if none is in force."""
    lock(case)
    if hold_of(case) and _end(case, by):
        CaseChange.objects.create(case=case, by=by, what=What.HOLD, after="ended")


def _end(case: Case, by: User) -> int:
    """End also a hold whose last day is over: there can be one without an end at a time."""
    return LegalHold.objects.filter(case=case, ended_at__isnull=True).update(
        ended_by=by, ended_at=timezone.now()
    )
