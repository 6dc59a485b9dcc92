"""Leave this site: the draft and every cookie go, at once and whatever is broken."""

import pytest
from django.conf import settings

from intake.models import Draft
from tests.support import database
from tests.support.people import WELL, draft_for
from tests.support.walker import Walker


def deleted_cookies(response) -> set[str]:
    return {name for name, cookie in response.cookies.items() if cookie["max-age"] == 0 and not cookie.value}


@pytest.mark.django_db
def test_leave_deletes_draft_and_cookies_and_opens_a_neutral_site(client):
    others = draft_for(client, WELL)
    draft_for(client, WELL)
    client.cookies["csrftoken"] = "a" * 32
    client.cookies["something"] = "else"
    response = client.get("/leave/")
    assert response.status_code == 302
    assert response["Location"] == settings.LEAVE_TO
    assert deleted_cookies(response) == {settings.DRAFT_COOKIE_NAME, settings.CSRF_COOKIE_NAME, "something"}
    assert Draft.objects.get() == others
    assert client.get("/continue/")["Location"] == "/answers/1/"


@pytest.mark.django_db
def test_leave_without_a_draft_does_the_same(client):
    response = client.get("/leave/")
    assert response["Location"] == settings.LEAVE_TO
    assert deleted_cookies(response) == {settings.DRAFT_COOKIE_NAME, settings.CSRF_COOKIE_NAME}


@pytest.mark.parametrize("error", database.LOST)
def test_leave_works_with_the_database_gone(client, error):
    client.cookies[settings.DRAFT_COOKIE_NAME] = "a token"
    with database.gone(error):
        response = client.get("/leave/")
    assert response["Location"] == settings.LEAVE_TO
    assert deleted_cookies(response) == {settings.DRAFT_COOKIE_NAME, settings.CSRF_COOKIE_NAME}


@pytest.mark.django_db
@pytest.mark.parametrize(
    "cookies",
    ["a b=1", "é=1", "path=/", "expires=now; max-age=1", "[x]=1", "a,b=1", "=; ;", '"', "x" * 4000 + "=1"],
)
def test_leave_works_with_malformed_cookies(client, cookies):
    client.raise_request_exception = False
    response = client.get("/leave/", headers={"Cookie": f"{cookies}; {settings.DRAFT_COOKIE_NAME}=a"})
    assert response.status_code == 302
    assert {settings.DRAFT_COOKIE_NAME, settings.CSRF_COOKIE_NAME} <= deleted_cookies(response)


@pytest.mark.django_db
def test_every_page_has_it_first_and_then_skip(client):
    walker = Walker(client)
    draft_for(client, WELL)
    for path in (
        "/",
        "/answers/1/",
        "/answers/check/",
        "/help-now/",
        "/privacy/",
        "/levels-of-care/",
        "/no/",
    ):
        walker.get(path)
        assert walker.page.links[:2] == ["/leave/", "#content"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Purpose": "prefetch;prerender"},
        {"Purpose": "prefetch"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Dest": "image", "Sec-Fetch-Mode": "no-cors"},
    ],
    ids=str,
)
def test_a_page_fetched_ahead_or_asked_for_elsewhere_ends_no_visit(client, headers):
    draft = draft_for(client, WELL)
    response = client.get("/leave/", headers=headers)
    assert response["Location"] == settings.LEAVE_TO
    assert not response.cookies
    assert Draft.objects.get() == draft


@pytest.mark.django_db
@pytest.mark.parametrize("site", ["same-origin", "none", ""])
def test_leave_pressed_here_or_typed_ends_the_visit(client, site):
    draft_for(client, WELL)
    client.get("/leave/", headers={"Sec-Fetch-Site": site} if site else {})
    assert not Draft.objects.exists()
