"""The programs of PostgreSQL: too old or missing is refused, and no password is on a command line."""

import stat

import pytest
from django.db import connection

from carenav.plumbing.backup import postgresql
from carenav.plumbing.backup.snapshot import DatabaseRefused

pytestmark = [
    pytest.mark.usefixtures("shared_database"),
    pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has no such programs"),
]


@pytest.fixture
def program(tmp_path, monkeypatch):
    """Put a program in the place of another."""

    def put(name: str, script: str) -> None:
        path = tmp_path / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")

    return put


def dumped() -> bytes:
    with postgresql.snapshot(connection) as now:
        return b"".join(now.dump())


def test_a_missing_program_is_named(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DatabaseRefused, match="pg_dump is not there"):
        dumped()


def test_a_program_older_than_the_server_is_refused(program):
    program("pg_dump", "echo 'pg_dump (PostgreSQL) 9.6'")
    with pytest.raises(DatabaseRefused, match=r"pg_dump is version 9.6 and the server is version \d+"):
        dumped()


def test_a_program_that_fails_is_not_quoted(program):
    program("pg_dump", 'test "$1" = --version && echo 99.1 || { echo "Key (name)=(gemma)" >&2; exit 3; }')
    with pytest.raises(DatabaseRefused, match="pg_dump failed with status 3") as error:
        dumped()
    assert "gemma" not in str(error.value)


def test_the_connection_is_passed_by_the_environment_alone(program, monkeypatch):
    monkeypatch.setitem(connection.settings_dict, "PASSWORD", "hunter2")
    program("pg_dump", 'test "$1" = --version && echo 99.1 || { echo "$@"; echo "$PGPASSWORD $PGDATABASE"; }')
    arguments, variables = dumped().decode().splitlines()
    assert "hunter2" not in arguments
    assert variables == f"hunter2 {connection.settings_dict['NAME']}"
