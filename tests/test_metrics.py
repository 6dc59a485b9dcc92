"""/metrics: numbers for who has the token, of all processes, and nothing about anybody."""

import os
import re
import subprocess
import sys
import time
from contextlib import suppress
from datetime import timedelta

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from carenav import metrics, metrics_text, start
from carenav.plumbing.jobs import recorded
from recommend.desk.doctor import JOBS
from recommend.desk.models import OutboxMessage
from tests.support.cases import new_case
from tests.support.database import gone
from tests.support.people import BOB, CHARLIE, CONTACT
from tests.support.permissions import ALL
from tests.support.proxies import ask, free_port
from tests.support.walker import Walker

TOKEN = "a-token-of-a-monitor-0123456789"
BEARER = {"authorization": f"Bearer {TOKEN}"}
Series = dict[tuple[str, tuple[tuple[str, str], ...]], float]


@pytest.fixture
def site(settings) -> Client:
    """A site of which a monitor may ask the numbers."""
    settings.METRICS_TOKEN = TOKEN
    return Client(headers=BEARER)


def series(site: Client) -> Series:
    """Return each number, keyed by its name and labels."""
    response = site.get("/metrics")
    assert response.status_code == 200
    return read(response.content.decode())


def read(text: str) -> Series:
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def requests(found: Series, route: str, status: str = "2xx") -> float:
    return found.get(("carenav_requests_total", (("route", route), ("status", status))), 0)


def value(found: Series, name: str) -> float:
    return found[(name, ())]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "sent", ["", "Bearer", "Bearer ", "Bearer wrong", TOKEN, f"Basic {TOKEN}", f"Bearer {TOKEN}x"]
)
def test_without_the_token_there_is_no_such_page(site, sent):
    response = Client(headers={"authorization": sent}).get("/metrics")
    missing = Client().get("/metricsx")
    assert response.status_code == missing.status_code == 404
    assert b"carenav_" not in response.content


@pytest.mark.django_db
def test_a_site_that_set_no_token_has_no_such_page_whatever_is_sent(settings):
    assert settings.METRICS_TOKEN == ""
    for sent in ("", "Bearer", "Bearer ", f"Bearer {TOKEN}"):
        assert Client(headers={"authorization": sent}).get("/metrics").status_code == 404


@pytest.mark.django_db
def test_the_page_is_of_the_format_and_cannot_be_posted_to(site):
    response = site.get("/metrics")
    assert response["Content-Type"].startswith("text/plain; version=")
    assert "no-store" in response["Cache-Control"]
    assert not response.cookies
    assert site.post("/metrics").status_code == 405


@pytest.mark.django_db
def test_requests_are_counted_by_route_and_status_and_timed_by_lane(site):
    before = series(site)
    for path in ("/", "/", "/no-such-page/", "/staff/"):
        site.get(path)
    after = series(site)
    for route, status, count in (
        ("intake:start", "2xx", 2),
        ("none", "4xx", 1),
        ("admin:index", "3xx", 1),
        ("metrics", "2xx", 1),
    ):
        assert requests(after, route, status) - requests(before, route, status) == count, route
    for lane, count in (("site", 4), ("staff", 1)):
        key = ("carenav_request_seconds_count", (("lane", lane),))
        assert after[key] - before.get(key, 0) == count, lane


@pytest.mark.django_db
def test_what_a_client_makes_up_adds_no_series(site):
    site.get("/made-up/")
    site.get("/staff/made-up/")
    site.get("/static/made-up")
    before = {*series(site)}
    for number in range(25):
        site.get(f"/made-up-{number}/?q={number}", headers={"user-agent": f"made up {number}"})
        site.get(f"/staff/made-up-{number}/")
        site.get(f"/static/made-up-{number}")
        site.generic(f"MADEUP{number}", "/made-up/")
    assert {*series(site)} == before


@pytest.mark.django_db
def test_every_route_is_a_name_of_the_site(site):
    for path in ("/", "/help-now/", "/made-up/", "/staff/x", "/static/x", "/answers/1/", "/metrics"):
        site.get(path)
    routes = {labels[0][1] for name, labels in series(site) if name == "carenav_requests_total"}
    assert routes <= {*ALL} | {"help", "static", "none"}
    assert {"help", "static", "none", "intake:start"} <= routes


@pytest.mark.django_db
def test_pages_that_follow_from_an_answer_are_one(site):
    assert {*ALL} >= metrics.AFTER_AN_ANSWER
    before = series(site)
    for path in ("/help-now/", "/plan/", "/staying-private/"):
        assert site.get(path).status_code == 200
    after = series(site)
    assert requests(after, "help") - requests(before, "help") == 3
    told = "\n".join(f"{name} {labels}" for name, labels in after)
    assert not re.search(r"help_now|stopped|safety_plan|staying_private|tier|level|urgent|crisis", told)


@pytest.mark.django_db
def test_nothing_that_was_answered_or_typed_is_told(site):
    canaries = {
        "name": "canary-vega",
        "phone": "617 555 0188",
        "email": "canary@rigel.example",
        "note": "canary-deneb",
    }
    walker = Walker(site).walk(CHARLIE.answers | CONTACT | canaries | {"share": "send"})
    assert walker.page.name == "result"
    site.get("/canary-address/?canary=query", headers={"referer": "https://canary.example/"})
    told = site.get("/metrics").content.decode()
    assert "canary" not in told
    assert "617" not in re.sub(r"\d+\.\d+", "", told)
    labels = {label for _name, labels in read(told) for _label, label in labels}
    numbers = {label for label in labels if re.fullmatch(r"[0-9.]+|\+Inf|[2-5]xx", label)}
    assert labels - numbers <= {*ALL} | {"help", "static", "none", "site", "staff"} | {*JOBS}


@pytest.mark.django_db
def test_what_waits_is_told(site):
    before = series(site)
    case = new_case(BOB)
    OutboxMessage.objects.filter(case=case).delete()
    made = timezone.now() - timedelta(minutes=30)
    kind = OutboxMessage.Kind.URGENT_CASE
    OutboxMessage.objects.create(case=case, kind=kind, created_at=made, due_at=made, tries=2)
    with recorded("notify"):
        pass
    after = series(site)
    assert value(after, "carenav_open_cases") - value(before, "carenav_open_cases") == 1
    assert value(after, "carenav_late_messages_to_staff") == 1
    assert 1800 <= value(after, "carenav_late_message_to_staff_seconds") < 1900
    assert value(after, "carenav_late_messages_to_people") == 0
    ran = after[("carenav_job_last_success_timestamp_seconds", (("job", "notify"),))]
    assert abs(ran - time.time()) < 60
    assert value(after, "carenav_database_up") == 1


@pytest.mark.django_db
def test_without_a_database_requests_are_told_all_the_same(site):
    site.get("/")
    with gone():
        found = series(site)
    assert value(found, "carenav_database_up") == 0
    assert requests(found, "intake:start") > 0
    assert ("carenav_open_cases", ()) not in found


@pytest.mark.django_db
def test_a_fault_in_counting_costs_nobody_a_page_and_is_logged_once(site, monkeypatch, caplog):
    def full(*labels):
        raise OSError("no space left")

    monkeypatch.setattr(metrics_text.REQUESTS, "labels", full)
    client = Client()
    assert [client.get("/help-now/").status_code for _ in range(3)] == [200, 200, 200]
    assert [record.getMessage() for record in caplog.records] == ["requests cannot be counted"]


@pytest.mark.parametrize("folder", ["", "/no/such/folder"])
def test_in_production_the_site_does_not_start_without_a_folder_for_counts(settings, monkeypatch, folder):
    monkeypatch.setenv(metrics_text.SHARED, folder)
    settings.PRODUCTION, settings.METRICS_TOKEN = True, TOKEN
    with pytest.raises(ImproperlyConfigured, match="PROMETHEUS_MULTIPROC_DIR"):
        start.check_metrics()
    settings.METRICS_TOKEN = ""
    start.check_metrics()


def test_in_production_the_site_starts_with_a_folder_for_counts(settings, monkeypatch, tmp_path):
    monkeypatch.setenv(metrics_text.SHARED, str(tmp_path))
    settings.PRODUCTION, settings.METRICS_TOKEN = True, TOKEN
    start.check_metrics()


@pytest.mark.slow
def test_counts_of_all_processes_are_added_up_exactly(migrated_file, tmp_path, settings):
    """Two processes of gunicorn; the one that is asked tells what both have counted."""
    if migrated_file is None:
        pytest.skip("once is enough")
    port = free_port()
    command = f"-m gunicorn --no-control-socket --bind 127.0.0.1:{port} --workers 2 --threads 2 carenav.wsgi"
    variables = {
        "DATABASE_URL": f"sqlite:///{migrated_file}",
        "METRICS_TOKEN": TOKEN,
        metrics_text.SHARED: str(tmp_path),
    }
    running = subprocess.Popen(
        [sys.executable, *command.split()],
        cwd=settings.BASE_DIR,
        env=os.environ | variables | {"DJANGO_SETTINGS_MODULE": "carenav.settings"},
        stderr=subprocess.DEVNULL,
    )
    try:
        for _ in range(600):
            with suppress(OSError):
                if ask(port, "/healthz", timeout=5)[0] == 200:
                    break
            time.sleep(0.1)
        deadline = time.monotonic() + 60
        asked = 0
        while len({*tmp_path.glob("counter_*.db")}) < 2 or asked < 50:
            assert ask(port, "/privacy/", timeout=5)[0] == 200
            asked += 1
            assert time.monotonic() < deadline
        found = read(ask(port, "/metrics", Authorization=f"Bearer {TOKEN}")[2])
        assert requests(found, "intake:privacy") == asked
    finally:
        running.terminate()
        running.wait(30)
