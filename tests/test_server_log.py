"""PostgreSQL's own log: no statement, no value and no refused row, whatever goes wrong. A server of its own is read."""

import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from django.conf import settings
from django.core.checks import Tags, run_checks
from django.core.checks.registry import registry
from django.db import DatabaseError, connection
from django.db.backends.base.base import BaseDatabaseWrapper

from carenav.plumbing import db_log, db_timeout
from tests.support.database import of_this_process

CANARY = f"{of_this_process('canary-answer-4711')}."  # the log is of the whole server
ROLE = of_this_process("canary_role")
MANUAL = (Path(settings.BASE_DIR) / "docs" / "operations.md").read_text()
LINES = re.findall(r"ALTER ROLE carenav (SET \S+ = '\S+';)", MANUAL)


@pytest.fixture
def server_log(transactional_db) -> Path:
    """The log of the throw-away server, beside its socket."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no server and no log")
    log = Path(connection.settings_dict["HOST"]) / "log"
    if not log.is_file():
        pytest.skip("the log of this server is elsewhere")
    return log


@pytest.fixture
def role(server_log) -> Iterator[str]:
    """A role that is no superuser, as the site's is, and a table of it."""
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE ROLE {ROLE} LOGIN")
        cursor.execute(
            "CREATE TABLE canary (id int PRIMARY KEY, answer text NOT NULL CHECK (answer <> ''), n int)"
        )
        cursor.execute(f"GRANT ALL ON canary TO {ROLE}")
        cursor.execute(f"INSERT INTO canary VALUES (1, '{CANARY}', 0), (2, '{CANARY}', 0)")
    db_log.refused.clear()
    yield ROLE
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE canary")
        cursor.execute(f"DROP OWNED BY {ROLE}")
        cursor.execute(f"DROP ROLE {ROLE}")
    db_log.refused.clear()


@pytest.fixture
def as_the_manual_says(role) -> str:
    with connection.cursor() as cursor:
        for line in LINES:
            cursor.execute(f"ALTER ROLE {role} {line}")
    return role


@contextmanager
def connected(user: str) -> Iterator[BaseDatabaseWrapper]:
    """A connection of this user, made as the site makes its own."""
    other = connection.copy()
    other.settings_dict = connection.settings_dict | {"USER": user}
    other.inc_thread_sharing()
    try:
        yield other
    finally:
        with suppress(DatabaseError):
            other.close()


UPDATE = f"UPDATE canary SET answer = '{CANARY} new' WHERE id = 1"


def fails(user: str, statement: str) -> None:
    with connected(user) as one, pytest.raises(DatabaseError), one.cursor() as cursor:
        cursor.execute(statement)


def lock_is_waited_for(user: str) -> None:
    with connected(user) as one, connected(user) as two, one.cursor() as holds, two.cursor() as waits:
        holds.execute("BEGIN")
        holds.execute(UPDATE)
        waits.execute("SET lock_timeout = '200ms'")
        with pytest.raises(DatabaseError):
            waits.execute(UPDATE)


def deadlock(user: str) -> None:
    with connected(user) as one, connected(user) as two, one.cursor() as first, two.cursor() as second:
        for cursor, id in ((first, 1), (second, 2)):
            cursor.execute("BEGIN")
            cursor.execute(f"UPDATE canary SET answer = '{CANARY} new' WHERE id = {id}")
        failures = []

        def update(cursor, id):
            try:
                cursor.execute(f"UPDATE canary SET answer = '{CANARY} new' WHERE id = {id}")
            except DatabaseError as error:
                failures.append(error)

        other = threading.Thread(target=update, args=(second, 1))
        other.start()
        update(first, 2)
        other.join()
        assert failures


def connection_is_lost(user: str) -> None:
    """A page gives up while the server waits for a lock."""
    with connected(user) as one, connected(user) as two, one.cursor() as holds, two.cursor() as waits:
        holds.execute("BEGIN")
        holds.execute(UPDATE)
        with pytest.raises(DatabaseError), db_timeout.time_limit(0.3):
            waits.execute(UPDATE)
        time.sleep(1)  # the lock stays until the server has noticed


FAULTS: dict[str, Callable[[str], None]] = {
    "a duplicate": lambda user: fails(user, f"INSERT INTO canary VALUES (1, '{CANARY}', 0)"),
    "a refused row": lambda user: fails(user, f"UPDATE canary SET answer = NULL WHERE answer = '{CANARY}'"),
    "a failed check": lambda user: fails(user, f"UPDATE canary SET answer = '' WHERE answer = '{CANARY}'"),
    "a fault of ours": lambda user: fails(user, f"SELECT answer_ FROM canary WHERE answer = '{CANARY}'"),
    "a lock": lock_is_waited_for,
    "a deadlock": deadlock,
    "a lost connection": connection_is_lost,
}


def written(log: Path, fault: Callable[[str], None], user: str) -> str:
    """What the server writes while something goes wrong."""
    before = len(log.read_text())
    fault(user)
    for _ in range(50):
        time.sleep(0.1)
        said = log.read_text()[before:]
        if re.search("duplicate|null value|check constraint|does not exist|lock timeout|deadlock|lost", said):
            break
    time.sleep(0.2)  # what belongs to that line
    return log.read_text()[before:]


@pytest.mark.parametrize("fault", FAULTS)
def test_the_server_logs_no_answer_of_a_role_set_up_by_the_manual(as_the_manual_says, server_log, fault):
    said = written(server_log, FAULTS[fault], as_the_manual_says)
    assert CANARY not in said
    assert "ERROR" in said or "FATAL" in said  # the fault itself is known


@pytest.mark.parametrize("fault", FAULTS)
def test_the_server_logs_no_answer_of_a_role_that_may_set_it(server_log, role, fault):
    """Here the tests' superuser: all is set on the connection."""
    assert CANARY not in written(server_log, FAULTS[fault], connection.settings_dict["USER"])


# When a server sees that its client has gone is up to the system: there the statement is not always in hand.
@pytest.mark.parametrize("fault", [name for name in FAULTS if name != "a lost connection"])
def test_without_the_settings_it_would(role, server_log, fault):
    assert CANARY in written(server_log, FAULTS[fault], role)


def test_what_a_role_may_not_set_is_asked_for_once(role, server_log):
    before = len(server_log.read_text())
    for _ in range(3):
        with connected(role) as one, one.cursor() as cursor:
            cursor.execute("SELECT 1")
    said = server_log.read_text()[before:]
    assert said.count('permission denied to set parameter "log_min_error_statement"') == 1


def test_the_check_names_what_is_loud(role, monkeypatch):
    with connected(role) as one, one.cursor() as cursor:
        assert db_log.loud_settings(cursor) == ["log_error_verbosity", "log_min_error_statement"]
        monkeypatch.setattr(db_log, "connections", {"default": one})
        said = [message.msg for message in db_log.check_server(databases=["default"])]
    assert said == [
        "PostgreSQL may write answers into its log: log_error_verbosity must be terse",
        "PostgreSQL may write answers into its log: log_min_error_statement must be panic",
    ]


def test_the_check_is_content_with_the_manual(as_the_manual_says, monkeypatch):
    with connected(as_the_manual_says) as one:
        monkeypatch.setattr(db_log, "connections", {"default": one})
        assert db_log.check_server(databases=["default"]) == []


def test_a_database_that_cannot_store_every_letter_is_an_error(server_log, monkeypatch):
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE DATABASE latin ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0"
        )
    try:
        other = connection.copy()
        other.settings_dict = connection.settings_dict | {"NAME": "latin"}
        monkeypatch.setattr(db_log, "connections", {"default": other})
        assert [message.id for message in db_log.check_server(databases=["default"])] == ["carenav.E001"]
        other.close()
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP DATABASE latin")


@pytest.mark.django_db
def test_the_check_is_among_those_of_the_database():
    assert db_log.check_server in registry.get_checks()
    assert run_checks(tags=[Tags.database], databases=["default"]) == []


def test_the_manual_sets_what_only_a_superuser_may():
    named = {re.fullmatch(r"SET (\S+) = '(\S+)';", line).groups() for line in LINES}
    assert named <= set(db_log.QUIET.items())
    assert {"log_min_error_statement", "log_error_verbosity"} <= {name for name, _value in named}
