"""The shipped Caddyfile and nginx.conf, in the real programs: help is answered whatever carenav does."""

import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from intake import outage_pages
from tests.support import proxies
from tests.support.proxies import ask

SAFE = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'",
    "Strict-Transport-Security": "max-age=31536000",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
}
SLOW_CLIENTS = 50
"""With the shipped file of before, 48 stopped the whole site. nginx takes 60 from one address."""
CANARY = "zq7canary"


@dataclass
class Site:
    port: int
    app: type[proxies.Upstream] | None


@pytest.fixture(scope="module")
def static(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("static")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.conf.settings.STATIC_ROOT", folder)
        outage_pages.write()
    (folder / "patient").mkdir()
    (folder / "patient" / "carenav.css").write_text("body {}")
    return folder


def run(name: str, static: Path, folder: Path, up: bool) -> Iterator[Site]:
    if not proxies.program(name):
        pytest.skip(f"{name} is not installed")
    app, help_lane = proxies.free_port(), proxies.free_port()
    with ExitStack() as stack:
        handler = stack.enter_context(proxies.upstream(app)) if up else None
        if up:
            stack.enter_context(proxies.upstream(help_lane))
        yield Site(stack.enter_context(proxies.proxy(name, folder, static, app, help_lane)), handler)


@pytest.fixture(scope="module", params=proxies.PROXIES)
def site(request, static, tmp_path_factory) -> Iterator[Site]:
    """A proxy before a site that runs."""
    yield from run(request.param, static, tmp_path_factory.mktemp("up"), up=True)


@pytest.fixture
def caddy(request, site) -> Site:
    return only("caddy", request, site)


@pytest.fixture
def nginx(request, site) -> Site:
    return only("nginx", request, site)


def only(name: str, request, site: Site) -> Site:
    if name not in request.node.callspec.id:
        pytest.skip(f"this is about {name}")
    return site


@pytest.fixture(scope="module", params=proxies.PROXIES)
def gone(request, static, tmp_path_factory) -> Iterator[Site]:
    """A proxy before a site that is gone."""
    yield from run(request.param, static, tmp_path_factory.mktemp("gone"), up=False)


def assert_safe(headers) -> None:
    for name, value in SAFE.items():
        assert headers.get(name, "").startswith(value), name
    assert "script-src" not in headers["Content-Security-Policy"]


# ---- the site runs


def test_pages_are_passed_on_as_they_are(site):
    status, headers, page = ask(site.port, "/answers/1/", "POST", b"x" * 5000)
    assert (status, page) == (200, "own page, 127.0.0.1, 5000 bytes")
    assert headers["Content-Security-Policy"] == "default-src 'none'"
    assert headers.get_all("Cache-Control") == ["no-store"]


def test_nobody_can_choose_the_address_that_carenav_counts(site):
    for forged in ("198.51.100.1", "198.51.100.1, 198.51.100.2"):
        _status, _headers, page = ask(site.port, "/", X_Forwarded_For=forged)
        assert page == "own page, 127.0.0.1, 0 bytes"


@pytest.mark.parametrize("status", [400, 404, 429, 503])
def test_pages_of_carenav_for_errors_are_kept(site, status):
    """They hold what was typed."""
    assert ask(site.port, f"/own/{status}", "POST", b"a=b")[::2] == (status, "own page, 127.0.0.1, 3 bytes")


@pytest.mark.parametrize("status", [400, 413, 414, 431, 500, 502])
def test_what_the_server_before_carenav_answers_gets_numbers_and_safe_headers(caddy, status):
    """In Caddy. nginx takes no more than gunicorn does, and so answers first: the next test."""
    got, headers, text = ask(caddy.port, f"/bare/{status}")
    assert got == status
    assert "tel:988" in text
    assert_safe(headers)


@pytest.mark.parametrize(
    ("path", "headers"),
    [("/", {"Cookie": "a=" + "x" * 20_000}), ("/?" + "x" * 20_000, {})],
    ids=["cookie", "address"],
)
def test_too_long_an_address_or_cookie_gets_numbers_and_safe_headers(nginx, path, headers):
    status, sent, text = ask(nginx.port, path, **headers)
    assert status in (400, 414, 431)
    assert "tel:988" in text
    assert_safe(sent)


def test_too_large_a_body_gets_numbers_and_safe_headers(site):
    status, sent, text = ask(site.port, "/answers/1/", "POST", b"x" * 400_000)
    assert status == 413
    assert "tel:988" in text
    assert_safe(sent)


def test_slow_bodies_keep_nobody_from_help_and_never_reach_carenav(site):
    slow = []
    try:
        for _ in range(SLOW_CLIENTS):
            client = socket.create_connection(("127.0.0.1", site.port), 5)
            client.sendall(b"POST /answers/1/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5000\r\n\r\na=")
            slow.append(client)
        took = []
        for _ in range(10):
            for client in slow:
                client.sendall(b"x")
            began = time.monotonic()
            assert ask(site.port, "/help-now/", timeout=5)[0] == 200
            took.append(time.monotonic() - began)
            time.sleep(0.1)
        assert sorted(took)[-2] < 0.5
        assert site.app.waiting == 0
    finally:
        for client in slow:
            client.close()


@pytest.mark.some(1)
def test_slow_pages_become_the_outage_page_and_help_comes_from_its_own_server(site):
    with ThreadPoolExecutor() as pool:
        page = pool.submit(ask, site.port, "/slow/")
        help_page = pool.submit(ask, site.port, "/help-now/", timeout=5)
        assert help_page.result()[2].startswith("own page")
        status, headers, text = page.result(timeout=15)
    assert status in (502, 503, 504)
    assert "tel:988" in text
    assert_safe(headers)


def test_files_are_served_without_carenav(gone):
    status, headers, text = ask(gone.port, "/static/patient/carenav.css")
    assert (status, text) == (200, "body {}")
    assert "max-age=3600" in headers["Cache-Control"]
    assert headers["X-Content-Type-Options"] == "nosniff"


# ---- the site is gone


@pytest.mark.parametrize(
    ("path", "method"), [("/", "GET"), ("/answers/2/", "POST"), ("/staff/", "GET"), ("/send/", "POST")]
)
def test_every_page_carries_the_numbers_while_carenav_is_gone(gone, path, method):
    status, headers, text = ask(gone.port, path, method, b"suicidal_now=yes" if method == "POST" else None)
    assert status in (502, 503, 504)
    assert 'data-page="error"' in text
    assert "tel:988" in text
    assert_safe(headers)


@pytest.mark.parametrize(
    ("headers", "language"),
    [
        ({}, "en"),
        ({"Accept_Language": "es-MX,es;q=0.9"}, "es"),
        ({"Accept_Language": "en-US,es;q=0.5"}, "en"),
        ({"Accept_Language": "en", "Cookie": "a=b; __Host-language=es"}, "es"),
        ({"Accept_Language": "es", "Cookie": "__Host-language=en"}, "en"),
    ],
)
def test_help_is_there_in_the_language_of_the_person(gone, headers, language):
    status, sent, text = ask(gone.port, "/help-now/", **headers)
    assert status == 200
    assert f'<html lang="{language}">' in text
    assert 'data-page="crisis"' in text
    assert_safe(sent)


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_language_can_be_changed_on_it(gone, language):
    status, _headers, text = ask(gone.port, f"/language/{language}/?to=/help-now/")
    assert status == 200
    assert f'<html lang="{language}">' in text


def test_leaving_works_and_empties_the_browser(gone):
    status, headers, _text = ask(gone.port, "/leave/")
    assert (status, headers["Location"]) == (302, "https://www.wikipedia.org/")
    assert headers["Clear-Site-Data"] == '"cookies", "storage"'


@pytest.mark.parametrize("name", proxies.PROXIES)
def test_no_log_says_who_came_where_while_carenav_is_gone_or_too_many_come(name, static, tmp_path):
    with contextmanager(run)(name, static, tmp_path, up=False) as gone:
        for _ in range(150):  # nginx takes 100 at once
            ask(gone.port, f"/staff/set-up/{CANARY}/", Referer=f"https://127.0.0.1/{CANARY}/")
        ask(gone.port, "/static/missing.css", Referer=f"https://127.0.0.1/{CANARY}/")
    logs = [path for path in tmp_path.iterdir() if path.suffix == ".log" or path.name == "said"]
    assert logs
    for log in logs:
        assert CANARY not in log.read_text(), log.name


def test_the_pages_have_no_address_of_their_own(gone):
    assert ask(gone.port, "/outage/help.en.html")[0] in (404, 502, 503)
