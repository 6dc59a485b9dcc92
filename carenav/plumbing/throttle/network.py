"""Find a client's network address, also behind a proxy, and hash it so that it need not be stored."""

import ipaddress
import re

from django.conf import settings
from django.http import HttpRequest

from carenav.plumbing.crypto import blind_index

UNKNOWN = "unknown"
"""Used for all values that are not an address, so that invented values do not get around a limit."""

# Some proxies add the client's port, which changes with every connection.
WITH_PORT = re.compile(r"\[(?P<v6>[^\]]*)\](:\d*)?|(?P<v4>[0-9.]+):\d*")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def address_of(request: HttpRequest) -> str:
    """Return a keyed hash of the client's network address, which tells clients apart but does not reveal the address.

    All IPv6 addresses of one /64 network have the same hash, because one client can use any of them.
    """
    return blind_index("address", _network(network_address(request)))


def network_address(request: HttpRequest) -> str:
    """Return the client's network address without a port: as the proxy reports it, or of the connection."""
    return without_port(forwarded_address(request) or request.META.get("REMOTE_ADDR", ""))


def forwarded_address(request: HttpRequest) -> str:
    """Return the client's address that the proxy reports; "" if there is no proxy, or outside production.

    The header X-Forwarded-For is only trusted from this machine or a private network, as anybody else could forge it.
    """
    forwarded = request.headers.get("X-Forwarded-For", "")
    if not (settings.PRODUCTION and forwarded and is_near(request.META.get("REMOTE_ADDR", ""))):
        return ""
    # The proxy added the last address; the client may have sent the others.
    return forwarded.rpartition(",")[2].strip() or UNKNOWN


def is_near(address: str) -> bool:
    """Return whether an address is that of a Unix socket (""), of this machine or of a private network."""
    parsed = parse(without_port(address))
    return not address or (parsed is not None and parsed.is_private)


def is_on_this_machine(request: HttpRequest) -> bool:
    """Return whether a program on this machine made the request, and not a proxy for another client."""
    parsed = parse(network_address(request))
    return not forwarded_address(request) and parsed is not None and parsed.is_loopback


def without_port(address: str) -> str:
    """Return an address without port and brackets: "[::1]:80" gives "::1"."""
    found = WITH_PORT.fullmatch(address.strip())
    return (found["v6"] or found["v4"] or "") if found else address.strip()


def parse(address: str) -> Address | None:
    """Parse an address; None if it is not one. An IPv4 address mapped to IPv6 is returned as IPv4."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return None
    return getattr(parsed, "ipv4_mapped", None) or parsed


def _network(address: str) -> str:
    parsed = parse(address)
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((parsed.packed[:8] + bytes(8), 64)))
    return str(parsed or UNKNOWN)
