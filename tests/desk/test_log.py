"""The page of who looked at what: for the clinical lead alone, to read and nothing else; it never counts to the end."""

import pytest
from django.utils import timezone

from recommend.desk import audit, log
from recommend.desk.models import AccessEvent
from tests.database import count_queries
from tests.desk.staff import sign_in, staff_user

pytestmark = pytest.mark.django_db

LOG = "/staff/desk/accessevent/"


@pytest.fixture
def lead(client):
    sign_in(client, "clinical lead", "lena")
    return client


@pytest.fixture
def rows(db):
    """What Ann and Bo did."""
    ann, bo = staff_user("coordinator", "ann"), staff_user("coordinator", "bo")
    audit.write(ann.pk, "read", "K7QX-92MD", "203.0.113.7")
    audit.write(bo.pk, "read", "K7QX-92MD")
    audit.write(bo.pk, "search", "")
    audit.write(None, "sign_in_failed", f"user {bo.pk}")


def shown(response):
    """Who did what, newest first, as the page shows it."""
    assert response.status_code == 200
    return [(event.who and event.who.username, event.verb) for event in response.context["cl"].result_list]


EVERYTHING = [(None, "sign_in_failed"), ("bo", "search"), ("bo", "read"), ("ann", "read")]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", EVERYTHING),
        ("?q=K7QX-92MD", [("bo", "read"), ("ann", "read")]),
        ("?q=K7QX", []),
        ("?q=ann", [("ann", "read")]),
        ("?q=an", []),
        ("?verb__exact=search", [("bo", "search")]),
        ("?q=bo&verb__exact=read", [("bo", "read")]),
        ("?from=2100-01-01", []),
        ("?to=2001-01-01", []),
        (f"?from={timezone.localdate()}&to={timezone.localdate()}", EVERYTHING),
        ("?from=yesterday&to=9999-12-31", EVERYTHING),
    ],
)
def test_rows_are_found_by_reference_person_verb_and_day(lead, rows, query, found):
    assert shown(lead.get(LOG + query)) == found


def test_reading_it_is_recorded(lead, rows):
    lead.get(LOG + "?q=K7QX-92MD")
    latest = AccessEvent.objects.values_list("who__username", "verb", "what").first()
    assert latest == ("lena", "audit_read", "")


@pytest.mark.parametrize("role", ["coordinator", "administrator"])
def test_it_is_for_the_clinical_lead(client, rows, role):
    sign_in(client, role)
    assert client.get(LOG).status_code == 403
    assert AccessEvent.objects.first().verb == "refused"


@pytest.mark.parametrize("address", ["add/", "1/change/", "1/delete/"])
def test_nothing_is_added_changed_or_deleted_here(lead, rows, address):
    assert lead.get(LOG + address).status_code == 404
    assert lead.post(LOG + address, {"post": "yes", "what": "x"}).status_code == 404


def test_no_action_is_offered(lead, rows):
    assert 'name="action"' not in lead.get(LOG).content.decode()
    lead.post(LOG, {"action": "delete_selected", "_selected_action": [1], "post": "yes"})
    assert AccessEvent.objects.filter(number=1).exists()
    assert list(audit.Verification().faults()) == []


def test_the_number_of_rows_makes_no_difference(lead, rows, monkeypatch):
    def statements():
        with count_queries() as done:
            lead.get(LOG)
        return done

    few = statements()
    for _ in range(30):
        audit.write(staff_user("coordinator", "ann").pk, "read", "K7QX-92MD")
    many = statements()
    assert len(few) == len(many)
    assert all("LIMIT" in each for each in many if "COUNT(" in each.upper())
    monkeypatch.setattr(log, "SHOWN", 7)
    assert lead.get(LOG).context["cl"].result_count == 7
