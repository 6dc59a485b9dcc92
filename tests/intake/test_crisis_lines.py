"""Numbers to call: right, open when they are needed, and checked not too long ago."""

import re
from datetime import date
from pathlib import Path

import pytest
from django.utils import translation

from carenav.clinic.crisis_lines import load_crisis_lines
from recommend.engine import ContentError
from tests.support.walker import Page

FOLDER = Path(__file__).resolve().parents[2] / "carenav" / "clinic"
LANGUAGES = ["en", "es"]

SMALL = """
[[country]]
id = "us"
name = { en = "United States" }
[[country.emergency]]
id = "911"
name = { en = "Emergency" }
kind = "emergency"
call = "911"
hours = { en = "Day and night" }
always_open = true
languages = ["en"]
source = "https://example.org/911"
checked_on = 2026-01-01
[[country.crisis]]
id = "text"
name = { en = "Text line" }
kind = "suicide"
text_to = "741741"
text_word = "HOME"
hours = { en = "Day and night" }
always_open = true
languages = ["en", "es"]
note = { en = "Free" }
source = "https://example.org/text"
checked_on = 2026-01-01
"""


@pytest.fixture(scope="module")
def lines():
    return load_crisis_lines(FOLDER / "crisis_lines.toml", LANGUAGES)


def line(lines, id):
    return next(line for country in lines.countries for line in country.lines if line.id == id)


@pytest.mark.parametrize(
    ("country", "bar", "others"),
    [
        ("us", ["sms:988"], ["sms:988", "sms:741741?&body=HOME"]),
        ("gb", ["sms:85258?&body=SHOUT"], ["sms:85258?&body=SHOUT"]),
        ("au", ["sms:0477131114"], ["sms:0477131114"]),
        ("eu", [], []),
    ],
)
def test_crisis_bar_names_the_first_line_that_takes_texts(client, settings, country, bar, others):
    settings.COUNTRY = country
    links = Page(client.get("/accessibility/").content.decode()).links
    assert [link for link in links if link.startswith("sms:")] == bar + others


def test_there_are_lines_for_every_place_of_the_questionnaire(lines):
    assert [country.id for country in lines.countries] == ["us", "ca", "gb", "ie", "au", "nz", "eu", "other"]
    assert lines.country("gb").name == {"en": "United Kingdom", "es": "Reino Unido"}
    with pytest.raises(KeyError):
        lines.country("fr")


@pytest.mark.parametrize(
    ("country", "numbers"),
    [
        ("us", ["911"]),
        ("ca", ["911"]),
        ("gb", ["999"]),
        ("ie", ["112", "999"]),
        ("au", ["000"]),
        ("nz", ["111"]),
        ("eu", ["112"]),
        ("other", [None]),
    ],
)
def test_emergency_numbers(lines, country, numbers):
    assert [line.call for line in lines.country(country).emergency] == numbers


# Written down a second time on purpose: a slip in the file shows here.
@pytest.mark.parametrize(
    ("id", "tel", "sms"),
    [
        ("us-988", "tel:988", "sms:988"),
        ("us-crisis-text-line", None, "sms:741741?&body=HOME"),
        ("us-relay", "tel:711", None),
        ("us-veterans", "tel:988", "sms:838255"),
        ("us-poison", "tel:18002221222", None),
        ("us-domestic", "tel:18007997233", "sms:88788?&body=START"),
        ("us-maternal", "tel:18338526262", "sms:18338526262"),
        ("us-safespot", "tel:18009720590", None),
        ("us-samhsa", "tel:18006624357", None),
        ("us-trevor", "tel:18664887386", "sms:678678?&body=START"),
        ("us-trans-lifeline", "tel:18775658860", None),
        ("ca-988", "tel:988", "sms:988"),
        ("ca-kids", "tel:18006686868", "sms:686868?&body=CONNECT"),
        ("ca-trans-lifeline", "tel:18773306366", None),
        ("gb-samaritans", "tel:116123", None),
        ("gb-shout", None, "sms:85258?&body=SHOUT"),
        ("gb-nhs-111", "tel:111", None),
        ("gb-lifeline-ni", "tel:08088088000", None),
        ("gb-childline", "tel:08001111", None),
        ("gb-domestic", "tel:08082000247", None),
        ("ie-samaritans", "tel:116123", None),
        ("ie-pieta", "tel:1800247247", "sms:51444?&body=HELP"),
        ("ie-text", None, "sms:50808?&body=HELLO"),
        ("ie-information", "tel:1800111888", None),
        ("ie-childline", "tel:1800666666", None),
        ("ie-domestic", "tel:1800341900", None),
        ("au-lifeline", "tel:131114", "sms:0477131114"),
        ("au-kids", "tel:1800551800", None),
        ("au-respect", "tel:1800737732", "sms:0458737732"),
        ("nz-1737", "tel:1737", "sms:1737"),
        ("nz-youthline", "tel:0800376633", "sms:234"),
        ("nz-refuge", "tel:0800733843", None),
        ("eu-spain-024", "tel:024", None),
        ("eu-116-123", "tel:116123", None),
        ("eu-116-111", "tel:116111", None),
        ("other-mexico", "tel:8009112000", None),
    ],
)
def test_numbers_and_their_links(lines, id, tel, sms):
    assert (line(lines, id).tel, line(lines, id).sms) == (tel, sms)


@pytest.mark.parametrize(
    ("id", "language", "sms"),
    [
        ("us-988", "es", "sms:988?&body=AYUDA"),
        ("us-crisis-text-line", "es", "sms:741741?&body=AYUDA"),
        ("us-crisis-text-line", "es-mx", "sms:741741?&body=AYUDA"),
        ("us-988", "en-us", "sms:988"),
        ("us-domestic", "es", "sms:88788?&body=START"),
        ("us-trevor", "es", "sms:678678?&body=START"),
    ],
)
def test_the_word_to_send_asks_for_the_language_of_the_page(lines, id, language, sms):
    with translation.override(language):
        assert line(lines, id).sms == sms


@pytest.mark.parametrize(
    ("id", "language", "said"),
    [
        ("us-988", "es", []),
        ("us-988", "en-us", []),
        ("us-trevor", "en", []),
        ("us-trevor", "es-mx", ["Inglés"]),
        ("ca-988", "es", ["Inglés", "Francés"]),
        ("eu-spain-024", "en", ["Spanish"]),
        ("eu-spain-024", "es", []),
        ("eu-116-111", "es", []),  # those of each country, as its note says
        ("us-911", "es", []),
        ("us-988-asl", "es", []),
    ],
)
def test_line_in_another_language_names_its_languages(lines, id, language, said):
    with translation.override(language):
        assert line(lines, id).other_languages == said


@pytest.mark.django_db
def test_spanish_page_says_which_lines_speak_english(client):
    client.cookies["language"] = "es"
    html = client.get("/help-now/", headers={"Accept-Language": "es"}).content.decode()
    names = re.findall(
        r'<li class="line"><b>([^<]*)</b>\s+<span class="small">Idiomas: Inglés\.</span>', html
    )
    assert "Línea de Crisis para Veteranos" in names
    assert not any("988" in name for name in names)


FIGURES = re.compile(r"\d[\d -]*\d|\d|[A-Z]{4,}|“.+?”|[a-z0-9]+\.org")


def test_numbers_words_and_addresses_are_the_same_in_every_language(lines):
    texts = [
        text
        for country in lines.countries
        for each in country.lines
        for text in (each.hours, each.note)
        if text
    ]
    assert len(texts) > 80
    for text in texts:
        assert FIGURES.findall(text["es"]) == FIGURES.findall(text["en"]), text


NOT = {
    "Not a crisis line": "No es una línea de crisis",
    "only": "solo",
    "Closed on": "Cierra",
    "cannot": "no puede",
}


@pytest.mark.parametrize(("said", "meant"), NOT.items())
def test_limits_of_a_line_are_said_in_spanish_too(lines, said, meant):
    texts = [
        text
        for country in lines.countries
        for each in country.lines
        for text in (each.name, each.hours, each.note)
        if text
    ]
    assert [
        text["en"] for text in texts if (said in text["en"]) != (meant in text["es"].replace("Solo", "solo"))
    ] == []


def test_crisis_help_is_open_day_and_night(lines):
    for country in lines.countries:
        assert country.emergency
        assert country.crisis
        assert all(line.always_open for line in country.emergency + country.crisis)


def test_lines_with_hours_stand_apart_and_say_their_hours(lines):
    closing = {
        line.id: str(line.hours)
        for country in lines.countries
        for line in country.lines
        if not line.always_open
    }
    assert closing == {
        "us-trans-lifeline": "Monday to Friday, 10 a.m. to 6 p.m. Pacific time",
        "ca-trans-lifeline": "Monday to Friday, 10 a.m. to 6 p.m. Pacific time",
        "eu-116-123": "In some countries only; hours differ",
        "eu-116-111": "In most countries; hours differ",
    }


@pytest.mark.parametrize("id", ["us-samhsa", "us-maternal", "ie-information"])
def test_a_line_that_is_no_crisis_line_says_so(lines, id):
    assert "Not a crisis line" in str(line(lines, id).note)
    assert all(id not in [line.id for line in country.crisis] for country in lines.countries)


def test_line_notes_say_what_they_must(lines):
    assert "under 25" in str(line(lines, "us-trevor").note)
    assert "AYUDA" in str(line(lines, "us-988").note)
    assert "AYUDA" in str(line(lines, "us-crisis-text-line").note)
    assert "press 1" in str(line(lines, "us-veterans").note)
    assert "England and Wales" in str(line(lines, "gb-nhs-111").name)
    assert "1-800-787-3224" in str(line(lines, "us-domestic").note)


def test_closed_services_are_not_listed(lines):
    everything = " ".join(
        f"{line.id} {line.name} {line.note}".lower() for country in lines.countries for line in country.lines
    )
    assert "press 3" not in everything
    assert "eating" not in everything


@pytest.mark.parametrize("country", ["us", "ca", "gb", "ie", "au", "nz"])
def test_every_place_has_lines_for_unsafe_homes_and_for_young_people(lines, country):
    assert lines.country(country).of_kind("domestic")
    assert lines.country(country).of_kind("young")


def test_every_line_names_its_source_and_when_it_was_checked(lines):
    for country in lines.countries:
        for line in country.lines:
            assert line.source.startswith("https://")
            assert line.checked_on == date(2026, 11, 22)


@pytest.mark.parametrize(
    ("today", "stale"),
    [
        (date(2026, 1, 1), False),
        (date(2026, 6, 30), False),
        (date(2026, 7, 1), True),
        (date(2027, 1, 1), True),
    ],
)
def test_a_line_is_stale_after_180_days(tmp_path, today, stale):
    path = tmp_path / "crisis_lines.toml"
    path.write_text(SMALL)
    lines = load_crisis_lines(path, ["en"])
    assert lines.country("us").emergency[0].stale(today) is stale
    assert len(lines.stale(today)) == (2 if stale else 0)


@pytest.mark.parametrize(
    ("old", "new", "place", "problem"),
    [
        ("[[country]]", "[[country", "the file", "Expected"),
        ("[[country]]", "[[countries]]", "the file", "unknown key 'countries'"),
        ('id = "us"', 'id = "us"\ncapital = "x"', "country us", "unknown key 'capital'"),
        ("[[country.crisis]]", "[[country.others]]", "country us", "'crisis' is missing"),
        ('id = "text"', 'id = "911"', "line 911", "the id stands twice"),
        ('kind = "suicide"', 'kind = "chatter"', "line text, kind", "unknown kind 'chatter'"),
        ('kind = "suicide"', 'kind = "emergency"', "line text, kind", "under emergency"),
        ('kind = "emergency"', 'kind = "suicide"', "line 911, kind", "under emergency"),
        ('call = "911"', "", "line 911", "names no way to reach it"),
        ('call = "911"', "call = 911", "line 911, call", "expected a number to dial"),
        ('call = "911"', 'call = "1-800-HELP"', "line 911, call", "expected a number to dial"),
        ('text_to = "741741"', 'call = "1"', "line text, text_word", "no number to send it to"),
        ('text_word = "HOME"', "text_word = 7", "line text, text_word", "expected words"),
        (
            'text_word = "HOME"',
            'text_word = { fr = "AIDE" }',
            "line text, text_word",
            "unknown language 'fr'",
        ),
        ('text_word = "HOME"', 'text_word = { en = "" }', "line text, text_word, en", "expected words"),
        ("always_open = true", 'always_open = "yes"', "line 911, always_open", "expected true or false"),
        ("always_open = true", "always_open = false", "line 911, always_open", "may be closed"),
        (
            'languages = ["en"]',
            'languages = ["English"]',
            "line 911, languages",
            "'English' is no language code",
        ),
        ('languages = ["en"]', "languages = []", "line 911, languages", "not empty"),
        ('note = { en = "Free" }', 'note = { en = "" }', "line text, note", "missing in language 'en'"),
        ('source = "https://example.org/911"', "", "line 911", "'source' is missing"),
        ('"https://example.org/911"', '"example.org"', "line 911, source", "begins with https://"),
        ("checked_on = 2026-01-01", 'checked_on = "today"', "line 911, checked_on", "expected a date"),
    ],
)
def test_malformed_files_are_refused_with_file_place_and_problem(tmp_path, old, new, place, problem):
    path = tmp_path / "crisis_lines.toml"
    assert old in SMALL
    path.write_text(SMALL.replace(old, new, 1))
    with pytest.raises(ContentError) as refused:
        load_crisis_lines(path, ["en"])
    assert (refused.value.file, refused.value.place) == (str(path), place)
    assert problem in refused.value.problem


def test_a_crisis_line_that_closes_is_refused(tmp_path):
    path = tmp_path / "crisis_lines.toml"
    head, crisis = SMALL.split("[[country.crisis]]")
    path.write_text(head + "[[country.crisis]]" + crisis.replace("always_open = true", "always_open = false"))
    with pytest.raises(ContentError, match="line text, always_open: a line that may be closed"):
        load_crisis_lines(path, ["en"])
