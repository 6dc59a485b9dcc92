"""Whether the database is as this version of the program needs it."""

from collections.abc import Iterable
from functools import cache
from time import time

from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

CLOCK_TOLERANCE = 30
"""Seconds by which the clocks of the site and its database may differ: sign-in codes last as long."""

DATABASE_CLOCK = {
    "postgresql": "SELECT extract(epoch FROM clock_timestamp())",
    "sqlite": "SELECT strftime('%s', 'now')",
}


def migrations_are_applied() -> bool:
    return not _migrations_in_files() - {*MigrationRecorder(connection).applied_migrations()}


def applied_migrations() -> list[str]:
    """Return the migrations that the database has, such as "desk.0001_initial", in alphabetical order."""
    return sorted(".".join(each) for each in MigrationRecorder(connection).applied_migrations())


def unknown_migrations(names: Iterable[str]) -> list[str]:
    """Return those of these migrations that this version of the program does not have."""
    return sorted({*names} - {".".join(each) for each in _migrations_in_files()})


@cache
def _migrations_in_files() -> set[tuple[str, str]]:
    return {*MigrationLoader(None).disk_migrations}


def clocks_agree() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(DATABASE_CLOCK[connection.vendor])
        return abs(float(cursor.fetchone()[0]) - time()) <= CLOCK_TOLERANCE
