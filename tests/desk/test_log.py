"""The page of who looked at what: for the clinical lead alone, to read and nothing else; it never counts to the end."""

import re

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone

from recommend.desk import queues
from recommend.desk.audit import chain, verification
from recommend.desk.models import AccessEvent
from tests.support.database import count_queries
from tests.support.staff import sign_in, staff_user

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
    chain.append(ann.pk, "read", "K7QX-92MD", "203.0.113.7")
    chain.append(bo.pk, "read", "K7QX-92MD")
    chain.append(bo.pk, "search", "")
    chain.append(None, "sign_in_failed", f"user {bo.pk}")


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


# ---- by person


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?who={ann}", [("ann", "read")]),
        ("?who={bo}", [("bo", "search"), ("bo", "read")]),
        ("?who={cy}", []),  # has done nothing yet
        ("?who=nobody", [(None, "sign_in_failed")]),
        ("?who={bo}&verb__exact=read", [("bo", "read")]),
        ("?who={bo}&q=K7QX-92MD", [("bo", "read")]),
        ("?who={bo}&to=2001-01-01", []),
    ],
)
def test_a_person_is_chosen_from_all_who_have_an_account(lead, rows, query, found):
    ids = {name: staff_user("coordinator", name).pk for name in ("ann", "bo", "cy")}
    assert shown(lead.get(LOG + query.format(**ids))) == found


@pytest.mark.parametrize("odd", ["", "ann", "4711", "-1", "9" * 30, "٣", "1,2", "' OR 1=1 --"])
def test_log_filter_by_an_unknown_person_is_ignored(lead, rows, odd):
    assert shown(lead.get(LOG, {"who": odd})) == EVERYTHING


def people(lead, query=""):
    """What the select offers, the way to leave it open apart."""
    page = lead.get(LOG + query).content.decode()
    [select] = re.findall(r'<select name="who">(.*?)</select>', page, re.DOTALL)
    return re.findall(r'<option value="([^"]+)"(?: selected)?>([^<]+)<', select)


def test_log_filter_offers_inactive_people(lead, rows):
    ann = get_user_model().objects.get(username="ann")
    ann.is_active = ann.is_staff = False
    ann.save()
    assert [name for _, name in people(lead)] == [
        "Nobody who was signed in",
        "ann (not active)",
        "bo",
        "lena",
    ]
    assert shown(lead.get(f"{LOG}?who={ann.pk}")) == [("ann", "read")]


def test_log_filters_combine_with_day_and_search(lead, rows):
    bo = get_user_model().objects.get(username="bo").pk
    page = lead.get(f"{LOG}?who={bo}&verb__exact=read&from=2001-01-01&q=K7QX-92MD").content.decode()
    assert f'<option value="{bo}" selected>bo</option>' in page
    of_people, of_days = re.findall(r'<form method="get" class="beside.*?</form>', page, re.DOTALL)
    hidden = {
        name: re.findall(f'hidden" name="{name}"', of_people) for name in ("verb__exact", "from", "q", "who")
    }
    assert [name for name, found in hidden.items() if found] == ["verb__exact", "from", "q"]
    assert f'<input type="hidden" name="who" value="{bo}">' in of_days
    [search] = re.findall(r'<form class="search".*?</form>', page, re.DOTALL)
    assert f'<input type="hidden" name="who" value="{bo}">' in search


def test_log_links_to_the_sign_in_events_of_a_person(lead, rows):
    """A failed sign-in is nobody's: it keeps who was meant, by number, and never what was typed."""
    bo = get_user_model().objects.get(username="bo").pk
    page = lead.get(f"{LOG}?who={bo}").content.decode()
    [link] = re.findall(r'href="(\?q=user[^"]+)"', page)
    assert shown(lead.get(LOG + link)) == [(None, "sign_in_failed")]
    assert "?q=user" not in lead.get(f"{LOG}?who=nobody").content.decode()


def test_reading_the_log_is_recorded(lead, rows):
    lead.get(LOG + "?q=K7QX-92MD")
    latest = AccessEvent.objects.values_list("who__username", "verb", "what").first()
    assert latest == ("lena", "audit_read", "")


@pytest.mark.parametrize("role", ["coordinator", "administrator"])
def test_log_is_for_the_clinical_lead_only(client, rows, role):
    sign_in(client, role)
    assert client.get(LOG).status_code == 403
    assert AccessEvent.objects.first().verb == "refused"


@pytest.mark.parametrize("address", ["add/", "1/change/", "1/delete/"])
def test_log_is_read_only(lead, rows, address):
    assert lead.get(LOG + address).status_code == 404
    assert lead.post(LOG + address, {"post": "yes", "what": "x"}).status_code == 404


def test_log_offers_no_action(lead, rows):
    assert 'name="action"' not in lead.get(LOG).content.decode()
    lead.post(LOG, {"action": "delete_selected", "_selected_action": [1], "post": "yes"})
    assert AccessEvent.objects.filter(number=1).exists()
    assert list(verification.Verification().faults()) == []


def test_log_query_count_is_constant(lead, rows, monkeypatch):
    def statements():
        with count_queries() as done:
            lead.get(LOG)
        return done

    few = statements()
    for _ in range(30):
        chain.append(staff_user("coordinator", "ann").pk, "read", "K7QX-92MD")
    many = statements()
    assert len(few) == len(many)
    assert all("LIMIT" in each for each in many if "COUNT(" in each.upper())
    monkeypatch.setattr(queues, "COUNT_CAP", 7)
    assert lead.get(LOG).context["cl"].result_count == 7
