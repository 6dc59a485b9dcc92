"""A page arrives soon on a poor connection: all that it takes, compressed, is 14 KB at most."""

import pytest
from django.conf import settings
from django.test import Client

from tests.support.people import ALICE, DANA, ERIN, WELL, checked_draft_for
from tests.support.weight import MOST, weight

pytestmark = pytest.mark.django_db


@pytest.fixture(params=dict(settings.LANGUAGES))
def client(request) -> Client:
    """A browser in each language."""
    return Client(headers={"Accept-Language": request.param})


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/answers/1/",
        "/answers/2/",
        "/answers/2-2/",
        "/answers/5/",
        "/answers/8/",
        "/answers/check/",
        "/help-now/",
        "/answers/sharing/",
    ],
)
def test_section_page_weighs_little(client, path):
    checked_draft_for(client, DANA.answers)
    response = client.get(path)
    assert response.status_code == 200
    assert weight(response.content) <= MOST


@pytest.mark.parametrize(
    "answers", [ALICE.answers, DANA.answers, ERIN.answers | {"home": "unsafe", "people": "none"}]
)
def test_result_page_weighs_little(client, answers):
    checked_draft_for(client, answers | {"share": "only_me"})
    response = client.get("/result/")
    assert response.status_code == 200
    assert weight(response.content) <= MOST


def test_page_with_errors_weighs_little(client):
    checked_draft_for(client, {id: WELL[id] for id in ("emergency", "who", "age", "place")})
    assert weight(client.post("/answers/2/", {}, follow=True).content) <= MOST
