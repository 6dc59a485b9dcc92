"""Today: the next case on top, what is to do by tier with exact counts, and the way to the other lists."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from recommend.desk import queues
from recommend.desk.models import Tier
from recommend.desk.pages import home
from tests.support.cases import at_desk, case_like, new_case, user
from tests.support.people import ALICE, CHARLIE, DANA
from tests.support.staff import sign_in

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


@pytest.fixture
def ann(db) -> Client:
    return at_desk("ann")


def next_case(client: Client) -> str:
    found = re.search(r'id="next-case"[^>]*>Open ([\w-]+)<', client.get("/staff/").text)
    return found[1] if found else ""


def test_the_newest_crisis_that_nobody_acknowledged_is_next(ann):
    older = case_like(DANA, 2 * HOUR, tier=Tier.NOW)
    newest = case_like(DANA, HOUR / 2, tier=Tier.NOW)
    case_like(ALICE, 9 * HOUR)
    assert next_case(ann) == newest.reference
    case_like(DANA, HOUR / 6, tier=Tier.NOW, acknowledged_at=older.opened_at + 2 * HOUR)
    assert next_case(ann) == newest.reference


def test_next_is_what_save_and_next_would_open(ann):
    first, _second = case_like(CHARLIE, 3 * HOUR), case_like(ALICE, 9 * HOUR)
    assert next_case(ann) == first.reference
    assert queues.rows(queues.to_do(user("ann"), first.opened_at + 3 * HOUR)).first() == first


def test_tiers_of_today_are_counted_beyond_the_rows_shown(ann, monkeypatch):
    monkeypatch.setattr(home, "FIRST", 2)
    for person in (DANA, CHARLIE, ALICE, ALICE, ALICE):
        case_like(person, HOUR)
    case_like(ALICE, assignee=user("bo"))  # a colleague's: not to do for Ann
    response = ann.get("/staff/")
    shown = {each.tier: (each.count, len(each.rows)) for each in response.context["tiers"]}
    assert sum(count for count, _ in shown.values()) == 5
    assert sum(rows for _, rows in shown.values()) == 2
    assert shown[Tier.ROUTINE] == (3, 0)
    text = " ".join(re.sub(r"<[^>]*>", " ", response.text).split())
    assert "Routine 3 in the order they are due 3 more" in text


def test_link_of_each_tier_opens_its_cases(ann):
    case_like(DANA, HOUR)
    charlie = case_like(CHARLIE, HOUR)
    html = ann.get("/staff/desk/case/?list=todo&tier=3").text
    assert re.findall(r"Choose ([\w-]+)", html) == [charlie.reference]


def test_without_work_today_says_so_and_offers_no_next_case(ann):
    case_like(ALICE, assignee=user("bo"))
    html = ann.get("/staff/").text
    assert "all caught up" in html
    assert "next-case" not in html


def test_an_administrator_sees_no_work_on_the_first_page():
    new_case(DANA)
    client = Client()
    sign_in(client, "administrator")
    html = client.get("/staff/").text
    assert "next-case" not in html
    assert "Find" not in html


@pytest.mark.parametrize(
    ("path", "place"),
    [("/staff/", "Today"), ("/staff/desk/case/", "Cases"), ("/staff/desk/case/search/", "Find")],
)
def test_bar_on_top_says_where_one_is(ann, path, place):
    html = ann.get(path).text
    [current] = re.findall(r'aria-current="page"\s*>([^<]*)</a>', html)
    assert current == place


def test_list_filters_show_what_is_chosen(ann):
    case_like(CHARLIE, HOUR)
    html = ann.get("/staff/desk/case/?list=todo&tier=3").text
    assert re.search(r'class="filter set" name="filter">\s*<summary>Urgency: <b>Soon</b>', html)
    assert html.count('class="filter set"') == 1
    assert re.search(r'aria-current="true">To do</a>', html)
    assert "Clear all filters" in html
