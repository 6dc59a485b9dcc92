"""A database that keeps everybody waiting: help comes at once; every other page ends in good time, with help on it."""

import http.client
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg2
import pytest
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, OperationalError, connection, connections
from django.urls import reverse

from carenav.plumbing import db_timeout
from intake.models import Draft
from tests.support.patience import LIMITS
from tests.support.people import WELL, draft_for
from tests.support.staff import sign_in

pytestmark = pytest.mark.usefixtures("shared_database")

SAFETY = "/answers/2/"
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
        monkeypatch.setattr(db_timeout, name, seconds)


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
        assert took < db_timeout.CRISIS_ANSWER + BUSY
        response, took = timed(lambda: client.get(response.url))
        assert response.status_code == 200
        assert "988" in response.text
        assert took < db_timeout.CRISIS_PAGE + BUSY
    assert Draft.objects.get().answers == WELL


@each_way
def test_leave_answers_at_once_while_the_database_hangs(waiting, client):
    draft_for(client, WELL)
    with waiting():
        response, took = timed(lambda: client.get("/leave/"))
    assert response.url == settings.LEAVE_TO
    assert response.cookies[settings.DRAFT_COOKIE_NAME].value == ""
    assert took < db_timeout.LEAVING + BUSY


@each_way
def test_any_other_page_becomes_an_error_page_with_help_on_it(waiting, client, monkeypatch):
    monkeypatch.setattr(db_timeout, "PAGE", 0.4)
    client.raise_request_exception = False
    draft_for(client, WELL)
    with waiting():
        response, took = timed(lambda: client.post(SAFETY, {"wish_dead": "no"}))
    assert response.status_code == 503
    assert "988" in response.text
    assert took < 0.4 + BUSY
    assert client.post(SAFETY, {"wish_dead": "no"}).status_code == 302  # the next one is served


@each_way
def test_staff_page_becomes_an_error_page_while_the_database_hangs(waiting, client, monkeypatch):
    monkeypatch.setattr(db_timeout, "STAFF_PAGE", 0.4)
    client.raise_request_exception = False
    sign_in(client)
    monkeypatch.setattr("recommend.desk.audit.chain.append", lambda *a, **b: Draft.objects.create())
    with waiting():
        response, took = timed(lambda: client.get("/staff/"))
    assert response.status_code == 503
    assert took < 0.4 + BUSY


def test_command_waits_without_limit(client):
    """As long as it takes: here, until the other one lets go."""
    draft_for(client, WELL)
    connection.close()
    with locked() as let_go:
        threading.Timer(1.5, let_go).start()
        Draft.objects.filter(answers=WELL).delete()
    assert not Draft.objects.exists()


def test_nested_limits_keep_the_shorter_one():
    connection.close()
    with locked(), db_timeout.time_limit(0.1), db_timeout.time_limit(5):
        began = time.monotonic()
        with pytest.raises(OperationalError):
            Draft.objects.create()
        assert time.monotonic() - began < 0.1 + BUSY
    connection.close()


def test_new_connection_waits_two_seconds_at_most(monkeypatch):
    monkeypatch.setattr(db_timeout, "CONNECT", 0.2)
    with silent():
        began = time.monotonic()
        with pytest.raises(OperationalError):
            connection.ensure_connection()
        assert 0.2 <= time.monotonic() - began < 0.2 + BUSY


def waiting_for_a_lock() -> int:
    """How many the server keeps in line."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        )
        return cursor.fetchone()[0]


def test_abandoned_query_frees_its_connection():
    """Else a lock of half a minute fills all of them, and nothing is served that needs a database."""
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has no server")
    connection.close()
    with locked():
        for _ in range(5):
            with pytest.raises(OperationalError), db_timeout.time_limit(0.1):
                Draft.objects.exists()
            connection.close()
        until = time.monotonic() + ENDLESS / 2
        while waiting_for_a_lock() and time.monotonic() < until:
            time.sleep(0.1)
        assert waiting_for_a_lock() == 0


def test_server_without_client_check_is_used(monkeypatch):
    """On Windows it refuses; no server of ours does, but for a value that makes no sense."""
    monkeypatch.setattr(db_timeout, "CLIENT_CHECK_INTERVAL", -1)
    connection.close()
    assert not Draft.objects.exists()


def test_a_connection_that_did_not_answer_in_time_is_not_used_again():
    """Else the next question would get the answer to this one."""
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has no server")
    with pytest.raises(OperationalError), db_timeout.time_limit(0.2), connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(1)")
    assert connection.connection.closed == 2
    connection.close_if_unusable_or_obsolete()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        assert cursor.fetchone() == (1,)
    assert psycopg2.extensions.get_wait_callback() is db_timeout.wait


# ---- as many as may wait at once


def started_with(unit: str) -> str:
    """What gunicorn is started with in production by a unit."""
    return re.search(r"/bin/gunicorn (.*)", Path(settings.BASE_DIR, "deploy", unit).read_text())[1]


GUNICORN = started_with("carenav.service")


def fetch(port: int, path: str) -> tuple[int, float]:
    """The status, and after how many seconds it came."""
    start = time.monotonic()
    site = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        site.request("GET", path, headers={"Cookie": f"{settings.DRAFT_COOKIE_NAME}=x"})
        return site.getresponse().status, time.monotonic() - start
    finally:
        site.close()


@contextmanager
def site_without_an_answer(config: Path) -> Iterator[int]:
    """The site as in production, but for the keys, in front of a database that never says a word. Gives its port."""
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
        free.close()
        options = GUNICORN.replace("127.0.0.1:8000", f"127.0.0.1:{port}").split()
        url = f"postgresql://nobody@127.0.0.1:{server.getsockname()[1]}/none"
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "--config", str(config), *options],
            cwd=settings.BASE_DIR,
            env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings", "DATABASE_URL": url},
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            for _ in range(600):
                with suppress(OSError):
                    fetch(port, "/privacy/")
                    break
                time.sleep(0.1)
            yield port
        finally:
            os.killpg(process.pid, signal.SIGKILL)  # the workers, too, and every request that still waits
            process.wait(60)


@pytest.mark.slow
def test_crisis_page_is_served_while_many_pages_wait(tmp_path):
    """Also where they all came to the same worker: gunicorn's take whatever comes, however busy they are."""
    config = tmp_path / "gunicorn.py"
    config.write_text(
        "from carenav.plumbing import db_timeout\ndb_timeout.CONNECT = db_timeout.PAGE = 60.0\n"
    )

    def wait(port: int) -> None:
        with suppress(OSError, http.client.HTTPException):  # it is stopped while they wait
            fetch(port, "/answers/2/")

    with site_without_an_answer(config) as port:
        for _ in range(14):
            threading.Thread(target=wait, args=(port,), daemon=True).start()
        time.sleep(1)
        for _ in range(5):
            status, took = fetch(port, "/help-now/")
            assert status == 200
            assert took < db_timeout.CRISIS_PAGE + BUSY


@pytest.mark.parametrize("unit", ["carenav.service", "carenav-help.service"])
def test_the_site_is_started_by_hand_as_by_the_unit(unit):
    assert f"gunicorn {started_with(unit)}\n" in Path(settings.BASE_DIR, "docs", "operations.md").read_text()
