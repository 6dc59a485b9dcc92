"""Visitors without a session cannot fill the log of accesses: they are counted, in a table that stays small."""

import pytest
from django.test import Client
from django.utils import timezone

from recommend.desk.audit import strangers
from recommend.desk.models import AccessEvent, StrangerEvent
from tests.support.staff import sign_in

pytestmark = pytest.mark.django_db

PAGE = "/staff/desk/strangerevent/"


def rows():
    return [*StrangerEvent.objects.values_list("verb", "what", "address", "count")]


def test_a_thousand_visits_are_one_row_and_none_in_the_chain(client):
    for _ in range(200):
        client.get("/staff/", REMOTE_ADDR="203.0.113.9")
    assert rows() == [("refused", "admin:index", "203.0.113.9", 200)]
    assert not AccessEvent.objects.exists()


def test_pages_that_differ_by_a_number_are_one_row(client):
    for number in range(1, 30):
        client.get(f"/staff/desk/case/{number}/change/", REMOTE_ADDR="203.0.113.9")
    assert rows() == [("refused", "admin:desk_case_change", "203.0.113.9", 29)]


def test_a_network_of_ipv6_is_one_row(client):
    for number in range(1, 30):
        client.get("/staff/", REMOTE_ADDR=f"2001:db8:1:2::{number}")
    assert rows() == [("refused", "admin:index", "2001:db8:1:2::/64", 29)]


def test_each_hour_has_a_row_of_its_own(client, clock):
    client.get("/staff/")
    clock.forward(3600)
    client.get("/staff/")
    assert [row[-1] for row in rows()] == [1, 1]


def test_the_table_is_capped(monkeypatch):
    monkeypatch.setattr(strangers, "MOST", 20)
    for number in range(200):
        strangers.count("refused", "", f"203.0.{number}.1")
    assert StrangerEvent.objects.count() == 20
    assert StrangerEvent.objects.filter(address="203.0.199.1").exists()


def test_rows_expire_after_a_month(clock):
    strangers.count("refused", "", "203.0.113.1")
    clock.forward(strangers.KEPT.total_seconds() + 1)
    strangers.count("refused", "", "203.0.113.2")
    assert [row[2] for row in rows()] == ["203.0.113.2"]


def test_what_staff_are_refused_stays_in_the_chain(client):
    sign_in(client, "administrator")
    client.get("/staff/desk/case/")
    assert AccessEvent.objects.get().verb == "refused"
    assert not StrangerEvent.objects.exists()


def test_an_address_that_is_none_is_not_stored():
    strangers.count("refused", "", "<script>")
    assert rows() == [("refused", "", "", 1)]


def test_the_lead_reads_them_and_reading_is_recorded(client):
    Client().get("/staff/", REMOTE_ADDR="203.0.113.9")
    sign_in(client, "clinical lead", "lena")
    page = client.get(PAGE).content.decode()
    assert "203.0.113.9" in page
    assert "Visits without a session" in page
    assert AccessEvent.objects.values_list("who__username", "verb").first() == ("lena", "audit_read")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?q=203.0.113.9", 1),
        ("?q=203.0.113", 0),
        ("?q=user 12", 1),
        ("?verb__exact=refused", 1),
        ("?from=2100-01-01", 0),
        (f"?from={timezone.localdate()}", 2),
    ],
)
def test_rows_are_found_by_address_user_and_day(client, query, found):
    strangers.count("refused", "admin:index", "203.0.113.9")
    strangers.count("sign_in_failed", "user 12", "203.0.113.8")
    sign_in(client, "clinical lead", "lena")
    assert len(client.get(PAGE + query).context["cl"].result_list) == found


@pytest.mark.parametrize("address", ["add/", "1/change/", "1/delete/"])
def test_rows_are_read_only(client, address):
    sign_in(client, "clinical lead", "lena")
    assert client.get(PAGE + address).status_code == 404
