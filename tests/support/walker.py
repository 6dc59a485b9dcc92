"""Walk through the questions with a test client: read the HTML of each page, fill in its form, follow redirects.

The walker uses only what is in the HTML: the attribute ``data-page``, the form ``data-form="main"`` with question ids
as field names, the link ``data-action="go-on"``, and on the result page ``data-level`` and ``data-rule``.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from django.http import HttpResponse
from django.test import Client

from intake import content
from intake.journey import page_url
from tests.support.people import SECTIONS

Answers = Mapping[str, str | Sequence[str]]
END_PAGES = ("result", "stop", "error")
MOST_STEPS = 60


@dataclass
class Form:
    """The main form of a page."""

    action: str
    method: str
    offered: dict[str, list[str]] = field(
        default_factory=dict
    )  # values of radio buttons and boxes, keyed by field
    chosen: dict[str, list[str]] = field(default_factory=dict)  # values sent if nothing is changed


class Page(HTMLParser):
    """A parser that collects the name, title, level, rules, links, main form and text of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.name: str | None = None
        self.title = ""
        self.level: str | None = None
        self.rules: list[str] = []
        self.go_on: str | None = None
        self.form: Form | None = None
        self.links: list[str] = []
        self.text = ""
        self._open: list[str] = []
        self._in_form = False
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        self._open.append(tag)
        if tag == "body":
            self.name = given.get("data-page")
        if "data-level" in given:
            self.level = given["data-level"]
        if "data-rule" in given:
            self.rules.append(given["data-rule"])
        if tag == "a":
            self.links.append(given.get("href", ""))
            if given.get("data-action") == "go-on":
                self.go_on = given["href"]
        if tag == "form" and given.get("data-form") == "main":
            assert self.form is None, "two main forms on one page"
            self.form = Form(given.get("action", ""), given.get("method", "get"))
            self._in_form = True
        if self._in_form and tag in ("input", "textarea", "select") and given.get("name"):
            self._take_control(given)

    def _take_control(self, given: dict[str, str]) -> None:
        name, kind = given["name"], given.get("type", "text")
        if kind in ("radio", "checkbox"):
            self.form.offered.setdefault(name, []).append(given["value"])
            if "checked" in given:
                self.form.chosen.setdefault(name, []).append(given["value"])
        else:
            self.form.chosen.setdefault(name, []).append(given.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._in_form = False

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] == "title" and not self.name:
            self.title += data
        self.text += data


def parsed_page(response: HttpResponse) -> Page:
    """Return the parsed page of a response."""
    return Page(response.content.decode())


def section_url(section: str) -> str:
    """Return the URL of a page of questions, given its name in ``SECTIONS``."""
    return page_url(content.pages().questions[SECTIONS.index(section)])


def question_page(question: str) -> str:
    """Return the URL of the page that asks a question."""
    return page_url(content.page_of(question))


@dataclass(frozen=True)
class Step:
    """One request with its response."""

    method: str
    url: str
    response: HttpResponse

    @property
    def status(self) -> int:
        return self.response.status_code

    @property
    def path(self) -> str:
        return urlsplit(self.url).path


class Walker:
    """Walks from page to page with one person's answers.

    Args:
        client: a Django test client; by default one for which CSRF tokens are checked, as for browsers.
    """

    def __init__(self, client: Client | None = None) -> None:
        self.client = client or Client(enforce_csrf_checks=True)
        self.steps: list[Step] = []
        self.page = Page("")

    @property
    def pages(self) -> list[str]:
        """The paths of the pages that were shown, in order."""
        return [step.path for step in self.steps if step.status not in (301, 302, 303)]

    @property
    def url(self) -> str:
        return self.steps[-1].url

    @property
    def status(self) -> int:
        return self.steps[-1].status

    def get(self, url: str) -> Page:
        return self._follow("GET", url, {})

    def _follow(self, method: str, url: str, data: Mapping[str, object]) -> Page:
        call = self.client.post if method == "POST" else self.client.get
        response = call(url, data)
        self.steps.append(Step(method, url, response))
        if response.status_code in (301, 302, 303):
            return self._follow("GET", urljoin(url, response["Location"]), {})
        self.page = Page(response.content.decode())
        return self.page

    def send(self, answers: Answers) -> Page:
        """Fill in the main form of the current page with the person's answers, send it, and return the next page."""
        form = self.page.form
        assert form, f"no main form on {self.url}"
        data = {name: list(values) for name, values in form.chosen.items()}
        for name in form.offered.keys() | form.chosen.keys():
            if name in answers:
                data[name] = list(self._choose(name, answers[name]))
        return self._follow(form.method.upper(), urljoin(self.url, form.action), data)

    def _choose(self, name: str, answer: str | Sequence[str]) -> Iterator[str]:
        for value in [answer] if isinstance(answer, str) else answer:
            offered = self.page.form.offered.get(name)
            assert offered is None or value in offered, f"{self.url} does not offer {value!r} for {name}"
            yield value

    def next(self, answers: Answers) -> Page:
        """Go to the next page and return it: from the crisis page by its link to continue, else by sending the form."""
        if self.page.name == "crisis":
            assert self.page.go_on, "no way on from the crisis page"
            return self.get(self.page.go_on)
        return self.send(answers)

    def walk(self, answers: Answers, until: str = "") -> "Walker":
        """Walk from the current page, or the start page, to the end or to the first page with the name ``until``.

        Returns:
            the walker itself.

        Raises:
            AssertionError: a page responds with an error, or there are more than ``MOST_STEPS`` pages.
        """
        if not self.steps:
            self.get("/")
        for _ in range(MOST_STEPS):
            if self.page.name in (*END_PAGES, until):
                return self
            self.next(answers)
            assert self.status < 400, f"{self.status} at {self.url}: {self.page.text}"
        raise AssertionError(f"the way does not end: {self.pages}")


def outside_the_page(walker: Walker) -> str:
    """Return everything that a walker's requests reveal outside the body of a page: URLs, headers, cookies, titles."""
    seen = []
    for step in walker.steps:
        seen.append(step.url)
        seen += [f"{name}: {value}" for name, value in step.response.items()]
        seen += [cookie.OutputString() for cookie in step.response.cookies.values()]
        seen.append(Page(step.response.content.decode()).title)
    return "\n".join(seen)
