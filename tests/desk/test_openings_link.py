"""A program writes its openings by a link: nothing else, only by POST, only as long as the link works."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from carenav.plumbing.throttle.rates import OPENINGS
from recommend.desk import workflow
from recommend.desk.models import LINK_LIFE, AccessEvent, OpeningsLink
from recommend.desk.placement.openings_page import link_of, make_link
from recommend.programs import openings
from recommend.programs.models import Program
from tests.support.cases import at_desk, called, new_case, user
from tests.support.languages import english_in
from tests.support.people import BOB
from tests.support.placements import place
from tests.support.programs import make_program

pytestmark = pytest.mark.django_db

TOMORROW = timezone.localdate() + timedelta(days=1)
GIVEN = {"free_places": "3", "next_start": f"{TOMORROW}", "wait_weeks": "0"}


@pytest.fixture
def program(db) -> Program:
    return make_program("Harbor", capacity=10)


@pytest.fixture
def url(program) -> str:
    return f"/openings/{make_link(program, user('ann').pk)}/"


def stored() -> dict[str, object]:
    return Program.objects.values().get()


def test_a_program_writes_its_openings_and_reads_that_they_are_saved(client, url):
    assert "Openings of Harbor" in client.get(url).text
    response = client.post(url, GIVEN)
    assert (response.status_code, response["Location"]) == (302, f"{url}?saved=1")
    after = Program.objects.get()
    assert (after.free_places, after.next_start, after.wait_weeks) == (3, TOMORROW, 0)
    assert after.knows_openings(timezone.now())
    html = client.get(response["Location"]).text
    assert "Thank you." in html
    assert 'value="3"' in html
    assert OpeningsLink.objects.get().used_at


def test_nothing_but_openings_is_written(client, url):
    before = stored()
    client.post(
        url,
        GIVEN | {"name": "Mine", "phone": "1", "capacity": "99", "active": "", "checked_on": "2020-01-01"},
    )
    changed = {name for name, value in stored().items() if value != before[name]}
    assert changed == {*openings.NAMES, "openings_at"}


@pytest.mark.parametrize("method", ["get", "head", "options"])
def test_opening_the_link_writes_nothing(client, url, method):
    before = stored()
    getattr(client, method)(url)
    assert client.get(url, GIVEN).status_code == 200
    assert stored() == before
    assert OpeningsLink.objects.get().used_at is None
    assert not AccessEvent.objects.exists()


def test_a_form_without_the_token_of_the_page_is_refused(url):
    assert Client(enforce_csrf_checks=True).post(url, GIVEN).status_code == 403
    assert stored()["free_places"] is None


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"free_places": "-1"}, "greater than or equal to 0"),
        ({"free_places": "11"}, "We know of 10 places."),
        ({"free_places": "many"}, "whole number"),
        ({"next_start": "2020-01-01"}, "from today on"),
        ({"wait_weeks": "9999"}, "less than or equal to 104"),
    ],
    ids=str,
)
def test_a_mistake_is_said_on_the_next_page_and_nothing_is_written(client, url, fields, said):
    response = client.post(url, GIVEN | fields, follow=True)
    assert response.redirect_chain == [(url, 302)]
    assert said in response.text
    assert f'value="{next(iter(fields.values()))}"' in response.text
    assert stored()["free_places"] is None
    assert client.post(url, GIVEN, follow=True).context["form"].errors == {}


@pytest.mark.parametrize(
    "end",
    [
        {"revoked_at": timezone.now()},
        {"made_at": timezone.now() - LINK_LIFE - timedelta(minutes=1)},
        {"token_hash": "another"},
    ],
    ids=["revoked", "expired", "unknown"],
)
def test_a_link_that_ended_shows_and_writes_nothing(client, url, end):
    OpeningsLink.objects.update(**end)
    for response in (client.get(url), client.post(url, GIVEN)):
        assert response.status_code == 404
        assert "This link no longer works" in response.text
        assert "Harbor" not in response.text
        assert "988" in response.text
    assert stored()["free_places"] is None
    assert not AccessEvent.objects.exists()


def test_a_link_works_until_its_last_day(client, url):
    OpeningsLink.objects.update(made_at=timezone.now() - LINK_LIFE + timedelta(minutes=5))
    assert client.post(url, GIVEN)["Location"].endswith("saved=1")


def test_a_link_is_for_one_program(client, url):
    other = make_program("Other")
    client.post(url, GIVEN)
    other.refresh_from_db()
    assert other.free_places is None


def test_each_write_is_in_the_access_log_without_a_user(client, url, program):
    client.post(url, GIVEN)
    event = AccessEvent.objects.get()
    link = OpeningsLink.objects.get()
    assert (event.who, event.verb) == (None, "change")
    assert event.what == f"openings of program {program.pk} by link {link.pk}"


def test_the_database_does_not_have_the_link(url):
    token = url.split("/")[2]
    assert token not in str(OpeningsLink.objects.values().get())
    assert link_of(token).program.name == "Harbor"
    assert link_of(token[:-1]) is None


def test_posts_by_link_are_limited_by_address(client, url):
    far = {"REMOTE_ADDR": "203.0.113.7"}
    answers = [client.post(url, GIVEN, **far).status_code for _ in range(OPENINGS.own.burst + 1)]
    assert (answers[-2], answers[-1]) == (302, 429)
    assert client.get(url, **far).status_code == 200


def test_the_page_has_crisis_help_and_nothing_about_a_person(client, url, program):
    case = called(new_case(BOB), user("bo"))
    workflow.record_disposition(case, user("bo"), "iop")
    place(case, user("bo"), program=program)
    html = client.get(url).text
    assert "988" in html
    for secret in (case.reference, "Robin", "555-0100", "ann"):
        assert secret not in re.sub(r"<[^>]*>", " ", html)


def test_the_page_is_there_in_spanish(url):
    client = Client(headers={"Accept-Language": "es"})
    html = client.post(url, GIVEN | {"free_places": "99", "next_start": "2020-01-01"}, follow=True).text
    assert english_in(html, "es") == []
    client.post(url, GIVEN)
    assert english_in(client.get(f"{url}?saved=1").text, "es") == []


# ---- the desk


def link_url(program) -> str:
    return f"/staff/recommend/program/{program.pk}/link/"


def test_staff_make_a_link_that_is_shown_once_and_works(program):
    ann = at_desk("ann")
    assert not re.search("/openings/", ann.get(link_url(program)).text)
    assert not OpeningsLink.objects.exists()
    html = ann.post(link_url(program)).text
    path = re.search(r"http://testserver(/openings/[^<]*)</code>", html)[1]
    assert Client().post(path, GIVEN)["Location"].endswith("saved=1")
    html = ann.get(link_url(program)).text
    assert path not in html
    assert "by ann" in html
    assert "last used" in html
    assert AccessEvent.objects.filter(what=f"link of program {program.pk}: made", who=user("ann")).exists()


def test_staff_revoke_a_link_of_this_program_only(program, url):
    ann, other = at_desk("ann"), make_program("Other")
    pk = OpeningsLink.objects.get().pk
    for pressed in (pk, "x", ""):
        ann.post(link_url(other), {"revoke": pressed})
    assert OpeningsLink.objects.alive().exists()
    ann.post(link_url(program), {"revoke": pk})
    assert not OpeningsLink.objects.alive().exists()
    assert Client().get(url).status_code == 404
    assert AccessEvent.objects.filter(what=f"link of program {program.pk}: revoked").exists()


def test_the_page_of_a_program_leads_to_its_links(program):
    assert (
        f'href="{link_url(program)}"'
        in at_desk("ann").get(f"/staff/recommend/program/{program.pk}/change/").text
    )
