"""deploy/image: what can be checked of the image and its compose file without a container engine."""

import os
import re
import subprocess
import sys
from datetime import datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from threading import Thread

import pytest
import yaml
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
IMAGE = ROOT / "deploy" / "image"
CONTAINERFILE = (IMAGE / "Containerfile").read_text()
COMPOSE = yaml.safe_load((IMAGE / "compose.yaml").read_text())
SERVICES = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if service["image"] == "carenav"}


def module(name: str):
    """Return a script of the folder as a module."""
    spec = spec_from_file_location(name, IMAGE / f"{name}.py")
    sys.modules[name] = found = module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


entry, healthy, timers = module("entry"), module("healthy"), module("timers")


@pytest.mark.parametrize("name", SERVICES)
def test_no_container_is_root_or_can_write_its_root_or_gain_rights(name):
    service = SERVICES[name]
    assert service["user"] not in ("root", "0")
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in service
    assert "cap_add" not in service


def test_each_secret_is_a_file_that_the_entry_reads():
    files = {name for name in OURS["site"]["environment"] if name.endswith("_FILE")}
    assert {name.removesuffix("_FILE") for name in files} <= {*entry.SECRETS}
    for name in files:
        assert OURS["site"]["environment"][name] == f"/run/secrets/{name.removesuffix('_FILE').lower()}"
    declared = {*COMPOSE["secrets"]}
    for service in SERVICES.values():
        assert {*service.get("secrets", [])} <= declared
    assert not re.search(r"PASSWORD: |SECRET_KEY: |FIELD_KEYS: ", (IMAGE / "compose.yaml").read_text())


def test_names_of_networks_volumes_and_services_are_declared():
    for service in SERVICES.values():
        assert {*service.get("networks", [])} <= {*COMPOSE["networks"]}
        assert {volume.partition(":")[0] for volume in service.get("volumes", [])} <= {*COMPOSE["volumes"]}
        assert {*service.get("depends_on", {})} <= {*SERVICES}


def test_only_the_proxy_is_reached_from_outside_and_the_site_reaches_nothing_there():
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["proxy"]
    assert COMPOSE["networks"]["front"]["internal"] is COMPOSE["networks"]["back"]["internal"] is True
    outside = [name for name, service in SERVICES.items() if "out" in service.get("networks", [])]
    assert outside == ["timers", "proxy"]
    address = SERVICES["proxy"]["networks"]["front"]["ipv4_address"]
    assert address in OURS["site"]["environment"]["FORWARDED_ALLOW_IPS"].split(",")


def test_crisis_help_waits_for_no_database():
    seen, waits = set(), ["help"]
    while waits:
        seen.add(name := waits.pop())
        waits += SERVICES[name].get("depends_on", {})
    assert "database" not in seen


def test_the_database_logs_no_answers_as_in_the_manual():
    manual = (ROOT / "docs" / "operations.md").read_text()
    for name, value in re.findall(r"^    ALTER ROLE carenav SET (\w+) = '(.+)';$", manual, re.MULTILINE):
        assert f"-c {name}={value}" in SERVICES["database"]["command"], name


@pytest.mark.parametrize(("service", "unit"), [("site", "carenav"), ("help", "carenav-help")])
def test_servers_start_as_their_units_do(service, unit):
    started = re.search(r"gunicorn (.+)", (ROOT / "deploy" / f"{unit}.service").read_text())[1]
    in_image = re.search(r'^CMD \["\.venv/bin/gunicorn", (.+)\]$', CONTAINERFILE, re.MULTILINE)[1]
    command = SERVICES[service].get(
        "command", ["gunicorn", *(part.strip(' "') for part in in_image.split(","))]
    )
    assert " ".join(command[1:]).replace("0.0.0.0", "127.0.0.1") == started
    port = re.search(r":(\d+)", " ".join(command))[1]
    assert SERVICES[service]["healthcheck"]["test"][3] == port


def test_the_proxy_of_the_image_leads_to_the_other_containers():
    caddy = (ROOT / "deploy" / "Caddyfile").read_text()
    for old, new in re.findall(r"-e 's/(.+?)/(.+?)/'", CONTAINERFILE):
        caddy, count = re.subn(old, new, caddy, flags=re.MULTILINE)
        assert count, old
    assert {*re.findall(r"reverse_proxy (\S+)", caddy)} == {"site:8000", "help:8001"}
    assert "127.0.0.1" not in caddy
    assert "\n{$SITE_HOST} {\n" in caddy
    assert {"site", "help"} <= {*SERVICES}


def test_the_image_takes_what_the_site_needs_and_no_secrets():
    taken = re.findall(r"^COPY (\S+)", CONTAINERFILE, re.MULTILINE)
    allowed = re.findall(r"^!(.+)$", (ROOT / ".dockerignore").read_text(), re.MULTILINE)
    assert {path.partition("/")[0] for path in taken} == {*allowed}
    assert all((ROOT / path).exists() for path in taken)
    assert not {"tests", ".env", ".git", "bench", "."} & {*taken}


@pytest.mark.slow
def test_the_program_runs_with_nothing_but_what_the_image_takes(tmp_path):
    for path in re.findall(r"^COPY (\S+) (?:\S+)$", CONTAINERFILE, re.MULTILINE):
        if not path.startswith("deploy/"):
            subprocess.run(["cp", "-r", ROOT / path, tmp_path / path], check=True)
    variables = {
        "SECRET_KEY": "of-the-build",
        "DATABASE_URL": f"sqlite:///{tmp_path / 'none'}",
        "PATH": os.defpath,
    }
    ran = subprocess.run(
        [sys.executable, "manage.py", "check"], cwd=tmp_path, env=variables, capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stderr
    assert [*tmp_path.glob("locale/*/LC_MESSAGES/django.mo")]


def test_secrets_come_from_files_and_their_names_go(tmp_path):
    path = tmp_path / "secret"
    path.write_text("a secret\n")
    given = {"SECRET_KEY_FILE": str(path), "FIELD_KEYS": "one", "FIELD_KEYS_FILE": "", "CLINIC_NAME": "North"}
    assert entry.with_secrets(given) == {
        "SECRET_KEY": "a secret",
        "FIELD_KEYS": "one",
        "CLINIC_NAME": "North",
    }


def test_a_secret_that_cannot_be_read_or_is_given_twice_stops_the_start(tmp_path):
    with pytest.raises(SystemExit, match=r"SECRET_KEY_FILE: .* cannot be read"):
        entry.with_secrets({"SECRET_KEY_FILE": str(tmp_path / "none")})
    path = tmp_path / "secret"
    path.write_bytes(b"\xff")
    with pytest.raises(SystemExit, match="cannot be read"):
        entry.with_secrets({"SECRET_KEY_FILE": str(path)})
    with pytest.raises(SystemExit, match="both set"):
        entry.with_secrets({"SECRET_KEY_FILE": str(path), "SECRET_KEY": "x"})


def test_the_entry_starts_the_command_with_the_secret(tmp_path):
    path = tmp_path / "secret"
    path.write_text("a secret\n")
    command = [
        sys.executable,
        IMAGE / "entry.py",
        sys.executable,
        "-c",
        "import os; print(os.environ['SECRET_KEY'])",
    ]
    ran = subprocess.run(command, env={"SECRET_KEY_FILE": str(path)}, capture_output=True, text=True)
    assert (ran.returncode, ran.stdout) == (0, "a secret\n")


def test_all_timers_are_run_by_the_container():
    found = {job.unit: job for job in timers.jobs()}
    assert {*found} == {timer.with_suffix(".service").name for timer in (ROOT / "deploy").glob("*.timer")}
    for job in found.values():
        assert job.commands
        assert all(command[0].endswith("python") and command[1] == "manage.py" for command in job.commands)


@pytest.mark.parametrize(
    ("calendar", "due", "not_due"),
    [
        ("minutely", "2026-11-30 08:13", None),
        ("hourly", "2026-11-30 08:00", "2026-11-30 08:01"),
        ("daily", "2026-11-30 00:00", "2026-11-30 12:00"),
        ("*-*-* 08:00", "2026-11-30 08:00", "2026-11-30 09:00"),
        ("Sun *-*-* 04:00", "2026-11-29 04:00", "2026-11-30 04:00"),
        ("*-*-01 03:00:00", "2026-12-01 03:00", "2026-12-02 03:00"),
    ],
)
def test_a_job_runs_at_the_times_of_its_timer(calendar, due, not_due):
    job = timers.Job("a", calendar, ())
    assert job.is_due(datetime.fromisoformat(due))
    assert not_due is None or not job.is_due(datetime.fromisoformat(not_due))


def test_a_time_that_the_container_does_not_know_is_refused():
    with pytest.raises(ValueError, match="is not known here"):
        timers.pattern("quarterly")


def test_a_job_that_fails_is_told_and_ends(tmp_path, capfd):
    """It tells by the program that failed: here a shell that writes what it was asked."""
    told = tmp_path / "told"
    program = tmp_path / "python"
    program.write_text(f'#!/bin/sh\necho "$*" >> {told}\ntest "$2" != purge_drafts\n')
    program.chmod(0o755)
    commands = tuple((str(program), "manage.py", name) for name in ("first", "purge_drafts", "never"))
    assert timers.run(timers.Job("carenav-purge.service", "hourly", commands)) is False
    assert told.read_text().splitlines() == [
        "manage.py first",
        "manage.py purge_drafts",
        "manage.py alarm carenav-purge.service",
    ]
    assert "carenav-purge.service failed" in capfd.readouterr().out
    assert timers.run(timers.Job("a", "hourly", commands[:1])) is True


def test_a_long_job_keeps_no_other_waiting_and_never_runs_twice_at_once(tmp_path):
    long = timers.Job("long", "minutely", (("sleep", "1"),))
    other = timers.Job("other", "minutely", (("touch", str(tmp_path / "done")),))
    first = timers.start(long)
    assert timers.start(long) is None
    timers.start(other).join()
    assert first.is_alive()
    assert (tmp_path / "done").exists()
    first.join()
    timers.start(long).join()


def test_the_health_check_asks_by_a_name_of_the_site():
    class Site(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            right = (self.headers["Host"], self.headers["X-Forwarded-Proto"]) == ("intake.test", "https")
            self.send_response(200 if right and self.path == "/readyz" else 400)
            self.end_headers()

        def log_message(self, *args: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Site)
    Thread(target=server.serve_forever, daemon=True).start()
    port = server.server_address[1]
    assert healthy.is_healthy(port, "/readyz", "intake.test")
    assert not healthy.is_healthy(port, "/readyz", "other.test")
    server.shutdown()
    server.server_close()
    assert not healthy.is_healthy(port, "/readyz", "intake.test")
