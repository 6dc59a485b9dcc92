"""Count refused and failed requests of visitors without a session, in a table of limited size.

There is one row for each address, verb, ``what`` and hour, with a count. Rows are deleted when there are more than
``MOST``, the oldest first, and after the time ``KEPT``.
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
        verb: one of ``AccessEvent.Verb``.
        what: the URL name of a page, with or without the id of an object, or a user such as "user 12".
        address: the client's network address.
    """
    now = timezone.now()
    row = {
        "hour": now.replace(minute=0, second=0, microsecond=0),
        "address": network_of(address),
        "verb": verb,
        "what": what if what.startswith("user ") else what.partition(" ")[0],  # no ids: a visitor can try any
    }
    if StrangerEvent.objects.filter(**row).update(count=F("count") + 1, at=now):
        return
    event, made = StrangerEvent.objects.get_or_create(**row, defaults={"at": now})
    if made:
        StrangerEvent.objects.filter(Q(pk__lte=event.pk - MOST) | Q(at__lt=now - KEPT)).delete()


def network_of(address: str) -> str:
    """Return an IPv4 address as it is, and of an IPv6 address its /64 network; "" if it is not valid.

    One client can use all addresses of such a network.
    """
    parsed = parse(address)
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((parsed.packed[:8] + bytes(8), 64)))
    return str(parsed or "")
