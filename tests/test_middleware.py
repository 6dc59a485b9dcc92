"""What every response carries, and faults that must not become a 500, tried on views of this file alone."""

import io
import logging

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import InterfaceError, OperationalError
from django.http import HttpResponse
from django.urls import path

from carenav import urls
from carenav.urls import handler400, handler403, handler404, handler500  # noqa: F401, read by Django

pytestmark = pytest.mark.urls(__name__)

CANARY = "canary-answer-4711"


def fine(request):
    return HttpResponse("fine")


def fails(error):
    def view(request):
        raise error

    return view


def refused(request):
    raise PermissionDenied(CANARY)


urlpatterns = [
    path("fine/", fine),
    path("staff/fine/", fine),
    path("bug/", fails(RuntimeError(CANARY))),
    path("no-connection/", fails(OperationalError(CANARY))),
    path("lost-connection/", fails(InterfaceError(CANARY))),
    path("refused/", refused),
    *urls.urlpatterns,  # the error pages have links
]

STATUS = {
    "/fine/": 200,
    "/staff/fine/": 200,
    "/nowhere/": 404,
    "/fine/?q=%00": 400,
    "/refused/": 403,
    "/bug/": 500,
    "/no-connection/": 503,
    "/lost-connection/": 503,
}


@pytest.fixture
def visitor(client):
    """A client that meets an exception as a browser would: as a page."""
    client.raise_request_exception = False
    return client


@pytest.fixture(params=STATUS)
def response(visitor, request):
    response = visitor.get(request.param)
    assert response.status_code == STATUS[request.param]
    return response


def policy(response) -> dict[str, str]:
    parts = response["Content-Security-Policy"].split("; ")
    return dict(part.split(" ", 1) for part in parts)


def test_every_response_is_private(response):
    assert response["Cache-Control"] == "no-store"
    assert response["X-Robots-Tag"] == "noindex, nofollow"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["X-Frame-Options"] == "DENY"
    assert response["Referrer-Policy"] == "same-origin"
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"
    assert response["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=()" in response["Permissions-Policy"]
    assert not response.cookies


def test_every_response_has_a_strict_policy(response):
    staff = response.wsgi_request.path.startswith("/staff/")
    of_staff = {"connect-src": "'self'"} if staff else {}
    assert policy(response) == of_staff | {
        "default-src": "'none'",
        "script-src": "'self'" if staff else "'none'",
        "style-src": "'self'",
        "img-src": "'self'",
        "font-src": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
    }


def test_static_file_is_served_unchanged_with_the_same_headers(client):
    response = client.get("/static/admin/css/base.css")
    assert response.status_code == 200
    assert response["Content-Type"].startswith("text/css")
    assert policy(response)["default-src"] == "'none'"
    assert "Access-Control-Allow-Origin" not in response
    assert "no-store" not in response["Cache-Control"]
    assert b"".join(response).strip()


@pytest.mark.parametrize(
    "address", ["/%00", "/a%00/", "/%01", "/%7F", "/?a=%00", "/?%00=a", "/?a=%0A", "/static/%00"]
)
def test_a_control_character_in_an_address_is_a_bad_request(visitor, address):
    assert visitor.get(address).status_code == 400


@pytest.mark.parametrize(
    "address", ["/fine/?a=b%20c", "/fine/?a=%C3%A9", "/fine/?a=%FF", "/fine/?a=%ED%A0%80"]
)
def test_other_characters_in_an_address_are_fine(visitor, address):
    assert visitor.get(address).status_code == 200


@pytest.mark.parametrize(
    "cookie",
    [
        r'session="\000abcdefgh"',
        r'session="\001"; draft="\000"',
        r'draft="\012\015"',
        "session=" + "x" * 5000,
        "session=é",
        "=; ; ;=;",
        '"',
        r'csrftoken="\000"',
    ],
)
@pytest.mark.django_db
def test_a_malformed_cookie_does_no_harm(visitor, cookie):
    assert visitor.get("/fine/", headers={"Cookie": cookie}).status_code == 200
    assert visitor.get("/staff/login/", headers={"Cookie": cookie}).status_code == 200
    assert visitor.get("/staff/", headers={"Cookie": cookie}).status_code == 302


def test_a_cookie_with_a_control_character_is_dropped_and_the_others_stay(client):
    response = client.get("/fine/", headers={"Cookie": r'draft="\000"; other="a b"'})
    assert response.wsgi_request.COOKIES == {"other": "a b"}


@pytest.mark.django_db
def test_a_control_character_in_a_staff_form_is_a_bad_request(visitor):
    assert visitor.post("/staff/login/", {"username": "a\0", "password": "b"}).status_code == 400
    assert visitor.post("/staff/login/", {"username\x01": "a", "password": "b"}).status_code == 400
    assert visitor.post("/staff/login/", {"username": "a\tb", "password": "b\r\nc"}).status_code == 200


@pytest.mark.parametrize("charset", ["base64", "idna", "undefined", "utf-16", "unicode_escape", "no-such"])
@pytest.mark.django_db
def test_a_form_is_read_as_utf_8_whatever_its_header_says(visitor, charset):
    """Else some of what Python can decode fails, and some makes characters that cannot be stored."""
    header = f"multipart/form-data; boundary=x; charset={charset}"
    body = '--x\r\nContent-Disposition: form-data; name="emergency"\r\n\r\n{}\r\n--x--\r\n'
    crisis = visitor.generic("POST", "/answers/1/", body.format("about_to").encode(), header)
    assert crisis["Location"] == "/help-now/"
    other = visitor.generic("POST", "/answers/1/", body.format("\\ud800é").encode(), header)
    assert other.wsgi_request.POST["emergency"] == "\\ud800é"
    assert other["Location"] == "/answers/1/"


@pytest.mark.django_db
def test_an_uploaded_file_is_refused(visitor, tmp_path):
    (tmp_path / "a.txt").write_text("a")
    with (tmp_path / "a.txt").open() as file:
        assert visitor.post("/staff/fine/", {"file": file}).status_code == 400


@pytest.mark.django_db
def test_a_body_too_large_is_refused(visitor):
    response = visitor.post("/staff/fine/", {"a": "x" * (settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)})
    assert response.status_code in (400, 413)


def test_another_host_is_refused(visitor):
    assert visitor.get("/fine/", headers={"Host": "evil.example"}).status_code == 400


@pytest.mark.parametrize(
    ("method", "address"), [("GET", "/result/change/"), ("POST", "/help-now/"), ("PUT", "/answers/1/")]
)
def test_a_page_opened_in_a_way_it_does_not_know_carries_the_crisis_help(visitor, method, address):
    """Such as the address of a form that was refused, loaded again."""
    response = visitor.generic(method, address, headers={"Accept-Language": "es"})
    page = response.content.decode()
    assert response.status_code == 405
    assert int(response["Content-Length"]) == len(response.content)  # a server sends no more than that
    assert response["Allow"]
    assert 'data-page="error"' in page
    assert 'href="tel:911"' in page
    assert 'lang="es"' in page


def test_a_database_lost_outside_a_view_is_503_too(visitor, monkeypatch):
    def lost(*args):
        raise OperationalError(CANARY)

    monkeypatch.setattr("django.contrib.sessions.middleware.SessionMiddleware.process_request", lost)
    assert visitor.get("/fine/").status_code == 503


@pytest.mark.parametrize(
    ("address", "logged"),
    [
        ("/bug/", "builtins.RuntimeError"),
        ("/no-connection/", "django.db.utils.OperationalError"),
        (
            "/refused/",
            "Forbidden (Permission denied): /refused/",
        ),  # what a scanner meets, without a traceback
        ("/nowhere/", "Not Found: /nowhere/"),
    ],
)
def test_exception_message_is_neither_shown_nor_logged(visitor, address, logged, monkeypatch, capsys):
    console = logging.getLogger("django").handlers[0]
    assert console in logging.getLogger().handlers
    monkeypatch.setattr(console, "stream", io.StringIO())
    page = visitor.get(address).content.decode()
    log = console.stream.getvalue()
    assert logged in log
    assert address in log
    assert CANARY not in page + log + "".join(capsys.readouterr())
