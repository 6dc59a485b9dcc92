"""Filters of several choices with chips, and views of the list that are saved and shared."""

import re

import pytest
from django.test import Client

from recommend.desk.models import AccessEvent, SavedView
from recommend.desk.pages import saved_views
from tests.support.cases import at_desk, new_case, user
from tests.support.people import CHARLIE
from tests.support.staff import sign_in

pytestmark = pytest.mark.django_db

LIST, VIEWS = "/staff/desk/case/", "/staff/desk/case/views/"


@pytest.fixture
def ann(db) -> Client:
    return at_desk("ann")


@pytest.fixture
def lead(db) -> Client:
    sign_in(client := Client(), "clinical lead", "lead")
    return client


def shown(client: Client) -> str:
    return client.get(LIST).text


def test_a_choice_adds_itself_to_the_address_and_takes_itself_out(ann):
    html = ann.get(f"{LIST}?level=iop&tier=3").text
    links = re.findall(r'href="\?([^"]*)"[^>]*>PHP</a>', html)
    assert links == ["level=iop%2Cphp&amp;tier=3", "chosen=php&amp;level=iop&amp;tier=3"]
    both = ann.get(f"{LIST}?level=iop,php").text
    assert re.findall(r'href="\?([^"]*)" aria-current="true">PHP</a>', both) == ["level=iop"]


def test_chips_name_what_is_chosen_and_take_it_out(ann):
    html = ann.get(f"{LIST}?level=iop,php&tier=3&list=all").text
    chips = html.partition('class="chosen"')[2].partition("</ul>")[0]
    assert re.findall(r"Take out: ([^,]*),</span> (\w+)", chips) == [
        ("recommended", "IOP"), ("recommended", "PHP"), ("urgency", "Soon"),
    ]  # fmt: skip
    links = re.findall(r'href="\?([^"]*)"', chips)
    assert [sorted(link.split("&amp;")) for link in links] == [
        ["level=php", "list=all", "tier=3"], ["level=iop", "list=all", "tier=3"], ["level=iop%2Cphp", "list=all"],
    ]  # fmt: skip
    assert "Recommended: <b>IOP, PHP</b>" in html


def test_without_a_choice_there_are_no_chips(ann):
    assert 'class="chosen"' not in ann.get(f"{LIST}?list=todo").text


# ---- saved views


def test_a_view_is_saved_opened_and_deleted(ann):
    case = new_case(CHARLIE)
    new_case()
    saved = ann.post(VIEWS, {"name": "Day programs", "query": "level=php&list=todo"}, follow=True)
    assert "The view was saved." in saved.text
    link = rf'href="{LIST}\?list=todo&amp;level=php"\s+aria-current="true">Day programs</a>'
    assert re.search(link, saved.text)
    assert AccessEvent.objects.filter(verb="change", what="view saved").exists()
    view = SavedView.objects.get()
    assert list(ann.get(f"{LIST}?{view.query}").context["cl"].result_list) == [case]
    assert "Day programs" not in ann.post(VIEWS, {"delete": view.pk}, follow=True).text
    assert not SavedView.objects.exists()


def test_saving_under_the_same_name_replaces_the_view(ann):
    for query in ("level=php", "level=iop"):
        ann.post(VIEWS, {"name": "Mine", "query": query})
    assert SavedView.objects.get().query == "level=iop"


@pytest.mark.parametrize(
    ("query", "stored"),
    [
        ("?level=iop,php&p=3&o=1", "level=iop,php"),
        ("tier=1&level=php&list=todo", "list=todo&level=php&tier=1"),
        ("q=Robin&name=Robin", ""),
        ("level=Robin Example", ""),
        ("level=%3Cscript%3E&tier=2", "tier=2"),
        ("level=" + "a" * 200, ""),
        ("", ""),
    ],
)
def test_a_view_stores_codes_of_filters_and_nothing_else(query, stored):
    assert saved_views.filters_in(query) == stored


def test_views_are_ones_own_until_a_lead_shares_one(ann, lead):
    ann.post(VIEWS, {"name": "Of Ann", "query": "who=me"})
    lead.post(VIEWS, {"name": "Of the lead", "query": "tier=1"})
    lead.post(VIEWS, {"name": "For all", "query": "tier=2", "shared": "1"})
    assert "Of Ann" not in shown(lead)
    assert "For all" in shown(ann)
    assert "Of the lead" not in shown(ann)


def test_only_a_lead_shares_or_deletes_what_is_shared(ann, lead):
    assert "Share with the team" not in shown(ann)
    assert ann.post(VIEWS, {"name": "For all", "query": "", "shared": "1"}).status_code == 403
    lead.post(VIEWS, {"name": "For all", "query": "tier=2", "shared": "1"})
    view = SavedView.objects.get()
    assert "Delete “For all”" not in shown(ann)
    assert ann.post(VIEWS, {"delete": view.pk}).status_code == 403
    assert SavedView.objects.exists()


@pytest.mark.parametrize("pk", ["", "x", "0", "9" * 40])
def test_deleting_no_view_is_refused(ann, pk):
    assert ann.post(VIEWS, {"delete": pk}).status_code == 403


def test_a_view_needs_a_short_name_and_there_are_not_too_many(ann, monkeypatch):
    monkeypatch.setattr(saved_views, "MOST", 1)
    for name in ("", " ", "x" * 41):
        assert "Give it a name" in ann.post(VIEWS, {"name": name, "query": ""}, follow=True).text
    ann.post(VIEWS, {"name": "One", "query": ""})
    assert "Delete one first" in ann.post(VIEWS, {"name": "Two", "query": ""}, follow=True).text
    ann.post(VIEWS, {"name": "One", "query": "tier=1"})
    assert [view.query for view in SavedView.objects.filter(by=user("ann"))] == ["tier=1"]
