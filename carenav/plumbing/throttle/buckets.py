"""Token buckets in the database that limit how often one network address, and all of them together, may do something.

Requests from this machine that did not come through a proxy are not limited, such as health checks and ``make run``.
"""

from collections.abc import Iterable
from datetime import timedelta

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from carenav.plumbing.crypto import blind_index
from carenav.plumbing.throttle.models import Bucket
from carenav.plumbing.throttle.network import address_of, is_on_this_machine
from carenav.plumbing.throttle.rates import Limit

ALL = "all"
"""Used in place of an address for the bucket of all addresses together."""


class TooMany(Exception):
    """There were too many requests of one kind. ``TooManyRequestsPage`` shows an error page that can send them again.

    Attributes:
        seconds: how long to wait until the next request is allowed.
    """

    def __init__(self, seconds: int) -> None:
        super().__init__(f"too many requests, {seconds} seconds to wait")
        self.seconds = seconds


def admit(limit: Limit, request: HttpRequest) -> None:
    """Count a request against a limit.

    If only the total of all addresses is used up, an address without recent requests of this kind is still allowed, so
    that a flood from elsewhere does not turn a person away; but not where ``limit.spares_new`` is false.

    Raises:
        TooMany: the limit is reached, so the request must be refused.
    """
    if wait := seconds_to_wait(limit, request):
        raise TooMany(wait)


@transaction.atomic
def seconds_to_wait(limit: Limit, request: HttpRequest) -> int:
    """Count a request as :func:`admit` does and return 0; if there were too many, return the seconds to wait."""
    if is_on_this_machine(request):
        return 0
    own, total = lock(key(limit.kind, address_of(request)), key(limit.kind, ALL))
    now = timezone.now()
    spared = limit.spares_new and own.full_at <= now
    wait_for_all = total.wait(limit.total, now)
    wait = own.wait(limit.own, now) or (0 if spared else wait_for_all)
    if not wait:
        own.take(limit.own, now)
        own.save()
        if not wait_for_all:
            total.take(limit.total, now)
            total.save()
    return wait


def key(kind: str, whose: str) -> str:
    """Return the key of a bucket, a keyed hash.

    Args:
        kind: what is counted.
        whose: whose requests are counted, such as an address or ``ALL``.
    """
    return blind_index(f"bucket {kind}", whose)


def lock(*keys: str) -> list[Bucket]:
    """Return the buckets with these keys, in this order, locked until the end of the transaction.

    Missing buckets are created, full. Rows are always locked in the order of their keys, to avoid deadlocks.
    """
    found = _locked(keys)
    if missing := [Bucket(key=key, full_at=timezone.now()) for key in sorted({*keys} - {*found})]:
        Bucket.objects.bulk_create(missing, ignore_conflicts=True)
        found = _locked(keys)
    return [found[key] for key in keys]


def _locked(keys: Iterable[str]) -> dict[str, Bucket]:
    rows = Bucket.objects.select_for_update().filter(key__in=keys).order_by("key")
    return {bucket.key: bucket for bucket in rows}


def delete_full() -> None:
    """Delete buckets that have been full for a minute. Newer ones may just have been created by a running request."""
    Bucket.objects.filter(full_at__lt=timezone.now() - timedelta(minutes=1)).delete()
