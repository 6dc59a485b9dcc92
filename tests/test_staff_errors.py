"""Errors at the desk are told to staff: what to do, the way back to the desk, and what they had typed."""

import pytest
from django.db import OperationalError
from django.test import Client

from carenav import errors, staff_errors
from tests.support.cases import at_desk, case_url, new_case
from tests.support.staff import sign_in

NOTE = "She asked for Tuesday, not before 10."


@pytest.mark.parametrize("name", staff_errors.WORDS)
def test_each_staff_error_page_needs_no_database_and_leads_to_the_desk(rf, name):
    status = int(name) if name.isdecimal() else 403
    response = errors.error_page(rf.get("/staff/desk/case/"), status, name)
    page = response.content.decode()
    assert response.status_code == status
    assert staff_errors.WORDS[name].title in page
    assert 'data-page="error"' in page
    assert 'href="/staff/"' in page
    assert "You did nothing wrong" not in page
    assert "Leave this site" not in page


@pytest.mark.parametrize("name", staff_errors.WORDS)
def test_what_was_typed_is_on_the_page_and_can_be_sent_again_where_that_helps(rf, name):
    request = rf.post(
        "/staff/desk/case/1/change/", {"version": "3", "note": NOTE, "attempt_note": "Two words"}
    )
    page = errors.error_page(request, int(name) if name.isdecimal() else 403, name).content.decode()
    assert f">{NOTE}</textarea>" in page
    assert ">Two words</textarea>" in page
    again = bool(staff_errors.WORDS[name].again)
    assert (f'<input type="hidden" name="note" value="{NOTE}">' in page) == again
    assert ('name="version" value="3"' in page) == again
    assert ("Send it again</button>" in page) == again


@pytest.mark.parametrize(
    "fields",
    [
        {"username": "ann", "password": "a long way to go", "code": "123456"},
        {"old_password": "a long way", "new_password1": "a longer way", "note": "Never mind"},
        {"step_up_code": "123 456"},
        {"csrfmiddlewaretoken": "a b"},
    ],
)
def test_what_one_signs_in_with_is_never_shown_again(rf, fields):
    page = errors.error_page(rf.post("/staff/login/", fields), 500).content.decode()
    for value in fields.values():
        assert value not in page


def test_whose_form_it_is_is_sent_again_and_not_shown(rf):
    request = rf.post("/staff/desk/case/1/change/", {"note": NOTE, "whose": "signed"})
    page = errors.error_page(request, 403, "csrf").content.decode()
    assert '<input type="hidden" name="whose" value="signed">' in page
    assert ">signed</textarea>" not in page


def test_a_body_that_cannot_be_read_leaves_a_page_all_the_same(rf, monkeypatch):
    request = rf.post("/staff/", {"note": NOTE})
    monkeypatch.setattr(type(request), "POST", property(lambda self: 1 / 0))
    response = errors.error_page(request, 500)
    assert staff_errors.WORDS["500"].title in response.content.decode()


@pytest.mark.django_db
def test_a_refused_page_speaks_to_staff():
    client = Client()
    sign_in(client, "administrator")
    response = client.get("/staff/desk/case/")
    assert response.status_code == 403
    assert "Your role does not include it" in response.text
    assert "988" in response.text  # a coordinator may have somebody on the phone
    assert client.get("/staff/nowhere/").status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize(("error", "status"), [(RuntimeError, 500), (OperationalError, 503)])
def test_a_note_survives_a_save_that_fails(monkeypatch, error, status):
    case, client = new_case(), at_desk()
    client.raise_request_exception = False

    def broken(*args: object) -> None:
        raise error

    monkeypatch.setattr("recommend.desk.pages.case_page.save", broken)
    response = client.post(case_url(case), {"version": "1", "since": "0", "note": NOTE})
    assert response.status_code == status
    assert f">{NOTE}</textarea>" in response.text
    assert "Send it again" in response.text


@pytest.mark.django_db
def test_a_patient_s_error_page_is_as_before(client):
    page = client.get("/no-such-page/").text
    assert "tel:988" in page
    assert "carenav desk" not in page
