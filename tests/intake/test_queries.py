"""How often a page asks the database; statements that only begin and end transactions are not counted."""

import pytest
from django.conf import settings

from intake.models import Draft
from tests.support.database import count_queries
from tests.support.people import SECTIONS, WELL, checked_draft_for, draft_for, well_in
from tests.support.walker import section_url

pytestmark = pytest.mark.django_db

ABOUT = well_in("about")


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/help-now/",
        "/levels-of-care/",
        "/privacy/",
        "/accessibility/",
        "/staying-private/",
        "/answers/1/",
    ],
)
def test_pages_that_need_no_draft_ask_nothing(client, path):
    with count_queries() as statements:
        assert client.get(path).status_code == 200
    assert statements == []


@pytest.mark.parametrize(
    "path", ["/", "/levels-of-care/", "/privacy/", "/accessibility/", "/staying-private/"]
)
def test_pages_about_the_site_ask_nothing_with_a_draft_either(client, path):
    draft_for(client, WELL)
    with count_queries() as statements:
        assert client.get(path).status_code == 200
    assert statements == []


@pytest.mark.parametrize("section", SECTIONS)
def test_a_page_of_questions_asks_once(client, section):
    draft_for(client, WELL)
    with count_queries() as statements:
        assert client.get(section_url(section)).status_code == 200
    assert len(statements) == 1


@pytest.mark.parametrize(
    ("path", "answers"),
    [
        ("/help-now/", WELL),
        ("/continue/", WELL),
        ("/answers/check/", WELL),
        ("/answers/sharing/", WELL),
        ("/contact/", WELL | {"share": "send"}),
    ],
)
def test_every_other_page_asks_once(client, path, answers):
    checked_draft_for(client, answers)
    with count_queries() as statements:
        assert client.get(path).status_code in (200, 302)
    assert len(statements) == 1


@pytest.mark.parametrize("section", SECTIONS)
def test_sending_a_page_reads_once_and_writes_once(client, section):
    draft_for(client, WELL)
    with count_queries() as statements:
        assert client.post(section_url(section), WELL).status_code == 302
    assert len(statements) == 2
    assert statements[0].startswith("SELECT")
    assert statements[1].startswith("UPDATE")


def test_sending_a_page_with_an_error_reads_once_and_writes_once(client):
    draft_for(client, ABOUT)
    with count_queries() as statements:
        assert client.post("/answers/2/", {}).status_code == 302
    assert len(statements) == 2
    with count_queries() as statements:
        assert "Error:" in client.get("/answers/2/").text
    assert len(statements) == 1


def test_the_first_page_with_an_error_asks_nothing(client):
    with count_queries() as statements:
        assert "Error:" in client.post("/answers/1/", {}, follow=True).text
    assert statements == []


def test_the_first_page_makes_the_draft_and_clears_old_ones_away(client):
    with count_queries() as statements:
        assert client.post("/answers/1/", ABOUT).status_code == 302
    assert len(statements) <= 2
    assert Draft.objects.exists()


@pytest.mark.parametrize(
    ("path", "post"), [("/answers/check/", None), ("/answers/sharing/", {"share": "only_me"})]
)
def test_confirming_and_choosing_read_once_and_write_once(client, path, post):
    checked_draft_for(client, WELL)
    if post is None:
        html = client.get(path).content.decode()
        shown = html.partition('name="shown" value="')[2].partition('"')[0]
        post = {"shown": shown.replace("&quot;", '"')}
    with count_queries() as statements:
        assert client.post(path, post).status_code == 302
    assert len(statements) == 2


def test_a_crisis_answer_on_a_page_costs_no_more(client):
    draft_for(client, ABOUT)
    with count_queries() as statements:
        assert client.post("/answers/2/", {"suicidal_now": "yes"}).status_code == 302
    assert len(statements) == 2


def test_the_result_asks_three_times_at_most(client):
    """Once for what was sent, once for what is still kept, once for the programs of the level."""
    checked_draft_for(client, WELL | {"share": "only_me"})
    with count_queries() as statements:
        assert client.get("/result/").status_code == 200
    assert len(statements) <= 3


def test_query_counter_counts_a_query(client):
    client.cookies[settings.DRAFT_COOKIE_NAME] = "a token"
    with count_queries() as statements:
        Draft.objects.exists()
        Draft.objects.exists()
    assert len(statements) == 2
