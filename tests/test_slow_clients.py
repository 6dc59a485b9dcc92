"""Many clients that send a form one byte a second, before the real servers: help stays answered."""

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest
from django.conf import settings

from tests.support import proxies
from tests.support.proxies import ask, free_port

pytestmark = pytest.mark.slow

MANY = 300
"""One after another they would keep gunicorn's 16 threads for hours."""
DIRECT = 40
LIMIT = 0.5


@contextmanager
def gunicorn(module: str, database: Path) -> Iterator[int]:
    """Run a server as its unit does, with fewer workers; gives its port."""
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "--no-control-socket", "--bind", f"127.0.0.1:{port}"]
    running = subprocess.Popen(
        [*command, "--workers", "1", "--threads", "16", "--limit-request-line", "8190", module],
        cwd=settings.BASE_DIR,
        env=os.environ
        | {"DATABASE_URL": f"sqlite:///{database}", "DJANGO_SETTINGS_MODULE": "carenav.settings"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        for _ in range(600):
            with suppress(OSError):
                if ask(port, "/help-now/", timeout=5)[0] == 200:
                    break
            assert running.poll() is None
            time.sleep(0.1)
        yield port
    finally:
        running.terminate()
        running.wait(30)


@contextmanager
def slow_clients(port: int, number: int) -> Iterator[None]:
    """So many forms of 5,000 bytes that come one byte a second."""
    clients: list[socket.socket] = []
    over = threading.Event()

    def drip() -> None:
        while not over.wait(1):
            for client in clients:
                with suppress(OSError):
                    client.sendall(b"x")

    with ExitStack() as stack:
        for _ in range(number):
            client = stack.enter_context(socket.create_connection(("127.0.0.1", port), 10))
            client.sendall(b"POST /answers/1/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5000\r\n\r\na=")
            clients.append(client)
        dripping = threading.Thread(target=drip, daemon=True)
        dripping.start()
        try:
            time.sleep(2)
            yield
        finally:
            over.set()
            dripping.join()


def slowest_of_most(port: int, path: str, times: int = 20) -> float:
    """Return the 95th percentile of the seconds that a page takes."""
    took = []
    for _ in range(times):
        began = time.monotonic()
        assert ask(port, path, timeout=20)[0] == 200
        took.append(time.monotonic() - began)
    return sorted(took)[int(0.95 * times) - 1]


@pytest.fixture
def servers(migrated_file, tmp_path, monkeypatch) -> Iterator[tuple[int, int]]:
    if migrated_file is None:
        pytest.skip("once is enough")
    with (
        gunicorn("carenav.wsgi", migrated_file) as site,
        gunicorn("carenav.help_lane", migrated_file) as help_lane,
    ):
        yield site, help_lane


def test_without_a_proxy_they_stop_the_site_and_not_the_crisis_page(servers):
    site, help_lane = servers
    control = slowest_of_most(help_lane, "/help-now/")
    with slow_clients(site, DIRECT):
        with pytest.raises(OSError, match="timed out"):
            ask(site, "/", timeout=3)  # the attack is one
        assert slowest_of_most(help_lane, "/help-now/") < max(LIMIT, 3 * control)


def test_through_the_shipped_caddyfile_they_stop_nothing(servers, tmp_path):
    if not proxies.program("caddy"):
        pytest.skip("caddy is not installed")
    site, help_lane = servers
    with proxies.proxy("caddy", tmp_path, tmp_path, site, help_lane) as port:
        control = slowest_of_most(port, "/help-now/")
        with slow_clients(port, MANY):
            assert slowest_of_most(port, "/help-now/") < max(LIMIT, 3 * control)
            assert slowest_of_most(port, "/") < max(LIMIT, 3 * control)
