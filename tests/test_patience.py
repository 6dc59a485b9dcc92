"""A database that keeps everybody waiting: help comes at once; every other page ends in good time, with help on it."""

import socket
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg2
import pytest
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, OperationalError, connection, connections
from django.urls import reverse

from intake import patience
from intake.models import Draft
from tests.conftest import LIMITS
from tests.desk.staff import sign_in
from tests.people import WELL, draft_for

pytestmark = pytest.mark.usefixtures("shared_database")

SAFETY = "/answers/safety/"
CRISIS = {"suicidal_now": "yes"}
ENDLESS = 30.0
"""Seconds after which the lock goes even if nobody gives up."""
BUSY = 5.0
"""So much longer may what ends in time take on a machine that is short of everything; SQLite itself waits for ten."""


@contextmanager
def locked() -> Iterator[Callable[[], None]]:
    """Another one holds the drafts: nobody writes them, and on PostgreSQL nobody reads them. Gives how to let go."""
    params = connection.get_connection_params()
    if connection.vendor == "sqlite":
        other = sqlite3.connect(params["database"], isolation_level=None, check_same_thread=False)
        other.execute("BEGIN IMMEDIATE")
    else:
        other = psycopg2.connect(**params)
        with other.cursor() as cursor:
            cursor.execute(f"SET idle_in_transaction_session_timeout = '{ENDLESS}s'")
            cursor.execute("LOCK TABLE intake_draft IN ACCESS EXCLUSIVE MODE")
    try:
        yield other.close
    finally:
        other.close()


@contextmanager
def silent() -> Iterator[None]:
    """In the place of PostgreSQL stands something that lets everybody in and never says a word."""
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has no server")
    kept = connections[DEFAULT_DB_ALIAS]
    with socket.create_server(("127.0.0.1", 0)) as server:
        connections[DEFAULT_DB_ALIAS] = connection.copy()
        connections[DEFAULT_DB_ALIAS].settings_dict |= {"HOST": "127.0.0.1", "PORT": server.getsockname()[1]}
        try:
            yield
        finally:
            connections[DEFAULT_DB_ALIAS] = kept


@pytest.fixture(autouse=True)
def as_it_is(monkeypatch):
    """The limits themselves, and not those of the other tests."""
    for name, seconds in LIMITS.items():
        monkeypatch.setattr(patience, name, seconds)


each_way = pytest.mark.parametrize("waiting", [locked, silent])


def timed(ask: Callable):
    """What comes, and after how many seconds; over a connection of its own."""
    connection.close()
    start = time.monotonic()
    try:
        return ask(), time.monotonic() - start
    finally:
        connection.close()


@each_way
def test_a_crisis_answer_leads_to_help(waiting, client):
    draft_for(client, WELL)
    with waiting():
        response, took = timed(lambda: client.post(SAFETY, CRISIS))
        assert response.url == reverse("intake:help_now")
        assert took < patience.CRISIS_ANSWER + BUSY
        response, took = timed(lambda: client.get(response.url))
        assert response.status_code == 200
        assert "988" in response.text
        assert took < patience.CRISIS_PAGE + BUSY
    assert Draft.objects.get().answers == WELL


@each_way
def test_whoever_leaves_is_gone_at_once(waiting, client):
    draft_for(client, WELL)
    with waiting():
        response, took = timed(lambda: client.get("/leave/"))
    assert response.url == settings.LEAVE_TO
    assert response.cookies[settings.DRAFT_COOKIE_NAME].value == ""
    assert took < patience.LEAVING + BUSY


@each_way
def test_any_other_page_becomes_an_error_page_with_help_on_it(waiting, client, monkeypatch):
    monkeypatch.setattr(patience, "PAGE", 0.4)
    client.raise_request_exception = False
    draft_for(client, WELL)
    with waiting():
        response, took = timed(lambda: client.post(SAFETY, {"wish_dead": "no"}))
    assert response.status_code == 503
    assert "988" in response.text
    assert took < 0.4 + BUSY
    assert client.post(SAFETY, {"wish_dead": "no"}).status_code == 302  # the next one is served


@each_way
def test_a_page_of_the_staff_too(waiting, client, monkeypatch):
    monkeypatch.setattr(patience, "STAFF_PAGE", 0.4)
    client.raise_request_exception = False
    sign_in(client)
    monkeypatch.setattr("recommend.desk.audit.write", lambda *a, **b: Draft.objects.create())
    with waiting():
        response, took = timed(lambda: client.get("/staff/"))
    assert response.status_code == 503
    assert took < 0.4 + BUSY


def test_a_command_waits(client):
    """As long as it takes: here, until the other one lets go."""
    draft_for(client, WELL)
    connection.close()
    with locked() as let_go:
        threading.Timer(1.5, let_go).start()
        Draft.objects.filter(answers=WELL).delete()
    assert not Draft.objects.exists()


def test_the_shorter_limit_holds():
    connection.close()
    with locked(), patience.at_most(0.1), patience.at_most(5):
        began = time.monotonic()
        with pytest.raises(OperationalError):
            Draft.objects.create()
        assert time.monotonic() - began < 0.1 + BUSY
    connection.close()


def test_nobody_waits_for_longer_than_two_seconds_to_be_let_in(monkeypatch):
    monkeypatch.setattr(patience, "CONNECT", 0.2)
    with silent():
        began = time.monotonic()
        with pytest.raises(OperationalError):
            connection.ensure_connection()
        assert 0.2 <= time.monotonic() - began < 0.2 + BUSY


def test_a_connection_that_did_not_answer_in_time_is_not_used_again():
    """Else the next question would get the answer to this one."""
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has no server")
    with pytest.raises(OperationalError), patience.at_most(0.2), connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(1)")
    assert connection.connection.closed == 2
    connection.close_if_unusable_or_obsolete()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        assert cursor.fetchone() == (1,)
    assert psycopg2.extensions.get_wait_callback() is patience.wait
