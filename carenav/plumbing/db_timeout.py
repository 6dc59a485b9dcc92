"""Limit how long a page waits for the database.

Left to themselves, PostgreSQL's library waits for as long as it takes, and SQLite for ten seconds: for a lock, a disk
that hangs, a pool without a free place, a server that is frozen. Somebody in danger would look at nothing, and soon
every thread of the web server would wait, so that even the crisis page, which needs no database, did not come.
Commands may wait.
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

# Seconds.
CRISIS_PAGE = LEAVING = 0.3
CRISIS_ANSWER = 2.0
"""Longer than for a page, as an answer that could not be kept is asked again."""
PAGE = 5.0
STAFF_PAGE = 30.0
STRANGER = 2.0
"""A staff page for a visitor without a session, who is to sign in first."""
CONNECT = 2.0

CLIENT_CHECK_INTERVAL = 0.25
"""So often PostgreSQL looks whether somebody still waits for what it does."""

EVENTS = {extensions.POLL_READ: select.POLLIN, extensions.POLL_WRITE: select.POLLOUT}

_until: ContextVar[float] = ContextVar("until", default=math.inf)


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Limit all database calls in this block to so many seconds together, or to less inside a stricter limit.

    When the time is over, the current call and every later one fail with Django's ``OperationalError``.
    """
    token = _until.set(min(_until.get(), monotonic() + seconds))
    try:
        yield
    finally:
        _until.reset(token)


@contextmanager
def if_it_answers(seconds: float) -> Iterator[None]:
    """Leave this block without an error where the database is gone, or silent for so long: the page does without it."""
    with suppress(Error), time_limit(seconds):
        yield


def install() -> None:
    """Apply the time limits to psycopg2 and SQLite in every thread."""
    extensions.set_wait_callback(wait)
    connection_created.connect(limit_postgresql, dispatch_uid="carenav.db_timeout.postgresql")
    connection_created.connect(limit_sqlite, dispatch_uid="carenav.db_timeout.sqlite")


def wait(connection: extensions.connection) -> None:
    """Wait until PostgreSQL has answered: psycopg2 calls this in place of its own way to wait.

    Raises:
        OperationalError: the time is over. psycopg2 then drops the connection: what came over it next could be the
            answer to what was asked before.
    """
    until = _until.get()
    # `connect_timeout` means nothing to a connection that is waited for from here.
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
    """Have PostgreSQL end a query soon after its client has gone, on a new connection.

    Otherwise the query keeps waiting for its lock, and its connection is not free for anybody else.
    """
    if connection.vendor == "postgresql":
        # Refused by a server on Windows, and by PostgreSQL 14 elsewhere than on Linux.
        with suppress(DataError), connection.cursor() as cursor:
            cursor.execute("SET client_connection_check_interval = %s", [f"{CLIENT_CHECK_INTERVAL}s"])


def limit_sqlite(connection: BaseDatabaseWrapper, **kwargs: object) -> None:
    """Limit how long a new SQLite connection waits for another writer."""
    if connection.vendor == "sqlite" and (left := _until.get() - monotonic()) < math.inf:
        connection.connection.execute(f"PRAGMA busy_timeout = {max(0, math.ceil(left * 1000))}")
