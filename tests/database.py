"""The database as tests meddle with it: counted, or gone."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import DEFAULT_DB_ALIAS, InterfaceError, OperationalError, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test.utils import CaptureQueriesContext

LOST = [OperationalError, InterfaceError]
"""How Django says that a server cannot be reached, or is reached no more."""

_OF_TRANSACTIONS = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")


@contextmanager
def gone(error: type[Exception] = OperationalError) -> Iterator[None]:
    """Whoever connects to the database, or asks it over a connection that there is already, meets this error."""

    def refuse(connection: BaseDatabaseWrapper, *args: object) -> None:
        raise error("the database is gone")

    def connect(connection: BaseDatabaseWrapper) -> None:
        if connection.connection is None:
            refuse(connection)

    with pytest.MonkeyPatch.context() as patch:
        kind = type(connections[DEFAULT_DB_ALIAS])
        patch.setattr(kind, "ensure_connection", connect)
        patch.setattr(kind, "cursor", refuse)
        yield


@contextmanager
def count_queries() -> Iterator[list[str]]:
    """Collects the statements that are run; those that only begin and end transactions are no work and not counted."""
    statements: list[str] = []
    with CaptureQueriesContext(connection) as captured:
        yield statements
    statements += [
        query["sql"] for query in captured if not query["sql"].lstrip().upper().startswith(_OF_TRANSACTIONS)
    ]
