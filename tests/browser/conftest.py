"""A real Chromium: every context is watched for requests to another origin and for errors in its console."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import axe_playwright_python
import pytest
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from playwright.sync_api import BrowserContext, Page, expect

from carenav.start import build_answer_space
from intake.models import Draft
from tests.browser.states import bring
from tests.browser.watch import Watch
from tests.support.browser import PHONE
from tests.support.people import (
    WELL,
    checked_draft_for,
)
from tests.support.system import chromium

# Playwright keeps an event loop in the thread of the test, and Django then refuses the ORM; harmless in a test process.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

# How long a test that fails takes; what holds, but on a busy machine, is waited for.
expect.set_options(timeout=20_000)

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# Nothing is preloaded: for that axe writes the admin's stylesheets into the page, which the policy blocks.
# Only what is needed leaves the page: all that axe has to say is a megabyte.
RUN_AXE = """async tags => {
    const said = await axe.run(document, {runOnly: {type: 'tag', values: tags}, preload: false});
    const found = said.violations.map(
        rule => `${rule.id} (${rule.impact}): ${rule.nodes.map(node => node.target.join(' ')).join(' | ')}`);
    return [found, said.passes.length];
}"""

AT_WORK: list[int] = []
"""One entry for each request that is being answered."""

FLAGS = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",  # nothing leaves this machine
]


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, object]) -> dict[str, object]:
    flags = [*FLAGS, "--no-sandbox"] if os.geteuid() == 0 else FLAGS
    # Playwright turns the back-forward cache off; people have it on, and it must not show an answer after "Leave".
    return {
        **browser_type_launch_args,
        "args": flags,
        "executable_path": chromium(),
        "ignore_default_args": ["--disable-back-forward-cache"],
    }


@pytest.fixture(scope="session", autouse=True)
def at_work() -> Iterator[None]:
    """Count the requests that the live server is answering; see ``idle``."""
    respond = WSGIHandler.__call__

    def counted(*args: object) -> object:
        AT_WORK.append(1)
        try:
            return respond(*args)
        finally:
            AT_WORK.pop()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WSGIHandler, "__call__", counted)
        yield


def idle() -> None:
    """Wait until nothing is answered any more. Pages save and ask by themselves, and next the tables are emptied."""
    for _ in range(200):
        if not AT_WORK:
            return
        time.sleep(0.05)


@pytest.fixture
def new_context(new_context, live_server, settings) -> Iterator[Callable[..., BrowserContext]]:
    """Contexts as pytest-playwright makes them (`page` and `context` too), watched until the test ends."""
    watches = []

    def watched(**options: object) -> BrowserContext:
        context = new_context(**options)
        watches.append(Watch(context, live_server.url, settings.LEAVE_TO))
        return context

    yield watched
    for watch in watches:
        watch.context.close()
    idle()
    assert [url for watch in watches for url in watch.strangers] == []
    assert [complaint for watch in watches for complaint in watch.complaints] == []


@pytest.fixture
def axe() -> Callable[[Page], None]:
    """Fails with what axe finds on the page; it goes in through the debugger, so the page keeps its strict CSP."""

    def check(page: Page) -> None:
        if not page.evaluate("'axe' in window"):
            page.evaluate(AXE)
        found, passes = page.evaluate(RUN_AXE, AXE_TAGS)
        assert found == [], page.url
        assert passes, "axe looked at nothing"

    return check


class NeutralSite(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>An encyclopedia</title><p>Nothing to see.")

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def neutral_site(settings) -> Iterator[None]:
    """Another origin, where "Leave this site" leads."""
    with HTTPServer(("127.0.0.1", 0), NeutralSite) as server:
        settings.LEAVE_TO = f"http://127.0.0.1:{server.server_port}/"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield
        server.shutdown()


@pytest.fixture(scope="session", autouse=True)
def built_at_start():
    """As a server does it: else the first result takes seconds, and a browser waits for it."""
    build_answer_space()


@pytest.fixture
def with_draft(new_context, live_server, client) -> Callable[..., tuple[BrowserContext, Draft]]:
    def make(answers=WELL, context=None, **fields) -> tuple[BrowserContext, Draft]:
        context = context or new_context(viewport=PHONE)
        draft = checked_draft_for(client, answers, **fields)
        bring(context, live_server.url, client.cookies[settings.DRAFT_COOKIE_NAME].value)
        return context, draft

    return make
