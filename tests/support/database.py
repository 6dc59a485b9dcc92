"""The database as tests meddle with it: counted, or gone."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import (
    DEFAULT_DB_ALIAS,
    DatabaseError,
    InterfaceError,
    OperationalError,
    connection,
    connections,
)
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test.utils import CaptureQueriesContext

LOST = [OperationalError, InterfaceError]
"""How Django says that a server cannot be reached, or is reached no more."""

_OF_TRANSACTIONS = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")


@contextmanager
def gone(error: type[Exception] = OperationalError) -> Iterator[None]:
    """Every new connection to the database, and every query on an open one, raises this error."""

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


def everything_stored() -> str:
    """All rows of all tables, as the database holds them, but for the tables of Django's own."""
    rows = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if table.startswith(("intake_", "recommend_", "desk_")):
                cursor.execute(f'SELECT * FROM "{table}"')
                rows += [f"{table}: {row}" for row in cursor.fetchall()]
    return "\n".join(rows)


class Failing:
    """The k-th statement from now on fails; 0: none does."""

    def __init__(self, k: int) -> None:
        self.k, self.seen = k, 0

    def __call__(self, execute, sql, params, many, context):
        if not sql.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")):
            self.seen += 1
            if self.seen == self.k:
                raise DatabaseError("this statement fails")
        return execute(sql, params, many, context)

    def __enter__(self):
        self.wrapped = connection.execute_wrapper(self)
        self.wrapped.__enter__()
        return self

    def __exit__(self, *args):
        self.wrapped.__exit__(*args)
