"""For every test: nothing outside this machine can be reached."""

import ipaddress
import socket

import pytest
from django.core.management import call_command
from django.db import DEFAULT_DB_ALIAS, connection, connections

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


@pytest.fixture
def shared_database(transactional_db, tmp_path):
    """A database that several connections share: SQLite's test database lives in the memory of one connection."""
    if connection.vendor != "sqlite":
        yield
        return
    kept, name = connections[DEFAULT_DB_ALIAS], connections.settings[DEFAULT_DB_ALIAS]["NAME"]
    connections.settings[DEFAULT_DB_ALIAS]["NAME"] = str(tmp_path / "shared.sqlite3")
    del connections[DEFAULT_DB_ALIAS]
    try:
        call_command("migrate", verbosity=0)
        yield
        connections[DEFAULT_DB_ALIAS].close()
    finally:
        connections.settings[DEFAULT_DB_ALIAS]["NAME"] = name
        connections[DEFAULT_DB_ALIAS] = kept
