"""For every test: nothing outside this machine can be reached."""

import ipaddress
import socket

import pytest

_connect = socket.socket.connect


def _connect_at_home(self: socket.socket, address: object) -> None:
    if self.family != socket.AF_UNIX and not ipaddress.ip_address(address[0]).is_loopback:
        raise AssertionError(f"a test tried to reach {address[0]}")
    _connect(self, address)


def _resolve_at_home(host: str | bytes | None, *args: object, **kwargs: object) -> list[object]:
    if host not in (None, "", "localhost", b"localhost", "127.0.0.1", b"127.0.0.1", "::1"):
        raise AssertionError(f"a test tried to look up {host!r}")
    return _getaddrinfo(host, *args, **kwargs)


_getaddrinfo = socket.getaddrinfo


@pytest.fixture(autouse=True, scope="session")
def network_off():
    """A connection or a name of another machine fails the test; tests/browser does the same for Chromium."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", _connect_at_home)
        patch.setattr(socket, "getaddrinfo", _resolve_at_home)
        yield
