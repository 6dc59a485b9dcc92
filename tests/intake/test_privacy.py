"""No answer leaves the page it was given on: not in an address, a title, a header, a cookie or a log."""

import io
import logging
import re
from html.parser import HTMLParser

import pytest
from django.conf import settings
from django.db import connection
from django.http import HttpResponse
from django.test import Client

from carenav import errors
from intake import content
from intake.models import Draft
from intake.questionnaire import Questionnaire
from tests.support import database
from tests.support.people import CONTACT, DANA, HENRY, PEOPLE, WELL, checked_draft_for, draft_for, well_in
from tests.support.staff import sign_in
from tests.support.walker import Page, Walker, outside_the_page

CANARIES = {
    "name": "Canary Aldebaran",
    "phone": "617 555 0142",
    "email": "canary-betelgeuse@example.com",
    "safe_times": "canary-capella",
    "language": "canary-deneb",
    "access_needs": "canary-electra",
    "note": "canary-fomalhaut",
}
ALL_PAGES = [
    "/",
    "/answers/1/",
    "/answers/2/",
    "/answers/check/",
    "/answers/sharing/",
    "/contact/",
    "/result/",
    "/levels-of-care/",
    "/help-now/",
    "/continue/",
    "/privacy/",
    "/accessibility/",
    "/staying-private/",
    "/no-such-page/",
]


def words_of_answers(questionnaire: Questionnaire) -> set[str]:
    """Ids and wording of every option that is no everyday word and no part of the name of a page."""
    pages = " ".join(section.id for section in questionnaire.sections)
    options = {id for wording in questionnaire.wordings.values() for id in wording.options}
    ids = {id for id in options if len(id) > 4 and id not in pages}
    texts = {str(text) for wording in questionnaire.wordings.values() for text in wording.options.values()}
    return ids | {text for text in texts if len(text) > 12}


@pytest.mark.some(3)
@pytest.mark.django_db
@pytest.mark.parametrize("person", PEOPLE, ids=str)
def test_no_answer_is_in_an_address_a_title_a_header_or_a_cookie(person):
    answers = person.answers | CONTACT | CANARIES | {"share": "send"}
    walker = Walker().walk(answers)
    assert walker.page.name == "result"
    seen = outside_the_page(walker).replace(
        "How to reach you", ""
    )  # a title; "reach" is also an option, of guns
    assert [word for word in words_of_answers(content.questionnaire()) if word in seen] == []
    assert [value for value in CANARIES.values() if value in seen] == []
    assert not re.search(r"canary|level=|outpatient|inpatient|\biop\b|\bphp\b", seen, re.I)
    assert all("?" not in step.url for step in walker.steps[1:] if step.path != "/answers/1/")


@pytest.mark.django_db
def test_the_words_looked_for_are_the_words_of_the_pages():
    """The test above would be blind without this: the same words are found in the pages' bodies."""
    walker = Walker().walk(WELL, until="check")
    bodies = "".join(step.response.content.decode() for step in walker.steps)
    words = words_of_answers(content.questionnaire())
    assert len([word for word in words if word in bodies]) > 100


@pytest.mark.django_db
def test_no_answer_is_in_a_log(log):
    answers = HENRY.answers | CONTACT | CANARIES | {"share": "send"}
    walker = Walker().walk(answers, until="contact")
    walker.send(answers | {"reach_by": "phone", "phone": ""})  # with an error
    assert walker.page.title.startswith("Error:")
    walker.send(answers)
    assert walker.page.name == "result"
    for path in ("/no-such-page/", "/answers/canary/", "/result/"):
        walker.get(path)
    written = log.getvalue()
    assert "Not Found: /no-such-page/" in written
    assert [value for value in CANARIES.values() if value in written] == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "broken",
    [
        "recommend.desk.submissions.submit.Case.save",
        "recommend.desk.submissions.submit.store_contact",
    ],
)
def test_no_answer_is_in_a_log_when_sending_fails(monkeypatch, broken):
    console = logging.getLogger("django").handlers[0]
    written = io.StringIO()
    monkeypatch.setattr(console, "stream", written)
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    walker = Walker(client).walk(WELL | {"share": "send"}, until="contact")

    def fail(*args, **kwargs):
        raise RuntimeError(f"cannot store {args} {kwargs} {CANARIES}")

    monkeypatch.setattr(broken, fail)
    walker.send(CONTACT | CANARIES)
    assert walker.status == 500
    assert "builtins.RuntimeError" in written.getvalue()
    assert [value for value in CANARIES.values() if value in written.getvalue() + walker.page.text] == []


@pytest.mark.django_db
def test_free_text_is_not_readable_in_the_database():
    Walker().walk(WELL | CONTACT | CANARIES | {"share": "send"})
    rows = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            rows.append(str(cursor.fetchall()))
    everything = "".join(rows)
    assert "9_18" not in everything  # guards against an empty read below
    assert WELL["functioning"] in everything
    assert [value for value in (*CANARIES.values(), "6175550142", "aldebaran") if value in everything] == []


# ---- headers


@pytest.fixture
def responses(client) -> list[HttpResponse]:
    """One of every kind: pages, forms with errors, redirects, errors, static files, the desk."""
    client.raise_request_exception = False
    found = [client.get(path) for path in ALL_PAGES]
    checked_draft_for(client, DANA.answers | {"share": "only_me"})
    found += [client.get(path) for path in ALL_PAGES]
    checked_draft_for(client, WELL | {"share": "send"})
    found += [client.get("/contact/"), client.post("/send/", {}), client.post("/answers/sharing/", {})]
    found += [
        client.post("/answers/check/", {"shown": "{}"}),
        client.post("/answers/1/", {"who": "other"}),
    ]
    found += [client.post("/answers/1/", {}), client.post("/answers/1/", {"emergency": "hurt"})]
    found += [client.get("/send/"), client.post("/help-now/"), client.get("/?a=%00"), client.get("/leave/")]
    found += [client.get(f"/where-to-get-help/{number}/") for number in (1, 2, 3)]
    found += [client.get("/stopped-for-now/"), client.post("/come-back/", {})]
    gone = Client()
    gone.cookies[settings.DRAFT_COOKIE_NAME] = "a token"
    found += [gone.get("/not-here/")]
    found += [Client(enforce_csrf_checks=True).post("/answers/1/", {})]
    found += [client.get("/staff/"), client.get("/staff/login/")]
    sign_in(client)
    found += [client.get("/staff/"), client.get("/staff/desk/case/")]
    return found


@pytest.mark.django_db
def test_nothing_is_cached_and_every_response_has_a_policy(responses):
    statuses = {response.status_code for response in responses}
    assert {200, 302, 400, 403, 404, 405, 410} <= statuses
    for response in responses:
        address = response.request["PATH_INFO"]
        assert "no-store" in response["Cache-Control"], address
        policy = response["Content-Security-Policy"]
        assert "default-src 'none'" in policy, address
        assert "unsafe" not in policy, address
        assert response["Referrer-Policy"] == "same-origin", address


@pytest.mark.django_db
def test_static_files_have_a_policy_too(client):
    for path, status in (
        ("/static/patient/carenav.css", 200),
        ("/static/favicon.svg", 200),
        ("/static/nothing.css", 404),
    ):
        response = client.get(path)
        assert b"".join(response)
        response.close()
        assert response.status_code == status
        assert "default-src 'none'" in response["Content-Security-Policy"]


class Inline(HTMLParser):
    """Finds what a strict policy would not run or show."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "style", "iframe", "object", "embed"):
            self.found.append(tag)
        self.found += [f"{tag} {name}" for name, _ in attributes if name == "style" or name.startswith("on")]
        for name, value in attributes:
            if name in ("href", "src", "action", "formaction") and (value or "").startswith(
                ("javascript:", "data:")
            ):
                self.found.append(f"{tag} {name}={value}")
            if name == "src" or (tag == "link" and name == "href"):
                assert value.startswith("/"), f"{tag} from another origin: {value}"


@pytest.mark.django_db
def test_no_page_has_a_script_or_a_style_of_its_own(responses):
    looked_at = 0
    for response in responses:
        if not response.request["PATH_INFO"].startswith("/staff/") and response.content:
            looked_at += 1
            assert Inline(response.content.decode()).found == [], response.request["PATH_INFO"]
    assert looked_at > 20
    assert Inline('<p style="a" onclick="b"><script>').found == ["p style", "p onclick", "script"]


@pytest.mark.django_db
def test_a_visit_makes_no_session_and_leaves_two_cookies_at_most(client):
    Walker(client).walk(WELL | {"share": "only_me"})
    assert set(client.cookies) <= {settings.DRAFT_COOKIE_NAME, settings.CSRF_COOKIE_NAME}
    for cookie in client.cookies.values():
        assert cookie["httponly"]
        assert cookie["samesite"] == "Lax"
        assert not cookie["expires"]


@pytest.mark.django_db
def test_a_page_fills_in_nothing_that_a_browser_keeps(client):
    checked_draft_for(client, WELL | {"share": "send"})
    for path in ("/answers/1/", "/answers/2/", "/answers/check/", "/answers/sharing/", "/contact/"):
        html = client.get(path).content.decode()
        form = re.search(r'<form[^>]*data-form="main"[^>]*>', html)[0]
        assert 'autocomplete="off"' in form
        assert "novalidate" in form
        assert not re.search(r"<(input|textarea|select)[^>]*\srequired", html)


# ---- error pages, as a visit meets them

FAULTS = [
    (400, lambda client: client.get("/?a=%00")),
    (403, lambda client: Client(enforce_csrf_checks=True).post("/answers/1/", {})),
    (404, lambda client: client.get("/no-such-page/")),
    (404, lambda client: client.get("/answers/no-such-page/")),
]


@pytest.mark.parametrize("error", database.LOST)
@pytest.mark.parametrize(("status", "fault"), FAULTS)
def test_error_pages_need_no_database(client, status, fault, error):
    client.cookies[settings.DRAFT_COOKIE_NAME] = "a token"
    with database.gone(error):
        response = fault(client)
    assert response.status_code == status
    page = Page(response.content.decode())
    assert page.name == "error"
    assert {"tel:911", "tel:988", "/help-now/"} <= set(page.links)


@pytest.mark.parametrize("error", database.LOST)
@pytest.mark.parametrize("cookie", [None, "a token"])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", "/answers/1/"),
        ("get", "/answers/check/"),
        ("get", "/answers/sharing/"),
        ("get", "/contact/"),
        ("get", "/result/"),
        ("get", "/continue/"),
        ("post", "/answers/1/"),
        ("post", "/answers/check/"),
        ("post", "/answers/sharing/"),
        ("post", "/send/"),
    ],
)
def test_each_page_without_a_database_works_or_shows_help(client, method, path, error, cookie):
    client.raise_request_exception = False
    if cookie:
        client.cookies[settings.DRAFT_COOKIE_NAME] = cookie
    with database.gone(error):
        response = getattr(client, method)(path, well_in("about"))
    if response.status_code == 302:
        assert cookie is None
        return
    page = Page(response.content.decode())
    assert response.status_code == (200 if cookie is None and method == "get" else 503)
    assert page.name == ("section" if response.status_code == 200 else "error")
    assert {"tel:911", "tel:988", "/help-now/"} <= set(page.links)


STATIC_PAGES = ["/", "/help-now/", "/levels-of-care/", "/privacy/", "/accessibility/", "/staying-private/"]


@pytest.mark.parametrize("path", STATIC_PAGES)
def test_pages_that_need_no_answers_work_with_the_database_gone(client, path):
    client.cookies[settings.DRAFT_COOKIE_NAME] = "a token"
    with database.gone():
        assert client.get(path).status_code == 200


@pytest.mark.parametrize("status", [500, 503])
def test_the_other_error_pages_carry_the_help(rf, status):
    page = Page(errors.error_page(rf.get("/"), status).content.decode())
    assert page.name == "error"
    assert {"tel:911", "tel:988", "/help-now/"} <= set(page.links)


@pytest.mark.django_db
def test_a_draft_is_nobody_elses(client):
    draft_for(client, DANA.answers)
    stranger = Walker(Client())
    for path in ("/answers/check/", "/answers/2/", "/result/", "/contact/"):
        assert stranger.get(path).name == "section"
        assert stranger.url == "/answers/1/"
        assert stranger.page.form.chosen.keys() <= {"csrfmiddlewaretoken", "emergency"}
    assert Draft.objects.count() == 1
