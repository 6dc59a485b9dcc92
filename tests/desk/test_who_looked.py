"""What the pages of the desk leave in the log: one row each, with the case's reference and never with what it says."""

import pytest
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME

from recommend.desk.models import AccessEvent
from recommend.desk.submissions.erase import erase
from tests.support.cases import case_url, new_case
from tests.support.people import BOB, DANA
from tests.support.staff import sign_in

pytestmark = pytest.mark.django_db

LIST = "/staff/desk/case/"


@pytest.fixture
def case(db):
    return new_case(BOB)


@pytest.fixture
def desk(client):
    sign_in(client, name="ann")
    return client


def chosen(case, **more):
    return {ACTION_CHECKBOX_NAME: [case.pk], f"version_{case.pk}": case.version, "index": "0"} | more


def paper_of(case):
    return f"{LIST}{case.pk}/print/"


def latest():
    event = AccessEvent.objects.first()
    assert AccessEvent.objects.count() == 1
    assert event.who.username == "ann"
    return event.verb, event.what


def test_first_page_is_recorded(desk):
    desk.get("/staff/")
    assert latest() == ("list", "work")


def test_list_is_recorded(desk, case):
    desk.get(f"{LIST}?list=all")
    assert latest() == ("list", "cases")


def test_search_is_recorded_without_its_text(desk, case):
    desk.post(f"{LIST}search/", {"text": "Robin Example"})
    assert latest() == ("search", "")


def test_reading_a_case_is_recorded(desk, case):
    assert desk.get(case_url(case)).status_code == 200
    assert latest() == ("read", case.reference)


def test_revealing_free_text_is_recorded(desk, case):
    shown = {"version": case.version, "since": 0}
    assert "I work nights." in desk.post(case_url(case), shown | {"reveal": "1"}).content.decode()
    assert latest() == ("reveal", case.reference)


def test_free_text_that_its_person_has_deleted_is_not_revealed(desk, case):
    shown = {"version": case.version, "since": 0}
    erase(case.submission)
    assert desk.post(case_url(case), shown | {"reveal": "1"}).status_code == 409
    assert latest() == ("read", case.reference)


def test_saving_a_case_is_recorded(desk, case):
    desk.post(case_url(case), {"version": case.version, "since": 0, "save": "1", "note": "canary"})
    assert latest() == ("change", case.reference)


def test_bulk_action_is_recorded(desk, case):
    desk.post(LIST, chosen(case, action="assign_to_me", confirmed="1"))
    assert latest() == ("change", "assign_to_me: 1 case")


def test_printing_a_sheet_is_recorded(desk, case):
    html = desk.get(paper_of(case)).content.decode()
    assert latest() == ("print", case.reference)
    for words in ("Robin Example", case.reference, "Why and when", "after 6 pm"):
        assert words in html
    assert "I work nights." not in html


def test_refused_case_is_recorded(client, case):
    sign_in(client, "administrator", "ann")
    assert client.get(case_url(case)).status_code == 403
    assert latest() == ("refused", case.reference)


def test_missing_case_is_recorded(desk):
    desk.get(f"{LIST}4711/change/")
    assert latest() == ("page", "admin:desk_case_change 4711")


def test_the_case_says_who_looked_at_it(desk, client, case):
    other = new_case(DANA)
    desk.get(paper_of(case))
    desk.get(case_url(other))
    html = desk.get(case_url(case)).content.decode()
    assert html.count("Printed a case") == 1
    assert "Read a case" not in html
    assert "Read a case" in desk.get(case_url(case)).content.decode()
