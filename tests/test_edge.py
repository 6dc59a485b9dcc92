"""A request that Django cannot read: the numbers to call, safe headers, and nothing of it in the log."""

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.test import RequestFactory

from carenav.edge import at_the_edge, without_charset

MANY = "&".join(f"a{number}=1" for number in range(600))


def answer(path: str = "/help-now/", method: str = "GET", content_type: str = "", query: str = ""):
    environ = RequestFactory().generic("GET", path).environ | {
        "REQUEST_METHOD": method,
        "CONTENT_TYPE": content_type,
        "QUERY_STRING": query,
    }
    said = {}

    def start_response(status, headers, exc_info=None):
        said.update(status=status, headers=dict(headers))

    body = b"".join(at_the_edge(WSGIHandler())(environ, start_response))
    return int(said["status"].split()[0]), said["headers"], body.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("charset", ["idna", "uu", "no-such-charset", "utf-8"])
def test_no_charset_keeps_anybody_from_crisis_help(charset):
    status, _headers, body = answer(content_type=f"text/plain; charset={charset}", query="a=%00")
    assert status in (200, 400)
    assert "tel:988" in body


@pytest.mark.django_db
def test_an_address_with_too_many_values_gets_the_last_page(caplog):
    status, _headers, body = answer(content_type="text/plain; charset=utf-8", query=MANY)
    assert status < 500
    assert "tel:988" in body
    assert "a599" not in caplog.text


def test_what_cannot_be_read_gets_numbers_and_safe_headers(settings, caplog):
    def broken(environ, start_response):
        raise LookupError("canary")

    settings.SECURE_HSTS_SECONDS = 3600
    said = {}
    environ = {"REQUEST_METHOD": "GET"}
    body = at_the_edge(broken)(environ, lambda status, headers: said.update(headers, status=status))
    assert b"tel:988" in b"".join(body)
    assert said["status"] == "400 Bad Request"
    assert said["Cache-Control"] == "no-store"
    assert said["Content-Security-Policy"].startswith("default-src 'none'")
    assert said["X-Content-Type-Options"] == "nosniff"
    assert said["Strict-Transport-Security"] == "max-age=3600"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path", ["/", "/help-now/", "/levels-of-care/", "/come-back/", "/delete/", "/answers/1/", "/plan/"]
)
def test_head_is_as_get_without_a_body(path):
    got = answer(path)
    status, _headers, body = answer(path, "HEAD")
    assert (status, body) == (got[0], "")
    assert got[2]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("", ""),
        ("text/plain", "text/plain"),
        ("text/plain; charset=uu", "text/plain"),
        ("multipart/form-data; Charset=idna; boundary=x", "multipart/form-data; boundary=x"),
    ],
)
def test_only_the_charset_is_dropped(given, kept):
    assert without_charset(given) == kept
