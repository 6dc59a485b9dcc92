"""Back up the test database, and restore into a database of its own."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connection, connections

from carenav.plumbing.backup.backup_file import Manifest, write_backup
from recommend.desk.recovery.content import versions
from recommend.desk.recovery.scratch import run_alone
from tests.support.database import of_this_process

FRESH = of_this_process("carenav_test_fresh")


def back_up(path: Path) -> Manifest:
    return write_backup(connection, path, settings.BACKUP_KEY, versions())


@contextmanager
def fresh_database(folder: Path) -> Iterator[None]:
    """Make an empty database the default one for the block, as after a disaster. It is deleted afterwards."""
    is_server = connection.vendor == "postgresql"
    if is_server:
        run_alone(f'CREATE DATABASE "{FRESH}" TEMPLATE template0')
    kept, name = connections[DEFAULT_DB_ALIAS], connections.settings[DEFAULT_DB_ALIAS]["NAME"]
    connections.settings[DEFAULT_DB_ALIAS]["NAME"] = FRESH if is_server else str(folder / "fresh.sqlite3")
    del connections[DEFAULT_DB_ALIAS]
    try:
        yield
    finally:
        connections[DEFAULT_DB_ALIAS].close()
        connections.settings[DEFAULT_DB_ALIAS]["NAME"] = name
        connections[DEFAULT_DB_ALIAS] = kept
        if is_server:
            run_alone(f'DROP DATABASE "{FRESH}"')
