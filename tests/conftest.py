"""For every test: nothing outside this machine can be reached, and it begins in the default language."""

import ipaddress
import shutil
import socket
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.signals import setting_changed
from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction
from django.utils import translation

from carenav.clinic import in_force
from carenav.plumbing import db_timeout
from tests.support.demo import demo
from tests.support.patience import LIMITS
from tests.support.tries import spread


@pytest.hookimpl(tryfirst=True)  # before pytest leaves out what is slow
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark as slow what is beyond the count of ``@pytest.mark.some(count)``."""
    of_one_test = defaultdict(list)
    for item in items:
        if item.get_closest_marker("some") and not item.get_closest_marker("slow"):
            of_one_test[item.nodeid.split("[")[0]].append(item)
    for group in of_one_test.values():
        (count,) = group[0].get_closest_marker("some").args
        for index in set(range(len(group))) - spread(count, len(group)):
            group[index].add_marker(pytest.mark.slow)


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


@pytest.fixture(autouse=True)
def default_language():
    """A request leaves its language behind in the thread, where the next test would read it."""
    yield
    translation.deactivate()


@pytest.fixture
def clinic_file(settings, tmp_path, monkeypatch) -> Path:
    """A test may save settings of the clinic: their file, and the pages of an outage, are in a folder of its own."""
    settings.CLINIC_FILE = tmp_path / "state" / "clinic.json"
    settings.STATIC_ROOT = tmp_path / "staticfiles"
    monkeypatch.setattr(in_force, "known", in_force.Known())
    return settings.CLINIC_FILE


@pytest.fixture(autouse=True)
def database_not_left_alone():
    """A test in which the database fails leaves it to the next one whole."""
    from intake import ways_out

    ways_out.pause.end()


@pytest.fixture(autouse=True, scope="session")
def patient():
    """The tests keep every processor busy: what comes late is not what they are about. tests/test_patience.py is."""
    with pytest.MonkeyPatch.context() as patch:
        for limit in LIMITS:
            patch.setattr(db_timeout, limit, 60.0)
        yield


@pytest.fixture(autouse=True, scope="session")
def explained_once():
    """Explanations take long and follow from their arguments alone; the same people come often."""
    from recommend.desk.pages import case_shown
    from recommend.result import snapshot

    explain, known = snapshot.explain, {}
    for_the_desk, known_at_desk = case_shown.for_the_desk, {}

    def explain_once(ruleset, signals, decision):
        asked = ruleset, repr(signals), repr(decision)
        if asked not in known:
            known[asked] = explain(ruleset, signals, decision)
        return known[asked]

    def for_the_desk_once(answers, ruleset, questionnaire):
        asked = repr(answers), ruleset, questionnaire.version
        if asked not in known_at_desk:
            known_at_desk[asked] = for_the_desk(answers, ruleset, questionnaire)
        return known_at_desk[asked]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(snapshot, "explain", explain_once)
        patch.setattr(case_shown, "for_the_desk", for_the_desk_once)
        yield


@pytest.fixture(autouse=True, scope="session")
def clinic_settings_follow():
    """A process keeps the clinic's settings of its start, but tests change settings."""
    from carenav.clinic.clinic_settings import of_start

    def forget(**kwargs: object) -> None:
        of_start.cache_clear()

    setting_changed.connect(forget)
    yield
    setting_changed.disconnect(forget)


@contextmanager
def _another_file(path: Path) -> Iterator[None]:
    """SQLite's default database is this file for a while."""
    kept, name = connections[DEFAULT_DB_ALIAS], connections.settings[DEFAULT_DB_ALIAS]["NAME"]
    connections.settings[DEFAULT_DB_ALIAS]["NAME"] = str(path)
    del connections[DEFAULT_DB_ALIAS]
    try:
        yield
        connections[DEFAULT_DB_ALIAS].close()
    finally:
        connections.settings[DEFAULT_DB_ALIAS]["NAME"] = name
        connections[DEFAULT_DB_ALIAS] = kept


@pytest.fixture(scope="session")
def migrated_file(django_db_setup, django_db_blocker, tmp_path_factory) -> Path | None:
    """A file as the migrations leave it, to be copied: to run them takes seconds. None where there is a server."""
    if connection.vendor != "sqlite":
        return None
    path = tmp_path_factory.mktemp("migrated") / "migrated.sqlite3"
    with django_db_blocker.unblock(), _another_file(path):
        call_command("migrate", verbosity=0)
    return path


@pytest.fixture
def shared_database(migrated_file, transactional_db, tmp_path):
    """A database that several connections share: SQLite's test database lives in the memory of one connection."""
    if migrated_file is None:
        yield
        return
    with _another_file(shutil.copy(migrated_file, tmp_path / "shared.sqlite3")):
        yield


@pytest.fixture(autouse=True, scope="session")
def audit_begins_anew():
    """A test with transactions empties every table after it; the log of accesses refuses that, and needs its head."""
    from django.db.backends.base.operations import BaseDatabaseOperations

    from recommend.desk.audit import append_only, chain
    from recommend.desk.models import ChainHead

    empty_all = BaseDatabaseOperations.execute_sql_flush

    def empty_all_and_begin(operations: BaseDatabaseOperations, statements: list[str]) -> None:
        append_only.drop(operations.connection)
        empty_all(operations, statements)
        append_only.create(operations.connection)
        ChainHead.objects.create(pk=1, **chain.EMPTY, signature=chain.head_signature(**chain.EMPTY))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseDatabaseOperations, "execute_sql_flush", empty_all_and_begin)
        yield


@pytest.fixture
def values():
    """Values for the variables of addresses, as tests/support/permissions.py stores them."""
    from tests.support.permissions import address_values

    return address_values()


@pytest.fixture(scope="module")
def demo_made(django_db_setup, django_db_blocker) -> Iterator[str]:
    """What `manage.py demo` said. Its cases are made once for a module whose tests all begin with them.

    What a test changes is undone. Codes to sign in are of the time at which they were made, so a test that signs in
    makes its own.
    """
    with django_db_blocker.unblock(), transaction.atomic():
        yield demo()
        transaction.set_rollback(True)
