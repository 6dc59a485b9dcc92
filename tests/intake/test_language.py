"""The language of every page can be changed there, and nothing that is typed, shown or chosen is lost."""

import re

import pytest
from django.conf import settings
from django.test import Client

from carenav.clinic.checks import words_in_every_language
from carenav.plumbing import codes
from intake.models import Draft, Submission
from tests.support.languages import Shown
from tests.support.people import (
    ALICE,
    CONTACT,
    DANA,
    SECTIONS,
    WELL,
    checked_draft_for,
    draft_for,
    well_before,
)
from tests.support.walker import Walker, section_url

pytestmark = pytest.mark.django_db

# Pages of an address of their own that hold nothing typed.
LINKS = [
    "/",
    "/help-now/",
    "/privacy/",
    "/accessibility/",
    "/staying-private/",
    "/plan/",
    "/where-to-get-help/1/",
    "/stopped-for-now/",
    "/save/",
    "/result/",
    "/result/sheet/",
    "/levels-of-care/",
    "/about/",
    "/how-we-decide/",
    "/where-sources-disagree/",
    "/proof/",
    "/openings/no-such-link/",
    "/nowhere/",
]


def shown(walker: Walker) -> str:
    return walker.steps[-1].response.content.decode()


def switch(walker: Walker, answers=None) -> str:
    """Press the language button of the page's own form, with what is filled in."""
    form = walker.page.form
    data = form.chosen | dict(answers or {}) | {"switch_to": "es"}
    assert re.search(
        r'<button class="language" form="main" name="switch_to" value="es" lang="es">', shown(walker)
    )
    assert ' id="main"' in shown(walker)
    walker._follow("POST", form.action or walker.url, data)
    return shown(walker)


def in_spanish(walker: Walker) -> bool:
    response = walker.steps[-1].response
    return Shown(shown(walker)).language == response["Content-Language"] == "es"


@pytest.mark.some(6)
@pytest.mark.parametrize("url", LINKS)
def test_a_page_that_holds_nothing_typed_has_a_link(url):
    walker = Walker()
    checked_draft_for(walker.client, DANA.answers | {"share": "only_me"})
    walker.get(url)
    assert walker.steps[-1].path == url
    [link] = [link for link in walker.page.links if link.startswith("/language/")]
    walker.get(link)
    assert walker.steps[-1].path == url
    assert in_spanish(walker)
    [back] = [link for link in walker.page.links if link.startswith("/language/")]
    walker.get(back)
    assert (walker.steps[-1].path, Shown(shown(walker)).language) == (url, "en")


@pytest.mark.parametrize(
    ("url", "answers"),
    [
        ("/answers/1/", {"place": "ca", "shared_device": "yes"}),
        ("/answers/2/", {"wish_dead": "no", "burden": "skip"}),
        ("/answers/5/", {"also": ["baby", "eating"]}),
        ("/come-back/", {"code": "acde fhjk", "shared_device": "yes"}),
        ("/delete/", {"reference": "k7qx 97", "code": "acde"}),
        ("/try-it/", {"who": "me", "home": ["unsafe"], "also": ["baby", "eating"]}),
    ],
)
@pytest.mark.parametrize("with_errors", [False, True])
def test_what_is_filled_in_stays(url, answers, with_errors):
    walker = Walker()
    if url.startswith("/answers/"):
        draft_for(walker.client, well_before(next(name for name in SECTIONS if section_url(name) == url)))
    walker.get(url)
    if with_errors and url != "/try-it/":
        walker.send({name: value for name, value in answers.items() if name != "shared_device"})
        assert walker.page.title.startswith("Error:")
    before = list(Draft.objects.values_list("answers", flat=True))
    switch(walker, answers)
    assert walker.status == 200
    assert in_spanish(walker)
    for name, value in answers.items():
        assert walker.page.form.chosen[name] in ([value], value, ["", *value]), name
    assert list(Draft.objects.values_list("answers", flat=True)) == before


def test_what_is_typed_to_be_reached_stays():
    walker = Walker()
    checked_draft_for(walker.client, WELL | {"share": "send"})
    walker.get("/contact/")
    switch(walker, CONTACT)
    assert in_spanish(walker)
    for name, value in CONTACT.items():
        if name != "note":  # a text field, whose words are no attribute
            assert walker.page.form.chosen[name] == [value]
    assert CONTACT["note"] in shown(walker)
    assert not Submission.objects.exists()


def test_a_try_of_the_rules_keeps_its_answer():
    walker = Walker()
    walker.get("/try-it/")
    walker.send({"other_symptoms": "moderate"})
    level = walker.page.level
    assert level
    switch(walker)
    assert in_spanish(walker)
    assert walker.page.level == level
    assert walker.page.form.chosen["other_symptoms"] == ["moderate"]


@pytest.mark.parametrize("answers", [{"who": "other"}, {"age": "13_17"}, {"age": "under_13"}], ids=str)
def test_a_page_that_ends_the_questions_is_shown_again(answers):
    walker = Walker().walk(WELL | answers | {"place": "ca"})
    by_link(walker)
    assert walker.page.name == "stop"
    assert in_spanish(walker)
    assert walker.page.title.startswith("Dónde encontrar ayuda, página")
    assert "1-800-668-6868" in shown(walker) or answers == {"who": "other"}  # still the lines of Canada
    assert not Draft.objects.exists()


def by_link(walker: Walker) -> None:
    """Take the language link of a page that a form leads to: it has an address of its own."""
    [link] = [link for link in walker.page.links if link.startswith("/language/")]
    walker.get(link)


def test_the_code_is_shown_again_and_stays_the_same():
    walker = Walker()
    draft = draft_for(walker.client, WELL)
    walker.get("/save/")
    walker.send({})
    code = re.search(r'class="code" translate="no">([^<]*)<', shown(walker)).group(1)
    by_link(walker)
    assert in_spanish(walker)
    assert f'class="code" translate="no">{code}<' in shown(walker)
    draft.refresh_from_db()
    assert draft.code_hash in codes.code_hashes(code)


def test_the_page_after_stopping_is_shown_again():
    walker = Walker()
    draft_for(walker.client, WELL)
    walker.get("/save/")
    walker.send({})
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]*)"', shown(walker)).group(1)
    walker._follow("POST", "/save/", {"stop": "yes", "csrfmiddlewaretoken": token})
    assert settings.DRAFT_COOKIE_NAME not in {
        name for name, cookie in walker.client.cookies.items() if cookie.value
    }
    title = re.search("<h1>(.*?)</h1>", shown(walker)).group(1)
    by_link(walker)
    assert in_spanish(walker)
    assert walker.status == 200
    assert title not in shown(walker)
    assert Draft.objects.count() == 1


def test_the_page_after_deleting_is_shown_again_and_deletes_nothing_more():
    walker = Walker().walk(WELL | CONTACT | {"share": "send"})
    walker.get("/delete/")
    token = walker.page.form.chosen["csrfmiddlewaretoken"]
    walker._follow("POST", "/delete/", {"here": "yes", "csrfmiddlewaretoken": token})
    reference = Submission.objects.get().reference
    assert reference in shown(walker)
    other, kept = Submission.objects.count(), draft_for(Client(), WELL)
    by_link(walker)
    assert in_spanish(walker)
    assert reference in shown(walker)
    assert Submission.objects.count() == other
    assert Draft.objects.get() == kept


def test_a_crisis_answer_leads_to_help_in_the_new_language():
    walker = Walker()
    draft_for(walker.client, well_before("daily_life"))
    walker.get("/answers/4/")
    switch(walker, {"self_care": "stopped"})
    assert walker.page.name == "crisis"
    assert in_spanish(walker)


def test_the_choice_lasts_and_ends_with_leaving(client):
    client.get("/language/es/?to=/")
    assert client.get("/").headers["Content-Language"] == "es"
    assert client.get("/staff/login/").headers["Content-Language"] == "en"
    client.get("/leave/")
    assert client.get("/").headers["Content-Language"] == "en"


@pytest.mark.parametrize(
    "to", ["nowhere", "?a=b", "%F0%9F", "intake:privacy", "//evil.example", "/%5Cevil.example"]
)
def test_a_page_to_go_back_to_that_was_made_up_leads_to_the_first_page(client, to):
    assert client.get(f"/language/es/?to={to}")["Location"] == "/"


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("es", "es"),
        ("es-MX,es;q=0.9", "es"),
        ("en, es;q=0.5", "en"),
        ("fr", "en"),
        ("", "en"),
        ("fr, es;q=0.1", "es"),
    ],
)
def test_the_browser_says_which_language(client, accepted, language):
    response = client.get("/", headers={"Accept-Language": accepted})
    assert Shown(response.content.decode()).language == response["Content-Language"] == language
    assert "Accept-Language" in response["Vary"]


@pytest.mark.parametrize("url", ["/%00", "/nowhere/"])
def test_an_error_before_the_language_is_known_still_speaks_it(client, url):
    client.get("/", headers={"Accept-Language": "en"})  # nothing of an earlier request may show through
    response = client.get(url, headers={"Accept-Language": "es"})
    assert Shown(response.content.decode()).language == response["Content-Language"] == "es"
    client.get("/", headers={"Accept-Language": "es"})
    assert client.get(url, headers={"Accept-Language": "en"})["Content-Language"] == "en"


def test_unreadable_post_is_refused_in_the_browsers_language(client):
    too_large = {"a": "x" * (settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)}
    response = client.post("/answers/1/", too_large, headers={"Accept-Language": "es"})
    assert response.status_code in (400, 413)
    assert Shown(response.content.decode()).language == "es"


def test_the_staff_pages_stay_english_whatever_is_posted(client):
    response = client.post("/staff/login/", {"switch_to": "es", "username": "a", "password": "b"})
    assert response["Content-Language"] == "en"
    assert settings.LANGUAGE_COOKIE_NAME not in response.cookies


def test_the_clinic_speaks_the_language_of_the_page(client, settings):
    settings.CLINIC_HOURS = "Monday to Friday"
    settings.CLINIC_IN = {"es": {"HOURS": "de lunes a viernes", "NAME": ""}}
    assert "de lunes a viernes" in client.get("/", headers={"Accept-Language": "es"}).content.decode()
    english = client.get("/").content.decode()
    assert "Monday to Friday" in english
    assert "lunes" not in english


def test_without_words_for_a_language_its_pages_say_it_in_general(client, settings):
    settings.CLINIC_NAME = "Harbor Lights"
    settings.CLINIC_HOURS, settings.CLINIC_RESPONSE_TIME = "Monday to Friday", "within one working day"
    settings.CLINIC_IN = {}
    spanish = client.get("/", headers={"Accept-Language": "es"}).content.decode()
    assert "Harbor Lights" in spanish  # as on the door
    for words in ("Monday", "working day"):
        assert words in client.get("/").content.decode()
        assert words not in spanish
    assert "en horas de oficina" in spanish.lower() or "horario de oficina" in spanish.lower()
    assert {message.msg.split()[0] for message in words_in_every_language(None)} == {
        "CLINIC_HOURS_ES",
        "CLINIC_RESPONSE_TIME_ES",
    }
    settings.CLINIC_IN = {"es": {"HOURS": "de lunes a viernes", "RESPONSE_TIME": "en un día"}}
    assert words_in_every_language(None) == []


def test_a_draft_remembers_the_language_it_was_answered_in(client):
    client.get("/language/es/")
    client.post("/answers/1/", WELL)
    assert Draft.objects.get().language == "es"


def test_what_is_sent_is_in_the_language_in_which_it_was_confirmed():
    """The desk reads the answers in the words that the person read them in."""
    walker = Walker().walk(ALICE.answers, until="check")
    assert Draft.objects.get().language == "en"
    switch(walker)
    walker.walk(CONTACT | {"share": "send"})
    assert Submission.objects.get().language == "es"
