"""Token buckets in the database: how often one address, and all together, may do something.

What programs on this machine ask without a proxy is not limited: health checks, tests, a first look with `make run`.
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
"""In place of an address: the bucket of all together."""


class TooMany(Exception):
    """Too many requests of one kind. Nothing was stored; the page that says so keeps what was typed.

    Attributes:
        seconds: until the next is taken.
    """

    def __init__(self, seconds: int) -> None:
        super().__init__(f"too many requests, {seconds} seconds to wait")
        self.seconds = seconds


def admit(limit: Limit, request: HttpRequest) -> None:
    """Count a request, unless there were too many.

    Where there are too many in total, an address that did nothing of the kind lately is still let through: a flood from
    elsewhere must not turn a person away.

    Raises:
        TooMany: there were too many.
    """
    if wait := seconds_to_wait(limit, request):
        raise TooMany(wait)


@transaction.atomic
def seconds_to_wait(limit: Limit, request: HttpRequest) -> int:
    """Count a request and return 0, or return the seconds until the next is taken."""
    if is_on_this_machine(request):
        return 0
    own, total = lock(key(limit.kind, address_of(request)), key(limit.kind, ALL))
    now = timezone.now()
    is_new = own.full_at <= now
    wait_for_all = total.wait(limit.total, now)
    wait = own.wait(limit.own, now) or (0 if is_new else wait_for_all)
    if not wait:
        own.take(limit.own, now)
        own.save()
        if not wait_for_all:
            total.take(limit.total, now)
            total.save()
    return wait


def key(kind: str, whose: str) -> str:
    """Return the key of a bucket: a keyed hash."""
    return blind_index(f"bucket {kind}", whose)


def lock(*keys: str) -> list[Bucket]:
    """Return the buckets of these keys, locked until the end of the transaction; full ones where there are none.

    In one order for everybody, so that no two wait for each other.
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
    """Delete the buckets that are full again. One that was made just now is left to whoever made it."""
    Bucket.objects.filter(full_at__lt=timezone.now() - timedelta(minutes=1)).delete()
