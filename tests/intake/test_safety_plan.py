"""The plan for hard moments: for anybody, to fill in and print, and never a word of it sent."""

import re

import pytest

from recommend.desk.submissions import submit
from tests.support.database import gone
from tests.support.people import CONTACT, WELL, checked_draft_for, draft_for

PLAN = "/plan/"
WITH_COMPANY = "Can you stay with me"
BY_PHONE = "Can you stay on the phone"


def plan(client):
    response = client.get(PLAN)
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.django_db
def test_anybody_can_open_it_and_no_form_sends_what_is_typed(client):
    main = plan(client).partition("<main")[2].partition("</main>")[0]
    boxes = re.findall(r"<div[^>]*contenteditable[^>]*>", main)
    assert len(boxes) == 7
    for box in boxes:
        assert 'role="textbox"' in box
        assert 'spellcheck="false"' in box
        (heading,) = re.findall(r'aria-labelledby="([^"]+)"', box)
        assert f'<h2 id="{heading}">' in main
    assert not re.search("<(form|input|textarea|script)", main)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("answers", "with_company"),
    [
        ({}, False),
        ({"wish_dead": "yes"}, False),
        ({"wish_dead": "yes", "harm_others": "skip"}, False),
        ({"wish_dead": "yes", "harm_others": "none"}, True),
        ({"wish_dead": "yes", "harm_others": "passing"}, True),
        ({"wish_dead": "yes", "harm_others": "urges"}, False),
        ({"emergency": ["about_to_others"], "harm_others": "none"}, False),
    ],
    ids=str,
)
def test_it_sends_for_company_only_where_nobody_else_is_in_danger(client, answers, with_company):
    draft_for(client, answers)
    assert (WITH_COMPANY in plan(client)) == with_company
    assert (BY_PHONE in plan(client)) != with_company


@pytest.mark.django_db
def test_after_sending_it_goes_by_what_was_sent(client):
    submit.submit(checked_draft_for(client, WELL | {"share": "send"}), CONTACT | {"email": ""})
    assert WITH_COMPANY in plan(client)


@pytest.mark.django_db
def test_without_a_database_it_is_the_plan_for_everyone(client):
    draft_for(client, WELL)
    with gone():
        html = plan(client)
    assert WITH_COMPANY not in html
    assert BY_PHONE in html


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("answers", "led"),
    [(WELL | {"emergency": ["about_to"]}, True), (WELL | {"self_care": "stopped"}, False), (WELL, False)],
    ids=["suicide", "self-care", "well"],
)
def test_the_result_leads_there_whom_it_may_help(client, answers, led):
    checked_draft_for(client, answers | {"share": "only_me"})
    assert (f'href="{PLAN}"' in client.get("/result/").content.decode()) == led


@pytest.mark.django_db
@pytest.mark.parametrize("answers", [{}, {"emergency": ["about_to"]}, {"self_care": "stopped"}], ids=str)
def test_every_crisis_page_leads_there_so_that_the_link_tells_nothing(client, answers):
    draft_for(client, answers)
    assert f'href="{PLAN}"' in client.get("/help-now/").content.decode()
