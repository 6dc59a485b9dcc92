"""Dump a PostgreSQL database while it is used, and load a dump, with PostgreSQL's own pg_dump and pg_restore.

The programs get the connection from the environment, because everybody on a machine can read command lines. What they
say about an error may quote a row, so only their exit status is passed on.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import IO, cast

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from carenav.plumbing.backup.snapshot import DatabaseRefused

PIECE = 256 * 1024
BATCH = 2000
VARIABLES = {
    "NAME": "PGDATABASE",
    "USER": "PGUSER",
    "PASSWORD": "PGPASSWORD",
    "HOST": "PGHOST",
    "PORT": "PGPORT",
}
OPTIONS = {
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
    "service": "PGSERVICE",
    "passfile": "PGPASSFILE",
}


class ServerSnapshot:
    """The database as the current transaction sees it."""

    vendor = "postgresql"

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self.connection = connection

    @property
    def made_with(self) -> str:
        return version_of("pg_dump")

    def tables(self) -> list[str]:
        with self.connection.cursor() as cursor:
            return sorted(self.connection.introspection.table_names(cursor))

    def rows(self, table: str) -> Iterator[bytes]:
        """Yield the rows as text, read by batches in the order of the primary key: no server-side cursor is needed."""
        with self.connection.cursor() as cursor:
            key = self.connection.introspection.get_primary_key_column(cursor, table)
            batch = f'SELECT "{key}", each::text FROM "{table}" each {{}} ORDER BY "{key}" LIMIT {BATCH}'  # noqa: S608
            cursor.execute(batch.format(""))
            while found := cursor.fetchall():
                yield from (text.encode() for _key, text in found)
                cursor.execute(batch.format(f'WHERE "{key}" > %s'), [found[-1][0]])

    def dump(self) -> Iterator[bytes]:
        """Yield what pg_dump makes of this very snapshot.

        Raises:
            DatabaseRefused: pg_dump is missing, is older than the server, or fails.
        """
        require_at_least("pg_dump", self.connection)
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT pg_export_snapshot()")
            [name] = cursor.fetchone()
        command = ["pg_dump", "--format=custom", "--no-owner", "--no-privileges", "--no-password"]
        with _started([*command, f"--snapshot={name}"], self.connection, stdout=subprocess.PIPE) as program:
            output = cast(IO[bytes], program.stdout)
            while piece := output.read(PIECE):
                yield piece
        _check(program)


@contextmanager
def snapshot(connection: BaseDatabaseWrapper) -> Iterator[ServerSnapshot]:
    """Give the database as it is now; the same transaction reads it and exports it to pg_dump. It locks no row."""
    with transaction.atomic(using=connection.alias):
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield ServerSnapshot(connection)


@contextmanager
def loaded(connection: BaseDatabaseWrapper, dump: Iterable[bytes]) -> Iterator[ServerSnapshot]:
    """Load a dump in one transaction, and give the database as it then is.

    Args:
        connection: an empty database.
        dump: the pieces of a dump.

    Raises:
        DatabaseRefused: pg_restore is missing, is older than the server, or fails; the database is still empty.
    """
    require_at_least("pg_restore", connection)
    command = ["pg_restore", "--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges"]
    target = f"--dbname={connection.settings_dict['NAME']}"
    with _started([*command, "--no-password", target], connection, stdin=subprocess.PIPE) as program:
        taken = cast(IO[bytes], program.stdin)
        try:
            for piece in dump:
                taken.write(piece)
        except BrokenPipeError:
            pass  # its status says that it failed
        except BaseException:
            program.kill()  # the rest is missing: it must not commit
            with suppress(OSError):
                taken.close()
            raise
        with suppress(BrokenPipeError):
            taken.close()
    _check(program)
    with snapshot(connection) as now:
        yield now


def environment(connection: BaseDatabaseWrapper) -> dict[str, str]:
    """Return the environment for a program of PostgreSQL, with the connection in it."""
    given = connection.settings_dict
    ours = {variable: str(given[name]) for name, variable in VARIABLES.items() if given.get(name)}
    more = given.get("OPTIONS", {})
    ours |= {variable: str(more[name]) for name, variable in OPTIONS.items() if more.get(name)}
    return {**os.environ, **ours, "PGCLIENTENCODING": "UTF8", "LC_ALL": "C"}


@contextmanager
def _started(
    command: list[str],
    connection: BaseDatabaseWrapper,
    stdin: int = subprocess.DEVNULL,
    stdout: int = subprocess.DEVNULL,
) -> Iterator["subprocess.Popen[bytes]"]:
    with subprocess.Popen(  # noqa: S603
        command, env=environment(connection), stdin=stdin, stdout=stdout, stderr=subprocess.DEVNULL
    ) as program:
        try:
            yield program
        except BaseException:
            program.kill()
            raise


def _check(program: "subprocess.Popen[bytes]") -> None:
    if program.returncode:
        name = cast(list[str], program.args)[0]
        raise DatabaseRefused(
            f"{name} failed with status {program.returncode}; what it said may quote rows, and is not shown"
        )


def version_of(program: str) -> str:
    """Return the version of a program of PostgreSQL, such as "15.18".

    Raises:
        DatabaseRefused: it is not there.
    """
    path = shutil.which(program)
    if path is None:
        raise DatabaseRefused(f"{program} is not there: install the client programs of PostgreSQL")
    said = subprocess.run([path, "--version"], capture_output=True, text=True, check=True).stdout  # noqa: S603
    found = re.search(r"\d+(\.\d+)*", said)
    return found[0] if found else "0"


def require_at_least(program: str, connection: BaseDatabaseWrapper) -> None:
    """Check that a program is not older than the server.

    Raises:
        DatabaseRefused: it is, or it is not there.
    """
    connection.ensure_connection()
    server = connection.connection.server_version // 10000
    if int(version_of(program).split(".")[0]) < server:
        raise DatabaseRefused(
            f"{program} is version {version_of(program)} and the server is version {server}: install {program} {server}"
        )
