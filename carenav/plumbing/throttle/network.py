"""Tell callers apart by their network address, without storing it."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest

from carenav.plumbing.crypto import blind_index


def address_of(request: HttpRequest) -> str:
    """Return a keyed hash of the caller's address: enough to tell callers apart, not to find them.

    Callers with IPv6 choose among billions of addresses of their own network; it counts as one.
    """
    return blind_index("address", _network(network_address(request)))


def network_address(request: HttpRequest) -> str:
    """Return the caller's own network address; in production, as the proxy reports it."""
    if settings.PRODUCTION and (forwarded := request.headers.get("X-Forwarded-For")):
        # the last one is the proxy's own word, the others anybody's
        return forwarded.rpartition(",")[2].strip()
    return request.META.get("REMOTE_ADDR", "")


def _network(address: str) -> str:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address) and not parsed.ipv4_mapped:
        return str(ipaddress.ip_network((parsed.packed[:8] + bytes(8), 64)))
    return str(getattr(parsed, "ipv4_mapped", None) or parsed)
