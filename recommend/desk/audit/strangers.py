"""Count what visitors without a session are refused or fail at. The table stays small, whatever they do.

One row for each address, kind and hour, with a count. The oldest rows go when there are too many, and all after a
month.
"""

import ipaddress
from datetime import timedelta

from django.db.models import F, Q
from django.utils import timezone

from carenav.plumbing.throttle.network import parse
from recommend.desk.models import StrangerEvent

MOST = 10_000
KEPT = timedelta(days=30)


def count(verb: str, what: str, address: str) -> None:
    """Count one event.

    Args:
        verb: one of `AccessEvent.Verb`.
        what: the name of a page, with or without the id of an object, or a user by number.
        address: the client's network address.
    """
    now = timezone.now()
    row = {
        "hour": now.replace(minute=0, second=0, microsecond=0),
        "address": network_of(address),
        "verb": verb,
        "what": what if what.startswith("user ") else what.partition(" ")[0],  # ids of objects have no end
    }
    if StrangerEvent.objects.filter(**row).update(count=F("count") + 1, at=now):
        return
    event, made = StrangerEvent.objects.get_or_create(**row, defaults={"at": now})
    if made:
        StrangerEvent.objects.filter(Q(pk__lte=event.pk - MOST) | Q(at__lt=now - KEPT)).delete()


def network_of(address: str) -> str:
    """Return the address; of an IPv6 address its network, in which the caller may choose any; "" if it is not valid."""
    parsed = parse(address)
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((parsed.packed[:8] + bytes(8), 64)))
    return str(parsed or "")
