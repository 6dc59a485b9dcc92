"""Keep patients' answers out of PostgreSQL's own log.

By default the server logs each statement that fails, with its values, and each row that it refuses. A lost connection,
a deadlock or a full disk would write answers into an unprotected file. Each new connection gets safer settings as far
as the database role may change them. A superuser must set the rest once; a system check names them
(docs/operations.md).
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
"""Settings of PostgreSQL with the values that keep statements, parameters and rows out of its log."""

refused: set[str] = set()
"""Settings that the role may not change. Each is tried once in a process, because the server logs each refusal."""


def install() -> None:
    connection_created.connect(quiet_log, dispatch_uid="carenav.db_log")


def quiet_log(connection: BaseDatabaseWrapper, **kwargs: object) -> None:
    """Apply those settings in ``QUIET`` to a new connection that the database role may change.

    Receives ``connection_created``.
    """
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
    """Return the names in ``QUIET`` whose current value differs; settings unknown to the server are left out."""
    cursor.execute("SELECT name, setting FROM pg_settings WHERE name = ANY(%s) ORDER BY name", [[*QUIET]])
    return [name for name, value in cursor.fetchall() if value != QUIET[name]]


def check_server(
    app_configs: Any = None, databases: Sequence[str] | None = None, **kwargs: object
) -> list[CheckMessage]:
    """System check that PostgreSQL logs no statements and uses UTF-8. Skips a server that cannot be reached."""
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
