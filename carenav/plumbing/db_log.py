"""Keep what people answered out of PostgreSQL's own log.

By default the server writes down a statement that fails, with all its values, and the row that it refuses. A lost
connection, a deadlock or a full disk would put whole answers into a file that nobody protects. What the role may set is
set on each connection; the rest a superuser sets once, and a check names it (docs/operations.md).
"""

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, Warning
from django.db import DatabaseError, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.db.backends.utils import CursorWrapper

QUIET = {
    "log_min_error_statement": "panic",  # no statement beside an error
    "log_error_verbosity": "terse",  # no row that was refused
    "log_statement": "none",
    "log_min_duration_statement": "-1",
    "log_min_duration_sample": "-1",
    "log_transaction_sample_rate": "0",
    "log_parameter_max_length_on_error": "0",
    "debug_print_parse": "off",
    "debug_print_rewritten": "off",
    "debug_print_plan": "off",
    "auto_explain.log_min_duration": "-1",
    "pgaudit.log": "none",
}
"""Settings of the server, and the values that keep statements, parameters and rows out of its log."""

refused: set[str] = set()
"""What the role may not set: asked for once in a process, because the server logs each refusal."""


def install() -> None:
    connection_created.connect(quiet_log, dispatch_uid="carenav.db_log")


def quiet_log(connection: BaseDatabaseWrapper, **kwargs: object) -> None:
    """Set on a new connection what the role may set."""
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        for name in loud_settings(cursor):
            if name not in refused:
                try:
                    cursor.execute("SELECT set_config(%s, %s, false)", [name, QUIET[name]])
                except DatabaseError:
                    refused.add(name)


def loud_settings(cursor: CursorWrapper) -> list[str]:
    """Return the settings by which the server might log what people answered. It may not know all of them."""
    cursor.execute("SELECT name, setting FROM pg_settings WHERE name = ANY(%s) ORDER BY name", [[*QUIET]])
    return [name for name, value in cursor.fetchall() if value != QUIET[name]]


def check_server(
    app_configs: Any = None, databases: Sequence[str] | None = None, **kwargs: object
) -> list[CheckMessage]:
    """Check that PostgreSQL logs no statement and stores every letter. A server that is away is not checked."""
    found: list[CheckMessage] = []
    for alias in databases or ():
        if connections[alias].vendor != "postgresql":
            continue
        try:
            with connections[alias].cursor() as cursor:
                found += [not_quiet(name) for name in loud_settings(cursor)]
                cursor.execute("SHOW server_encoding")
                [encoding] = cursor.fetchone()
        except DatabaseError:
            continue
        if encoding != "UTF8":
            found.append(Error(f"the database is in {encoding}, and must be in UTF8", id="carenav.E001"))
    return found


def not_quiet(name: str) -> Warning:
    return Warning(
        f"PostgreSQL may write answers into its log: {name} must be {QUIET[name]}",
        hint=f"As a superuser: ALTER ROLE ... SET {name} = '{QUIET[name]}' (docs/operations.md)",
        id="carenav.W001",
    )
