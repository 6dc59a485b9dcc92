"""Slow down repeated wrong codes of a network address, twice as long each time, up to ``LONGEST_WAIT``."""

from datetime import timedelta

from django.db.models import F, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from carenav.plumbing.moments import seconds_until
from carenav.plumbing.throttle.models import FailedAttempts
from carenav.plumbing.throttle.network import address_of

FREE_ATTEMPTS = 5
"""So many wrong codes cause no wait, because people misread their own writing."""


LONGEST_WAIT = timedelta(minutes=10)


EXPIRES_AFTER = timedelta(hours=1)
"""After this time without a wrong code, the count of an address starts again from zero."""


def seconds_to_wait(request: HttpRequest) -> int:
    """Return the seconds that this address must wait before its next code is checked; 0 if it need not wait.

    Locks the row until the end of the transaction. Call it in the transaction that checks the code, so that codes sent
    at the same time are counted one after the other.
    """
    wrong = failures_of(request).select_for_update().first()
    return wait_after(wrong) if wrong else 0


def seconds_left(request: HttpRequest) -> int:
    """Return the seconds that this address must wait, without a lock, for a page that only shows them."""
    wrong = failures_of(request).first()
    return wait_after(wrong) if wrong else 0


def failures_of(request: HttpRequest) -> QuerySet[FailedAttempts]:
    """Return a queryset of the failures of this address in the last hour: one row or none."""
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
    """Count a wrong code of this address. Also deletes expired counts of all addresses."""
    delete_expired()
    now = timezone.now()
    FailedAttempts.objects.update_or_create(
        address=address_of(request),
        defaults={"count": F("count") + 1, "last_at": now},
        create_defaults={"count": 1, "last_at": now},
    )


def delete_expired() -> None:
    """Delete the counts of addresses without a wrong code in the last hour."""
    FailedAttempts.objects.filter(last_at__lt=timezone.now() - EXPIRES_AFTER).delete()
