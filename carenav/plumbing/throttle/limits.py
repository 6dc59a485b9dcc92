"""Slow down repeated failures, more with each one, without ever locking anybody out."""

from datetime import timedelta

from django.db.models import F, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from carenav.plumbing.moments import seconds_until
from carenav.plumbing.throttle.models import FailedAttempts
from carenav.plumbing.throttle.network import address_of

FREE_ATTEMPTS = 5
"""So many wrong codes cost nothing: people misread their own writing."""


LONGEST_WAIT = timedelta(minutes=10)


EXPIRES_AFTER = timedelta(hours=1)
"""After this long without a failure, the count of an address starts over."""


def seconds_to_wait(request: HttpRequest) -> int:
    """Return how long this address must wait before the next code is looked at; 0 for almost everybody.

    Call it in the transaction that looks at the code: the row is locked, so that codes sent at once count one by one.
    """
    wrong = failures_of(request).select_for_update().first()
    return wait_after(wrong) if wrong else 0


def seconds_left(request: HttpRequest) -> int:
    """Return the same for a page that only says so."""
    wrong = failures_of(request).first()
    return wait_after(wrong) if wrong else 0


def failures_of(request: HttpRequest) -> QuerySet[FailedAttempts]:
    """Return the failures of this address that still count: one row or none."""
    since = timezone.now() - EXPIRES_AFTER
    return FailedAttempts.objects.filter(address=address_of(request), last_at__gte=since)


def wait_after(wrong: FailedAttempts) -> int:
    """Return the seconds until the next try is allowed after these failures."""
    if wrong.count < FREE_ATTEMPTS:
        return 0
    doubled = 2 ** min(wrong.count - FREE_ATTEMPTS, 20)
    wait = min(timedelta(seconds=doubled), LONGEST_WAIT)
    return seconds_until(wrong.last_at + wait)


def record_failure(request: HttpRequest) -> None:
    """Count a wrong code of this address; what is older than an hour is forgotten."""
    delete_expired()
    now = timezone.now()
    FailedAttempts.objects.update_or_create(
        address=address_of(request),
        defaults={"count": F("count") + 1, "last_at": now},
        create_defaults={"count": 1, "last_at": now},
    )


def delete_expired() -> None:
    """Delete what is kept of addresses that gave no wrong code for an hour."""
    FailedAttempts.objects.filter(last_at__lt=timezone.now() - EXPIRES_AFTER).delete()
