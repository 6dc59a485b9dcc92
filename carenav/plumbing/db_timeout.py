"""Limit how long a page waits for the database.

Without a limit, psycopg2 waits forever for a lock, a slow disk or a frozen server, and SQLite waits ten seconds. A
person in danger would see no page, and soon all threads of the web server would wait, so that even the crisis page,
which needs no database, could not be shown. Management commands have no limit.
"""

import math
import select
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from time import monotonic

from django.db import DataError, Error
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from psycopg2 import OperationalError, extensions

# Limits in seconds.
CRISIS_PAGE = LEAVING = 0.3
CRISIS_ANSWER = 2.0
"""For a page sent with a crisis answer. Longer than for the crisis page, to be able to store the answer."""
PAGE = 5.0
STAFF_PAGE = 30.0
STRANGER = 2.0
"""For staff pages and visitors without a session."""
CONNECT = 2.0

CLIENT_CHECK_INTERVAL = 0.25
"""Seconds after which PostgreSQL checks, again and again, whether the client of a running query is still there."""

EVENTS = {extensions.POLL_READ: select.POLLIN, extensions.POLL_WRITE: select.POLLOUT}

_until: ContextVar[float] = ContextVar("until", default=math.inf)


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Limit the time of all database calls in this block together. An outer limit that ends sooner still applies.

    Once the time has passed, the current call and all later ones raise Django's ``OperationalError``.

    Args:
        seconds: from now on.
    """
    token = _until.set(min(_until.get(), monotonic() + seconds))
    try:
        yield
    finally:
        _until.reset(token)


@contextmanager
def if_it_answers(seconds: float) -> Iterator[None]:
    """Run a block with a time limit, and leave it without an error if the database fails or takes too long.

    Args:
        seconds: the time limit.
    """
    with suppress(Error), time_limit(seconds):
        yield


def install() -> None:
    """Apply the time limits to psycopg2 and SQLite in every thread."""
    extensions.set_wait_callback(wait)
    connection_created.connect(limit_postgresql, dispatch_uid="carenav.db_timeout.postgresql")
    connection_created.connect(limit_sqlite, dispatch_uid="carenav.db_timeout.sqlite")


def wait(connection: extensions.connection) -> None:
    """Wait until PostgreSQL has answered. psycopg2 calls this function for every wait.

    Raises:
        OperationalError: the time limit has passed. psycopg2 then closes the connection, because the next data on it
            could be the answer to an earlier query.
    """
    until = _until.get()
    # With a wait callback, psycopg2 ignores `connect_timeout`.
    if connection.status == extensions.STATUS_SETUP:
        until = min(until, monotonic() + CONNECT)
    while (state := connection.poll()) != extensions.POLL_OK:
        if state not in EVENTS:
            raise OperationalError("the connection to the database is broken")
        poll = select.poll()
        poll.register(connection.fileno(), EVENTS[state])
        left = until - monotonic()
        if left <= 0 or not poll.poll(None if left == math.inf else left * 1000):
            raise OperationalError("the database did not answer in time")


def limit_postgresql(connection: BaseDatabaseWrapper, **kwargs: object) -> None:
    """Make PostgreSQL cancel the queries of a new connection soon after the client is gone.

    Otherwise such a query would go on waiting for a lock, and keep its connection busy.
    """
    if connection.vendor == "postgresql":
        # Servers on Windows, and PostgreSQL 14 on systems other than Linux, refuse this setting.
        with suppress(DataError), connection.cursor() as cursor:
            cursor.execute("SET client_connection_check_interval = %s", [f"{CLIENT_CHECK_INTERVAL}s"])


def limit_sqlite(connection: BaseDatabaseWrapper, **kwargs: object) -> None:
    """Limit how long a new SQLite connection waits for another writer, to the time left of the current limit."""
    if connection.vendor == "sqlite" and (left := _until.get() - monotonic()) < math.inf:
        connection.connection.execute(f"PRAGMA busy_timeout = {max(0, math.ceil(left * 1000))}")
