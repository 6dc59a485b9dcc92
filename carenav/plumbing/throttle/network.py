"""Tell callers apart by their network address, without storing it."""

import ipaddress
import re

from django.conf import settings
from django.http import HttpRequest

from carenav.plumbing.crypto import blind_index

UNKNOWN = "unknown"
"""Whatever is not an address counts as one caller: a strange value must not be a way around a limit."""

# Some proxies write the caller's port too, and it changes with every connection.
WITH_PORT = re.compile(r"\[(?P<v6>[^\]]*)\](:\d*)?|(?P<v4>[0-9.]+):\d*")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def address_of(request: HttpRequest) -> str:
    """Return a keyed hash of the caller's address: enough to tell callers apart, not to find them.

    Callers with IPv6 choose among billions of addresses of their own network; it counts as one.
    """
    return blind_index("address", _network(network_address(request)))


def network_address(request: HttpRequest) -> str:
    """Return the caller's own network address without a port; in production, as the proxy reports it."""
    return without_port(forwarded_address(request) or request.META.get("REMOTE_ADDR", ""))


def forwarded_address(request: HttpRequest) -> str:
    """Return the address that the proxy reports, "" where no proxy stands between.

    Only a proxy on this machine or in its private network is believed: others write what they like.
    """
    forwarded = request.headers.get("X-Forwarded-For", "")
    if not (settings.PRODUCTION and forwarded and is_near(request.META.get("REMOTE_ADDR", ""))):
        return ""
    # the last one is the proxy's own word, the others anybody's
    return forwarded.rpartition(",")[2].strip() or UNKNOWN


def is_near(address: str) -> bool:
    """Return whether an address is that of a socket, of this machine or of a private network."""
    parsed = parse(without_port(address))
    return not address or (parsed is not None and parsed.is_private)


def is_on_this_machine(request: HttpRequest) -> bool:
    """Return whether a program on this machine asks, and no proxy for somebody else."""
    parsed = parse(network_address(request))
    return not forwarded_address(request) and parsed is not None and parsed.is_loopback


def without_port(address: str) -> str:
    """Cut the port and the brackets from an address."""
    found = WITH_PORT.fullmatch(address.strip())
    return (found["v6"] or found["v4"] or "") if found else address.strip()


def parse(address: str) -> Address | None:
    """Read an address; None for what is not one. An IPv4 address written as IPv6 is IPv4."""
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
