"""The crisis page: which texts and numbers stand on it for whom, and that nothing around it tells."""

import re

import pytest
from django.conf import settings
from django.db import OperationalError
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import translation

from carenav.clinic.content import crisis_lines
from intake import content, ways_out
from intake.safety.shown import paragraphs_of
from intake.static_pages import texts_for_everyone
from tests.support import database
from tests.support.people import DANA, FRANK, GRACE, HENRY, WELL, draft_for, well_before
from tests.support.walker import Page, Walker, outside_the_page

HELP = "/help-now/"

VIOLENCE = {"harm_others": "may_act"}
ABOUT_TO_OTHERS = {"emergency": ["about_to_others"]}
SUICIDE = {"wish_dead": "yes", "suicidal_now": "yes", "suicide_plan": "plan"}
SENDS_FOR_COMPANY = {"alone", "say-it", "children", "same-day-company", "sober-company"}
ON_SUICIDE = {
    *("suicide-now", "same-day-suicide", "say-it", "hurt-on-purpose"),
    *("means", "means-gun", "means-gun-others", "means-pills", "gun-storage"),
    "plan",
}


def texts_on(html: str, place: str = "us", language: str = "en") -> set[str]:
    """Ids of the safety texts of which every paragraph stands on a page."""
    with translation.override(language):
        words = {text.id: paragraphs_of(text.text, place) for text in content.safety_texts().all.values()}
    return {id for id, parts in words.items() if all(f"<p>{part}</p>" in html for part in parts)}


def page_for(client: Client, differs: dict, **draft: object) -> str:
    draft_for(client, WELL | differs, **draft)
    return client.get(HELP).content.decode()


# ---- which texts


KINDS = {
    "suicide": (
        SUICIDE | {"guns": "no"},
        {"suicide-now", "alone", "say-it", "children", "means", "fear", "plan"},
    ),
    "suicide, before guns were asked about": (
        SUICIDE,
        {"suicide-now", "alone", "say-it", "children", "means", "gun-storage", "fear", "plan"},
    ),
    "suicide, a gun in reach": (
        SUICIDE | {"guns": "reach"},
        {"suicide-now", "alone", "say-it", "children", "means-gun", "means", "fear", "gun-storage", "plan"},
    ),
    "about to": (
        {"emergency": ["about_to"]},
        {"suicide-now", "alone", "say-it", "children", "means", "fear", "gun-storage", "plan"},
    ),
    "violence": (VIOLENCE, {"violence-now", "violence-children", "fear"}),
    "violence, a gun in reach": (
        VIOLENCE | {"guns": "reach"},
        {"violence-now", "violence-children", "means-gun-others", "fear"},
    ),
    "about to hurt others": (ABOUT_TO_OTHERS, {"violence-now", "violence-children", "fear"}),
    "poison or a wound": (
        {"emergency": ["hurt"]},
        {"poison", "hurt-on-purpose", "alone", "children", "poison-us", "fear"},
    ),
    "withdrawal": ({"emergency": ["bad_withdrawal"]}, {"withdrawal-911", "children", "fear"}),
    "the body": ({"emergency": ["body"]}, {"panic", "children", "fear"}),
    "voices": ({"losing_touch": "command"}, {"mind-now", "alone", "children", "fear"}),
    "voices after a birth": (GRACE.differs, {"mind-now", "birth", "alone", "children", "fear"}),
    "self-care": ({"self_care": "stopped", "how_long": "weeks"}, {"self-care-now", "children", "fear"}),
    "violence and suicide": (
        SUICIDE | VIOLENCE,
        {"violence-now", "violence-children", "alone-violence", "suicide-now", "means", "gun-storage", "fear"}
        | {"plan"},
    ),
}


@pytest.mark.django_db
@pytest.mark.parametrize(("differs", "expected"), KINDS.values(), ids=KINDS)
def test_each_kind_of_crisis_shows_its_texts_and_no_others(client, differs, expected):
    assert texts_on(page_for(client, differs)) == expected


@pytest.mark.django_db
@pytest.mark.parametrize("drunk", [[], ["drunk_high"]])
@pytest.mark.parametrize("guns", ["no", "reach", "skip"])
@pytest.mark.parametrize("answer", ["harm_others", "emergency"])
def test_violence_alone_shows_nothing_on_suicide_and_sends_nobody_there(client, answer, guns, drunk):
    differs = VIOLENCE if answer == "harm_others" else ABOUT_TO_OTHERS
    emergency = [*differs.get("emergency", []), *drunk] or ["none"]
    shown = texts_on(page_for(client, {**differs, "emergency": emergency, "guns": guns}))
    assert {"violence-now", "violence-children"} <= shown
    assert shown & SENDS_FOR_COMPANY == set()
    assert shown & ON_SUICIDE <= {"means-gun-others"}


@pytest.mark.django_db
def test_an_answer_that_was_not_kept_has_its_texts_too(client):
    """Told "none" and poison, the page asks again and keeps neither; help is for the poison."""
    draft_for(client, WELL)
    client.post("/answers/1/", WELL | {"emergency": ["none", "hurt"]})
    assert texts_on(client.get(HELP).content.decode()) == KINDS["poison or a wound"][1]


@pytest.mark.django_db
def test_a_kind_that_was_shown_before_is_shown_again_after_the_answer_changed(client):
    html = page_for(client, {}, crisis_shown=["violence"], crisis_given=[["harm_others", "may_act"]])
    assert texts_on(html) == {"violence-now", "violence-children", "fear"}


@pytest.mark.django_db
def test_answers_to_questions_that_are_no_longer_asked_do_not_count(client):
    """The gun was asked about before the answer on hurting others changed; the crisis is another."""
    html = page_for(client, {"self_care": "stopped", "guns": "reach", "suicidal_now": "yes"})
    assert texts_on(html) == {"self-care-now", "children", "fear"}


EVERYONE = {
    "If you may kill yourself": {
        "suicide-now",
        "alone",
        "say-it",
        "children",
        "means",
        "gun-storage",
        "plan",
    },
    "If you may hurt someone": {"violence-now", "violence-children"},
    "If your body is in danger": {
        *("withdrawal-911", "panic", "poison", "hurt-on-purpose", "alone", "children", "poison-us"),
    },
    "If voices or thoughts push you": {"mind-now", "alone", "children"},
    "If you have stopped eating, drinking or caring for yourself": {"children", "self-care-now"},
}


def blocks_of(html: str) -> dict[str, str]:
    """Each card of a page by its heading."""
    cards = re.findall(r'<section class="card[^>]*>(.*?)</section>', html, re.DOTALL)
    return {re.search(r"<h2[^>]*>(.*?)</h2>", card)[1]: card for card in cards}


def test_the_page_for_everyone_has_a_block_for_each_kind_that_is_enough_by_itself(client):
    blocks = blocks_of(client.get(HELP).content.decode())
    assert {heading: texts_on(blocks[heading]) for heading in EVERYONE} == EVERYONE
    assert texts_on(blocks["What happens when you call"]) == {"fear"}
    assert list(blocks) == [
        "Call now",
        *EVERYONE,
        *("Danger, overdose, injury or withdrawal", "Talk to someone now"),
        "What happens when you call",
    ]


def test_the_block_on_hurting_others_sends_nobody_there(client):
    blocks = blocks_of(client.get(HELP).content.decode())
    assert texts_on(blocks["If you may hurt someone"]) & (SENDS_FOR_COMPANY | ON_SUICIDE) == set()


@pytest.mark.parametrize("place", [country.id for country in crisis_lines().countries])
def test_everywhere_each_kind_has_texts_for_everyone_and_facts_of_the_us_only_there(place):
    blocks, common = texts_for_everyone(place)
    assert [kind.id for kind, _texts in blocks] == [
        "suicide",
        "violence",
        "medical",
        "psychosis",
        "self_care",
    ]
    assert all(texts for _kind, texts in blocks)
    ids = {text.id for _kind, texts in blocks for text in texts} | {text.id for text in common}
    assert ids & {"fear", "poison-us", "gun-storage"} == (
        {"fear", "poison-us", "gun-storage"} if place == "us" else set()
    )


@pytest.mark.django_db
def test_a_person_without_a_crisis_gets_the_page_for_everyone(client):
    draft_for(client, WELL | {"suicidal_week": "yes", "suicidal_now": "no"})
    assert client.get(HELP).content == Client().get(HELP).content


@pytest.mark.django_db
def test_a_kind_that_nobody_knows_gets_the_page_for_everyone(client):
    draft_for(client, WELL, crisis_shown=["of another version"])
    assert client.get(HELP).content == Client().get(HELP).content


# ---- the numbers


NUMBERS_ORDER = [
    ({}, "emergency"),
    (SUICIDE, "crisis line"),
    ({"emergency": ["about_to"]}, "crisis line"),
    (VIOLENCE, "emergency"),
    ({"emergency": ["hurt"]}, "emergency"),
    ({"losing_touch": "command"}, "emergency"),
    ({"self_care": "stopped", "how_long": "weeks"}, "emergency"),
    (SUICIDE | VIOLENCE, "emergency"),
    (SUICIDE | {"emergency": ["body"]}, "emergency"),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("differs", "first"), NUMBERS_ORDER)
@pytest.mark.parametrize(
    ("place", "emergency", "line"), [("us", "tel:911", "tel:988"), ("gb", "tel:999", "tel:116123")]
)
def test_the_crisis_line_goes_first_where_suicide_is_the_only_danger(
    client, differs, first, place, emergency, line
):
    html = page_for(client, differs | {"place": place})
    main = html[html.index("<main") :]
    order = ["crisis line", "emergency"] if main.index(line) < main.index(emergency) else ["emergency"]
    assert order[0] == first
    assert list(blocks_of(html))[:2] == [
        "Call now",
        "What to do now" if differs else "If you may kill yourself",
    ]


@pytest.mark.django_db
@pytest.mark.parametrize(("differs", "first"), NUMBERS_ORDER)
def test_first_card_has_one_sentence_and_the_three_ways_to_call(client, differs, first):
    card = blocks_of(page_for(client, differs))["Call now"]
    buttons = re.findall(r'<a class="button[^"]*" href="([a-z]+:[0-9]+)', card)
    crisis_line, emergency = ["tel:988", "sms:988"], ["tel:911"]
    assert buttons == (crisis_line + emergency if first == "crisis line" else emergency + crisis_line)
    assert card.count('<p class="lead">') == 1


@pytest.mark.django_db
@pytest.mark.parametrize("kind", content.safety_texts().crisis_kinds, ids=lambda kind: kind.id)
@pytest.mark.parametrize("language", ["en", "es"])
def test_first_sentence_is_about_the_kind_of_danger(client, kind, language):
    draft_for(client, WELL, crisis_shown=[kind.id])
    html = client.get(HELP, headers={"accept-language": language}).content.decode()
    others = [each for each in content.safety_texts().crisis_kinds if each != kind]
    assert kind.sentence.filled(language, "us") in html
    assert not [each.id for each in others if each.sentence.filled(language, "us") in html]


@pytest.mark.parametrize("kind", content.safety_texts().crisis_kinds, ids=lambda kind: kind.id)
def test_suicide_is_the_one_kind_for_which_a_crisis_line_goes_first(kind):
    assert kind.crisis_line_first is (kind.id == "suicide")


@pytest.mark.django_db
def test_the_lines_are_those_of_the_place_the_person_named(client):
    html = page_for(client, {"place": "gb"})
    assert html.index("tel:999") < html.index("tel:911")


@pytest.mark.django_db
def test_without_a_place_numbers_and_texts_are_those_of_the_country_of_the_clinic(client):
    draft_for(client, {**well_before("safety"), "emergency": ["hurt"]})
    with_place = client.get(HELP).content
    draft_for(client, {"emergency": ["hurt"]})
    assert client.get(HELP).content == with_place
    with override_settings(COUNTRY="gb"):
        html = client.get(HELP).content.decode()
    assert texts_on(html, "gb") == {"poison", "hurt-on-purpose", "alone", "children"}
    assert "A&amp;E" in html
    assert "amp;amp;" not in html


@pytest.mark.some(20)
@pytest.mark.django_db
@pytest.mark.parametrize("place", ["us", "gb", "eu", "other"])
@pytest.mark.parametrize("differs", [{}, *(differs for differs, _expected in KINDS.values())])
def test_in_spanish_the_same_texts_stand_there(client, differs, place):
    differs = differs | {"place": place}
    english = texts_on(page_for(client, differs), place)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "es"
    html = client.get(HELP).content.decode()
    assert '<html lang="es">' in html
    assert texts_on(html, place, "es") == english
    assert "**" not in html
    assert "{" not in html[html.index("<main") :]


# ---- nothing around it tells


@pytest.mark.django_db
def test_address_cookies_headers_and_title_are_the_same_for_every_kind():
    around = set()
    for differs in ({}, *(differs for differs, _expected in KINDS.values())):
        client = Client()
        draft = draft_for(client, WELL | differs)
        walker = Walker(client)
        walker.get(HELP)
        seen = re.sub(r"Content-Length: \d+", "", outside_the_page(walker))
        around.add(seen.replace(draft.token_hash, ""))
    assert len(around) == 1
    assert Page(Client().get(HELP).content.decode()).title.strip() == "Help - carenav"


@pytest.mark.django_db
@pytest.mark.parametrize(("differs", "expected"), KINDS.values(), ids=KINDS)
def test_no_link_or_form_on_it_tells_the_kind(client, differs, expected):
    """Every link is one that the page for everyone has, too: a log or a history of them tells nothing."""
    links = set(Page(page_for(client, differs)).links)
    assert links == set(Page(Client().get(HELP).content.decode()).links)


@pytest.mark.django_db
@pytest.mark.parametrize("person", [DANA, FRANK, GRACE, HENRY], ids=str)
def test_no_answer_stands_on_it_word_for_word(client, person):
    html = page_for(client, person.differs)
    wordings = content.questionnaire().wordings
    for id, value in person.differs.items():
        for option in [value] if isinstance(value, str) else value:
            words = wordings[id].options[option]["en"]
            assert len(words) < 12 or words not in html
        assert wordings[id].text["en"] not in html


# ---- whatever is broken


@pytest.mark.parametrize("error", database.LOST)
@pytest.mark.parametrize("cookie", [None, "some token"])
def test_it_needs_no_database_and_is_then_the_page_for_everyone(client, error, cookie):
    if cookie:
        client.cookies[settings.DRAFT_COOKIE_NAME] = cookie
    with database.gone(error):
        response = client.get(HELP)
    assert response.status_code == 200
    html = response.content.decode()
    page = Page(html)
    assert page.name == "crisis"
    assert {"tel:911", "tel:988", "sms:988", page.go_on} <= set(page.links)
    assert {heading: texts_on(blocks_of(html)[heading]) for heading in EVERYONE} == EVERYONE


@pytest.mark.django_db
def test_an_engine_that_fails_still_shows_the_kinds_that_led_there(client, monkeypatch):
    def broken(*args: object) -> None:
        raise RuntimeError("broken on purpose")

    draft_for(client, WELL | VIOLENCE, crisis_shown=["violence"])
    monkeypatch.setattr("intake.crisis.rate", broken)
    assert texts_on(client.get(HELP).content.decode()) == {"violence-now", "violence-children", "fear"}


def test_whoever_watches_whether_the_site_is_up_may_ask_for_its_head(client):
    assert client.head(HELP).status_code == 200


def test_the_way_on_is_marked(client):
    assert Page(client.get(HELP).content.decode()).go_on == reverse("intake:go_on")


# ---- a database that fails


def test_after_a_failure_the_database_is_left_alone_for_a_moment(client, monkeypatch):
    """Many who ask at once would each wait for it, and the last for all of them."""
    asked = []

    def fails(request):
        asked.append(request)
        raise OperationalError

    monkeypatch.setattr(ways_out.drafts, "get", fails)
    for _ in range(20):
        assert client.get("/help-now/").status_code == 200
    assert len(asked) == 1
    ways_out.pause.end()
    client.get("/help-now/")
    assert len(asked) == 2
