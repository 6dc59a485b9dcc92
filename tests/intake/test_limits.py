"""Too many requests: the page keeps what was typed, carries the crisis lines, and never stands before crisis help."""

from dataclasses import replace

import pytest
from django.test import Client

from carenav.plumbing.throttle import rates
from carenav.plumbing.throttle.rates import rate
from intake.models import Draft, Submission
from tests.support.people import CONTACT, WELL, checked_draft_for, well_in

pytestmark = pytest.mark.django_db

FEW = 3
SEND_PAGE = "recommend.desk.submissions.send_page"

AWAY = {"REMOTE_ADDR": "203.0.113.9"}
ELSEWHERE = {"REMOTE_ADDR": "198.51.100.7"}


@pytest.fixture(autouse=True)
def few(monkeypatch):
    """So many sends and starts would take a minute."""
    for module, name in (("intake.sections", "START"), (SEND_PAGE, "SEND")):
        limit = getattr(rates, name)
        monkeypatch.setattr(f"{module}.{name}", replace(limit, own=replace(limit.own, burst=FEW)))


def start(**where):
    return Client().post("/answers/1/", well_in("about"), **where)


def use_up(call) -> None:
    for _ in range(FEW):
        assert call().status_code != 429


def assert_wait_page(response, *kept: str) -> None:
    page = response.content.decode()
    assert response.status_code == 429
    assert int(response["Retry-After"]) > 0
    assert 'href="tel:988"' in page
    assert "Send it again" in page
    for each in kept:
        assert each in page


def test_starts_are_limited_by_address_and_what_was_chosen_is_kept():
    use_up(lambda: start(**AWAY))
    assert_wait_page(start(**AWAY), 'name="age" value="18_64"', 'name="place" value="us"')
    assert Draft.objects.count() == FEW
    assert start(**ELSEWHERE).status_code == 302


def test_a_crisis_answer_leads_to_help_however_many_came_before(caplog):
    use_up(lambda: start(**AWAY))
    response = Client().post("/answers/1/", well_in("about") | {"emergency": ["about_to"]}, **AWAY)
    assert response["Location"] == "/help-now/"
    assert "could not be kept" not in caplog.text


def test_going_on_is_not_limited():
    client = Client()
    client.post("/answers/1/", well_in("about"), **AWAY)
    use_up(lambda: client.post("/answers/1/", well_in("about"), **AWAY))
    assert client.post("/answers/1/", well_in("about"), **AWAY).status_code == 302


def send(**where):
    client = Client()
    checked_draft_for(client, WELL | {"share": "send"})
    return client.post("/send/", CONTACT, **where)


def test_sending_is_limited_by_address_and_what_was_typed_is_kept():
    use_up(lambda: send(**AWAY))
    assert_wait_page(send(**AWAY), "I work nights.", "Robin Example", "(617) 555-0100")
    assert Submission.objects.count() == FEW
    assert send(**ELSEWHERE)["Location"] == "/result/"


def test_the_draft_survives_a_refusal():
    use_up(lambda: send(**AWAY))
    client = Client()
    checked_draft_for(client, WELL | {"share": "send"})
    assert client.post("/send/", CONTACT, **AWAY).status_code == 429
    assert client.post("/send/", CONTACT, **ELSEWHERE)["Location"] == "/result/"


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/come-back/", {"code": "ACDE-FHJK-LMNP-QRTU"}),
        ("/delete/", {"reference": "K7QX-92MD", "code": "ACDE-FHJK-LMNP-QRTU"}),
    ],
)
def test_codes_are_limited_in_total(monkeypatch, path, form):
    """One address waits for its own wrong codes long before; this is against many."""
    tight = replace(rates.CODE, total=rate(2, 10))
    for module in ("intake.resume", "recommend.desk.submissions.delete_page"):
        monkeypatch.setattr(f"{module}.CODE", tight)
    for number in range(2):
        Client().post(path, form, REMOTE_ADDR=f"203.0.113.{number}")
    response = Client().post(path, form, REMOTE_ADDR="203.0.113.0")
    assert_wait_page(response, form["code"])


def test_the_page_is_in_the_language_of_the_person():
    use_up(lambda: start(**AWAY))
    response = Client().post("/answers/1/", well_in("about"), headers={"Accept-Language": "es"}, **AWAY)
    assert response.status_code == 429
    assert 'lang="es"' in response.content.decode()


def test_what_was_typed_is_escaped():
    use_up(lambda: send(**AWAY))
    client = Client()
    checked_draft_for(client, WELL | {"share": "send"})
    page = client.post("/send/", CONTACT | {"note": '"><script>alert(1)</script>'}, **AWAY).content.decode()
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)" in page
