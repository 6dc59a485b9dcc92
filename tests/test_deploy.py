"""The files in deploy/ name what is there, and agree with each other and with the manual."""

import importlib.util
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import get_commands

from tests.support.permissions import ALL

DEPLOY = Path(settings.BASE_DIR) / "deploy"
MANUAL = (Path(settings.BASE_DIR) / "docs" / "operations.md").read_text()
UNITS = sorted(DEPLOY.glob("*.service"))
TIMERS = sorted(DEPLOY.glob("*.timer"))
CADDY, NGINX = ((DEPLOY / name).read_text() for name in ("Caddyfile", "nginx.conf"))


def runs(unit: Path) -> list[str]:
    return re.findall(r"^ExecStart=(.+)$", unit.read_text(), re.MULTILINE)


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_each_unit_runs_something_that_is_there_without_rights(unit):
    for command in runs(unit):
        if found := re.search(r"manage\.py (\w+)", command):
            assert found[1] in get_commands()
        else:
            assert importlib.util.find_spec(command.split()[-1])
            assert "--no-control-socket" in command
    text = unit.read_text()
    for line in (
        "User=carenav",
        "NoNewPrivileges=yes",
        "ProtectSystem=strict",
        "ProtectHome=yes",
        "PrivateTmp=yes",
    ):
        assert line in text, line
    assert unit.name in text.splitlines()[0]


def test_each_timer_has_its_unit_and_the_manual_starts_them_all():
    started = re.search(r"systemctl enable --now (.+)", MANUAL)[1].split()
    for timer in TIMERS:
        assert timer.with_suffix(".service") in UNITS
        assert timer.name in started
    assert {"carenav", "carenav-help"} <= {*started}
    templates = {unit.stem for unit in UNITS if unit.stem.endswith("@")}  # others start these by OnFailure=
    on_their_own = {unit.stem for unit in UNITS} - {timer.stem for timer in TIMERS} - templates
    assert on_their_own <= {*started}


def test_a_job_of_a_timer_that_fails_tells_somebody():
    for timer in TIMERS:
        unit = timer.with_suffix(".service").read_text()
        assert "\nOnFailure=carenav-alarm@%n.service\n" in unit.partition("[Service]")[0], timer
    assert DEPLOY / "carenav-alarm@.service" in UNITS


def test_the_proxies_lead_to_the_ports_of_the_units():
    ports = {unit.stem: re.search(r"--bind (\S+)", runs(unit)[0]) for unit in UNITS}
    site, help_lane = ports["carenav"][1], ports["carenav-help"][1]
    assert {*re.findall(r"reverse_proxy (\S+)", CADDY)} == {site, help_lane}
    assert {*re.findall(r"proxy_pass http://(\S+);", NGINX)} == {site, help_lane}
    for text, begins in ((CADDY, "handle /help-now/ {"), (NGINX, "location = /help-now/ {")):
        assert help_lane in text[text.index(begins) :].partition("}")[0]
        assert text.count(help_lane) == 1


def test_the_proxies_know_the_addresses_of_the_site():
    paths = {str(pattern.pattern) for pattern in ALL.values()}
    assert {"help-now/", "leave/", "language/<slug:code>/"} <= paths
    for text in (CADDY, NGINX):
        for path in ("/help-now/", "/leave/", "/language/en/", "/language/es/", f"/{settings.STAFF_PATH}"):
            assert path in text, path
        assert settings.LEAVE_TO in text


def test_there_is_a_page_from_a_file_for_each_language():
    for code, _name in settings.LANGUAGES:
        assert f"help.{code}.html" in CADDY
        assert f"help.{code}.html" in NGINX


def test_the_proxies_take_in_the_whole_request_and_wait_a_limited_time():
    """Without these lines 48 slow clients stop the site."""
    lanes = CADDY.count("reverse_proxy ")
    assert CADDY.count("buffer_requests") == CADDY.count("response_header_timeout") == lanes == 3
    assert {"read_header 10s", "read_body 15s"} <= {line.strip() for line in CADDY.splitlines()}
    assert "proxy_request_buffering on;" in NGINX
    for line in ("client_header_timeout 10s;", "client_body_timeout 10s;", "proxy_read_timeout 8s;"):
        assert line in NGINX


def test_the_caller_is_named_by_the_proxy_alone():
    assert "proxy_set_header X-Forwarded-For $remote_addr;" in NGINX
    assert "$proxy_add_x_forwarded_for" not in NGINX
    assert "trusted_proxies" not in CADDY


def test_the_proxies_keep_no_log_of_who_came():
    assert "log {" not in CADDY
    for nothing in ("access_log off;", "error_log /dev/null emerg;"):
        assert NGINX.count(nothing) == NGINX.count("server_name ")


def test_the_proxies_set_the_same_headers_as_the_site(client):
    sent = client.get("/", secure=True).headers
    for name in (
        "Cross-Origin-Opener-Policy",
        "Cross-Origin-Resource-Policy",
        "Referrer-Policy",
        "X-Content-Type-Options",
        "X-Frame-Options",
        "X-Robots-Tag",
    ):
        value = sent[name].replace(", ", ", ")
        assert re.search(rf'\?{name} "?{re.escape(value)}"?$', CADDY, re.MULTILINE), name
        assert re.search(rf'add_header {name} "?{re.escape(value)}"? always;', NGINX), name


def test_the_manual_writes_the_pages_before_it_starts():
    order = [
        MANUAL.index(word)
        for word in ("collectstatic --noinput", "manage.py write_outage_pages", "enable --now")
    ]
    assert order == sorted(order)
