"""Make the database fail, count its queries, or read all that is stored."""

import os
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
"""The errors that Django raises if the database server cannot be reached, or the connection is lost."""

_OF_TRANSACTIONS = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")


@contextmanager
def gone(error: type[Exception] = OperationalError) -> Iterator[None]:
    """Make every new connection to the database, and every query on an open one, raise this error."""

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
    """Give a list that, after the block, has the SQL statements that were run, without those for transactions."""
    statements: list[str] = []
    with CaptureQueriesContext(connection) as captured:
        yield statements
    statements += [
        query["sql"] for query in captured if not query["sql"].lstrip().upper().startswith(_OF_TRANSACTIONS)
    ]


def everything_stored() -> str:
    """Return all rows of all tables of our apps as text, as they are in the database."""
    rows = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if table.startswith(("intake_", "recommend_", "desk_")):
                cursor.execute(f'SELECT * FROM "{table}"')
                rows += [f"{table}: {row}" for row in cursor.fetchall()]
    return "\n".join(rows)


class Failing:
    """Makes the k-th statement of a block raise a ``DatabaseError``; with k = 0, only counts them in ``seen``."""

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


def of_this_process(name: str) -> str:
    """Return a name for a role or database, which are of the whole server, so that two processes do not collide."""
    return f"{name}_{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"
