"""Recognize that many cases come from one network address, or far more than usual from everywhere.

Nobody is refused: a person may be among them. The cases are marked as one group, and the team is told of a group at
once and then once in a while, not each minute.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from carenav.plumbing.codes import random_letters
from carenav.plumbing.throttle.buckets import ALL, key, lock
from carenav.plumbing.throttle.models import Bucket
from carenav.plumbing.throttle.network import address_of, is_on_this_machine
from carenav.plumbing.throttle.rates import Rate, rate
from recommend.desk.models import Case, OutboxMessage

# A waiting room with one tablet, or a shelter, sends some cases an hour; a clinic that gets one a minute is huge.
OWN = rate(8, 600)
TOTAL = rate(60, 60)

TOLD_EVERY = timedelta(minutes=15)
"""How often the team is told of new cases of one group."""


@transaction.atomic
def mark_if_many(request: HttpRequest, reference: str) -> None:
    """Count a case that was sent, and mark it as one of a group where there were too many.

    Call it when the case is stored: the counts of all cases are one row, which nobody may hold for long.

    Args:
        request: that sent the case.
        reference: of the case.
    """
    if is_on_this_machine(request):
        return
    own, total = lock(key("case", address_of(request)), key("case", ALL))
    now = timezone.now()
    groups = [group for group in (count(own, OWN, now), count(total, TOTAL, now)) if group]
    if groups:
        join(groups[0], reference, now)


def count(bucket: Bucket, rate: Rate, now: datetime) -> str:
    """Count one case; return the group that it belongs to where there were too many, else ""."""
    if not bucket.wait(rate, now):
        bucket.take(rate, now)
    elif not bucket.note:
        bucket.note = random_letters(8)
    bucket.save()
    return bucket.note if bucket.wait(rate, now) else ""


def join(group: str, reference: str, now: datetime) -> None:
    """Mark a case as one of a group, and let its message wait for the next e-mail about the group."""
    messages = OutboxMessage.objects.filter(case__reference=reference, sent_at__isnull=True)
    latest = (
        OutboxMessage.objects.filter(case__flood=group).order_by("-due_at").values_list("due_at", flat=True)
    ).first()
    Case.objects.filter(reference=reference).update(flood=group)
    if latest:
        messages.update(due_at=latest if latest > now else max(now, latest + TOLD_EVERY))
