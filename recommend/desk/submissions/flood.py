"""Mark cases as a group (a flood) if too many come from one network address, or from all addresses together.

A program may have sent them, but none is refused, because a real person may be among them. The team gets an e-mail
about a new group at once, and then at most every ``TOLD_EVERY``.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone

from carenav.plumbing.codes import random_letters
from carenav.plumbing.throttle.buckets import ALL, key, lock
from carenav.plumbing.throttle.models import Bucket
from carenav.plumbing.throttle.network import address_of, is_on_this_machine
from carenav.plumbing.throttle.rates import Rate, rate
from recommend.desk.models import Case, OutboxMessage, Tier

# A waiting room with one tablet, or a shelter, sends some cases an hour; only a huge clinic gets one a minute.
OWN = rate(8, 600)
TOTAL = rate(60, 60)

TOLD_EVERY = timedelta(minutes=15)
"""The least time between two e-mails to the team about new cases of one group."""


@transaction.atomic
def mark_if_many(request: HttpRequest, reference: str) -> None:
    """Count a new case, and mark it as one of a group if there were too many.

    Call it after the transaction that stores the case: the count of all cases is one row, which must not be locked for
    long.

    Args:
        request: the request that sent the case.
        reference: the reference of the case.
    """
    if is_on_this_machine(request):
        return
    own, total = lock(key("case", address_of(request)), key("case", ALL))
    now = timezone.now()
    of_address, of_all = count(own, OWN, now), count(total, TOTAL, now)
    # Mail about somebody in danger is not late for a flood from elsewhere.
    may_wait = Q() if of_address else ~Q(case__tier=Tier.NOW)
    if group := of_address or of_all:
        join(group, reference, now, may_wait)


def count(bucket: Bucket, rate: Rate, now: datetime) -> str:
    """Count one case in a bucket; return the id of its group if there were too many, else "".

    The bucket's note stores the id of the group until the bucket is full again.
    """
    if not bucket.wait(rate, now):
        bucket.take(rate, now)
    elif not bucket.note:
        bucket.note = random_letters(8)
    bucket.save()
    return bucket.note if bucket.wait(rate, now) else ""


def join(group: str, reference: str, now: datetime, may_wait: Q) -> None:
    """Mark a case as one of a group, and postpone its message until the next e-mail about the group.

    Args:
        group: the id of the group.
        reference: the reference of the case.
        now: the current time.
        may_wait: a condition for the messages to postpone.
    """
    messages = OutboxMessage.objects.filter(may_wait, case__reference=reference, sent_at__isnull=True)
    latest = (
        OutboxMessage.objects.filter(case__flood=group).order_by("-due_at").values_list("due_at", flat=True)
    ).first()
    Case.objects.filter(reference=reference).update(flood=group)
    if latest:
        messages.update(due_at=latest if latest > now else max(now, latest + TOLD_EVERY))
