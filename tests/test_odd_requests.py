"""Requests as no form of ours sends them: a crisis answer in one still leads to help, and nothing breaks."""

import io

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.test import Client, RequestFactory

from carenav.edge import at_the_edge

CRISIS = b"emergency=about_to"
MANY = b"&".join(b"a%d=1" % number for number in range(600))
pytestmark = pytest.mark.django_db


def post(body: bytes, path: str = "/answers/1/", **headers: str):
    return Client().post(path, body, content_type="application/x-www-form-urlencoded", **headers)


@pytest.mark.parametrize(
    "body",
    [CRISIS + b"&" + MANY, CRISIS + b"&note=" + b"x" * 400_000, MANY + b"&" + CRISIS],
    ids=["many fields", "many bytes", "at the end of many fields"],
)
def test_a_crisis_answer_in_too_large_a_form_leads_to_help(body):
    assert post(body)["Location"] == "/help-now/"


@pytest.mark.parametrize("body", [MANY, b"note=" + b"x" * 400_000], ids=["many fields", "many bytes"])
def test_too_large_a_form_without_one_is_a_bad_request_with_numbers(body):
    response = post(body)
    assert response.status_code == 400
    assert "tel:988" in response.content.decode()


def test_a_staff_form_that_is_too_large_leads_nowhere_else():
    assert post(CRISIS + b"&" + MANY, "/staff/login/").status_code == 400


def chunked(body: bytes, **environ: object):
    """What is answered to a body without a length, as gunicorn hands it on."""
    request = RequestFactory().generic("POST", "/answers/1/").environ | {
        "CONTENT_TYPE": "application/x-www-form-urlencoded",
        "CONTENT_LENGTH": "",
        "HTTP_TRANSFER_ENCODING": "chunked",
        "wsgi.input_terminated": True,
        "wsgi.input": io.BytesIO(body),
    }
    said = {}
    page = at_the_edge(WSGIHandler())(
        request | environ, lambda status, headers, exc_info=None: said.update(headers, status=status)
    )
    return said | {"page": b"".join(page).decode()}


@pytest.mark.parametrize(
    "body",
    [CRISIS, CRISIS + b"&" + MANY, CRISIS + b"&note=" + b"x" * 400_000],
    ids=["small", "many", "large"],
)
def test_a_crisis_answer_in_a_body_without_a_length_leads_to_help(body):
    assert chunked(body)["Location"] == "/help-now/"


def test_a_body_without_a_length_or_chunks_is_empty():
    """Nobody knows where it ends: to read it could take for ever."""
    said = chunked(CRISIS, **{"wsgi.input_terminated": False})
    assert "Location" not in said or said["Location"] != "/help-now/"
