"""Error pages carry the crisis help, whatever is broken."""

import pytest
from django.template import engines
from django.test import Client, RequestFactory

from carenav import errors
from intake import csrf

PAGES = ["400", "403", "404", "429", "500", "503", "csrf"]


@pytest.mark.parametrize("name", PAGES)
def test_each_error_page_needs_no_database_and_carries_the_crisis_help(rf, name):
    status = int(name) if name.isdecimal() else 403
    response = errors.error_page(rf.get("/"), status, name)  # a query would fail: no database is asked for
    page = response.content.decode()
    assert response.status_code == status
    assert page != errors.PLAIN_PAGE
    assert 'data-page="error"' in page
    assert 'href="tel:911"' in page
    assert 'href="tel:988"' in page


def test_a_page_that_cannot_be_rendered_is_replaced_by_a_constant_one(rf, monkeypatch):
    def broken(request):
        raise RuntimeError

    django = engines["django"].engine
    monkeypatch.setattr(django, "template_context_processors", (broken,))
    response = errors.service_unavailable(rf.get("/"))
    assert response.status_code == 503
    assert response.content.decode() == errors.PLAIN_PAGE


def test_the_constant_page_carries_the_crisis_help():
    for wanted in ('data-page="error"', "tel:911", "tel:999", "tel:112", "tel:000", "tel:111", "tel:988"):
        assert wanted in errors.PLAIN_PAGE
        english, _, spanish = errors.PLAIN_PAGE.partition('<section lang="es">')
        assert wanted in english
        assert wanted in spanish or "data" in wanted


@pytest.mark.parametrize(
    ("call", "status"),
    [
        (lambda request: errors.bad_request(request, Exception()), 400),
        (lambda request: errors.permission_denied(request, Exception()), 403),
        (lambda request: errors.page_not_found(request, Exception()), 404),
        (lambda request: csrf.csrf_failure(request, reason="no cookie"), 403),
        (lambda request: errors.too_many_requests(request, 40), 429),
        (errors.server_error, 500),
        (errors.service_unavailable, 503),
    ],
)
def test_each_helper_has_its_status(call, status):
    assert call(RequestFactory().get("/")).status_code == status


@pytest.mark.django_db
def test_a_form_without_its_token_gets_the_csrf_page():
    response = Client(enforce_csrf_checks=True).post("/staff/login/", {"username": "a", "password": "b"})
    assert response.status_code == 403
    assert "This page was open for too long" in response.text
    patients = Client(enforce_csrf_checks=True).post("/answers/1/", {})
    assert patients.templates[0].name == "errors/csrf.html"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("headers", "offered"),
    [
        ({}, True),  # a browser that says nothing of the kind
        ({"Origin": "http://testserver", "Sec-Fetch-Site": "same-origin"}, True),
        ({"Origin": "https://elsewhere.example"}, False),
        ({"Origin": "null"}, False),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": "same-site"}, False),
    ],
    ids=str,
)
def test_form_of_another_site_is_not_offered_to_be_sent_again(headers, offered, rf):
    client = Client(enforce_csrf_checks=True)
    refused = client.post("/staff/", {"note": "Call at nine"}, headers=headers)
    assert ("Send it again</button>" in refused.text) is offered
    assert ("Call at nine" in refused.text) is offered
    patients = errors.service_unavailable(rf.post("/answers/1/", {"home": "unsafe"}, headers=headers))
    assert (b"Send it again" in patients.content) is offered
