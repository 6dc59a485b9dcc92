"""What a browser asks of other origins, and what its console complains about."""

from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Request


def origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


class Watch:
    """What a browser context asked of another origin, and what its console complains about.

    Args:
        context: the browser context to watch.
        home: the origin of the site.
        leave_to: the one page elsewhere that may be opened, though only as a page.
    """

    def __init__(self, context: BrowserContext, home: str, leave_to: str) -> None:
        self.context = context
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
