"""What a monitor sees: /healthz needs the process alone, /readyz names each part that the site lacks."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.utils import timezone

from carenav import health
from carenav.plumbing import db_state
from tests.support.database import count_queries, gone


def test_healthz_answers_without_a_database():
    response = Client().get("/healthz")  # this test may not use the database
    assert (response.status_code, response.content) == (200, b"ok\n")


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/healthz", "/readyz"])
def test_nothing_is_kept_of_a_visit_and_nothing_is_told(address):
    response = Client().get(address)
    assert (response.status_code, response.content) == (200, b"ok\n")
    assert "no-store" in response["Cache-Control"]
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert not response.cookies
    assert Client().head(address).status_code == 200
    assert Client().post(address).status_code == 405


def answer() -> tuple[int, str]:
    response = Client().get("/readyz")
    return response.status_code, response.content.decode()


@pytest.mark.django_db
def test_a_migration_that_was_not_run_is_named():
    MigrationRecorder(connection).record_unapplied("desk", "0001_initial")
    assert answer() == (503, "not ok: migrations\n")
    MigrationRecorder(connection).record_applied("desk", "0001_initial")
    assert answer() == (200, "ok\n")


@pytest.mark.django_db
def test_an_empty_database_is_not_ready(monkeypatch):
    monkeypatch.setattr(MigrationRecorder, "has_table", lambda self: False)
    assert answer() == (503, "not ok: migrations\n")


@pytest.mark.django_db
def test_a_database_that_does_not_answer_is_named_without_its_error():
    with gone():
        assert answer() == (503, "not ok: database\n")


@pytest.mark.django_db
def test_a_clock_behind_the_content_is_named(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: datetime(1970, 1, 1, tzinfo=UTC))
    assert answer() == (503, "not ok: clock\n")


@pytest.mark.django_db
@pytest.mark.parametrize(("seconds", "agree"), [(0, True), (25, True), (-40, False), (40, False)])
def test_the_clock_of_the_database_may_differ_by_half_a_minute(monkeypatch, seconds, agree):
    now = db_state.time()
    monkeypatch.setattr(db_state, "time", lambda: now + seconds)
    assert answer() == ((200, "ok\n") if agree else (503, "not ok: clock of the database\n"))


@pytest.mark.django_db
def test_content_that_is_not_there_is_named(monkeypatch):
    monkeypatch.setitem(health.WITHOUT_DATABASE, "content", lambda: False)
    assert answer() == (503, "not ok: content\n")


@pytest.mark.django_db
def test_a_monitor_costs_the_database_little():
    Client().get("/readyz")
    with count_queries() as counted:
        Client().get("/readyz")
    assert len(counted) <= 4


def test_the_newest_date_is_of_a_line():
    assert date(2026, 1, 1) < health.newest_date() <= timezone.now().date() + timedelta(days=1)
