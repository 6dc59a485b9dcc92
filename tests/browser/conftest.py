"""A real Chromium: every context is watched for requests to another origin and for errors in its console."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import axe_playwright_python
import pytest
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, expect

from tests.system import chromium

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


def origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


class Watch:
    """What a browser context asked of another origin, and what its console complains about.

    Args:
        home: the origin of the site.
        leave_to: the one page elsewhere that may be opened, though only as a page.
    """

    def __init__(self, context: BrowserContext, home: str, leave_to: str) -> None:
        self.home = origin(home)
        self.leave_to = leave_to
        self.strangers: list[str] = []
        self.complaints: list[str] = []
        self.pages: set[str] = set()
        context.on("request", self.see_request)
        context.on("console", self.see_console)
        context.on("weberror", lambda error: self.complaints.append(str(error.error)))

    def see_request(self, request: Request) -> None:
        if request.is_navigation_request():
            self.pages.add(request.url)
            if request.url == self.leave_to:
                return
        if origin(request.url) != self.home:
            self.strangers.append(request.url)

    def see_console(self, message: ConsoleMessage) -> None:
        # Chromium also reports a page's own status, such as the 422 of a form with errors: that one is meant.
        own_status = message.text.startswith("Failed to load resource: the server responded with a status of")
        if message.type == "error" and not (own_status and message.location["url"] in self.pages):
            self.complaints.append(message.text)


@pytest.fixture
def new_context(new_context, live_server, settings) -> Iterator[Callable[..., BrowserContext]]:
    """Contexts as pytest-playwright makes them (`page` and `context` too), watched until the test ends."""
    watches = []

    def watched(**options: object) -> BrowserContext:
        context = new_context(**options)
        watches.append(Watch(context, live_server.url, settings.LEAVE_TO))
        return context

    yield watched
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
