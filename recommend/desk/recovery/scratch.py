"""A fresh database beside the real one, for a drill. It is deleted afterwards."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote, urlencode

import psycopg2
from django.db import connection

from carenav.plumbing.backup.snapshot import DatabaseRefused
from carenav.plumbing.backup.sqlite import copy_folder


@contextmanager
def scratch_database() -> Iterator[str]:
    """Make an empty database of the same kind as that of the settings, and give its URL.

    Raises:
        DatabaseRefused: the role of the database may not make one.
    """
    if connection.vendor == "sqlite":
        with copy_folder(connection) as folder:
            yield f"sqlite:///{quote(str(folder / 'drill.sqlite3'))}"
        return
    name = f"carenav_drill_{secrets.token_hex(8)}"
    run_alone(f"CREATE DATABASE \"{name}\" TEMPLATE template0 ENCODING 'UTF8'")
    try:
        yield url_of(connection.settings_dict, name)
    finally:
        run_alone(f'DROP DATABASE "{name}"')


def url_of(given: dict[str, Any], name: str) -> str:
    """Return the URL of another database on the server that Django's settings give. It may hold a password."""
    user = ":".join(quote(given[key], safe="") for key in ("USER", "PASSWORD") if given[key])
    place = quote(given["HOST"], safe="") + (f":{given['PORT']}" if given["PORT"] else "")
    options = urlencode({key: value for key, value in given["OPTIONS"].items() if isinstance(value, str)})
    return f"postgresql://{user}{'@' if user else ''}{place}/{name}{'?' if options else ''}{options}"


def run_alone(statement: str) -> None:
    """Run a statement that allows no transaction around it, on a connection of its own."""
    parameters = connection.get_connection_params()
    parameters.pop("cursor_factory", None)
    server = psycopg2.connect(**parameters)
    server.autocommit = True
    try:
        with server.cursor() as cursor:
            cursor.execute(statement)
    except psycopg2.errors.InsufficientPrivilege:
        raise DatabaseRefused(
            "A drill needs a database of its own, and the role of carenav may not make one: "
            "run ALTER ROLE carenav CREATEDB"
        ) from None
    finally:
        server.close()
