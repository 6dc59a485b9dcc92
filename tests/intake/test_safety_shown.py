"""Safety texts as a page prints them: escaped once, with bold words, numbers of the place and the hours, if any."""

import pytest
from django.template import Context, Template
from django.utils import translation

from carenav.plumbing.i18n.localized_text import LocalizedText
from intake import content
from intake.safety.shown import line_of, paragraphs_of, shown_texts
from intake.safety.texts import Wording

ER = {"us": {"en": "an ER <now>", "es": "una sala"}, "other": {"en": "A&E", "es": "urgencias"}}


def wording(english: str, spanish: str = "-") -> Wording:
    return Wording(LocalizedText({"en": english, "es": spanish}), {"er": ER})


def test_words_and_what_fills_them_are_escaped_once():
    assert paragraphs_of(wording("Go to {er} & <b>stay</b>."), "us") == (
        "Go to an ER &lt;now&gt; &amp; &lt;b&gt;stay&lt;/b&gt;.",
    )
    page = Template("{{ line }}|{% for each in parts %}{{ each }}{% endfor %}")
    gb = wording("Go to **{er}** today")
    shown = page.render(Context({"line": line_of(gb, "gb"), "parts": paragraphs_of(gb, "gb")}))
    assert shown == "Go to A&amp;E today|Go to <strong>A&amp;E</strong> today"


def test_paragraphs_keep_their_bold_words():
    assert paragraphs_of(wording("**One.** Two.\n\nThree **four**"), "us") == (
        "<strong>One.</strong> Two.",
        "Three <strong>four</strong>",
    )


def test_words_are_those_of_the_active_language():
    with translation.override("es"):
        assert line_of(wording("Go", "Vaya a {er}"), "us") == "Vaya a una sala"


@pytest.mark.parametrize(
    ("place", "country", "words"),
    [("gb", "us", "A&E"), ("", "us", "an ER <now>"), ("", "gb", "A&E"), ("unheard of", "us", "A&E")],
)
def test_without_a_place_the_country_of_the_clinic_counts(settings, place, country, words):
    settings.COUNTRY = country
    assert line_of(wording("{er}"), place) == words


@pytest.mark.parametrize(
    ("known", "language", "sentence"),
    [
        (True, "en", "The team reads what people send during these hours: Mon to Fri."),
        (True, "es", ""),
        (False, "en", ""),
        (False, "es", ""),
    ],
)
def test_hours_that_nobody_gave_are_not_spoken_of(settings, known, language, sentence):
    settings.CLINIC_HOURS, settings.CLINIC_IN = "Mon to Fri" if known else "", {}
    with translation.override(language):
        [unread] = shown_texts([content.safety_texts().all["unread"]], "us")
    [words] = unread.paragraphs
    assert sentence in words
    assert ("Mon to Fri" in words) is (known and language == "en")
    assert "988" in words
    assert "911" in words


@pytest.mark.django_db
def test_hours_that_end_with_a_period_end_a_sentence_with_one(settings, client):
    settings.CLINIC_HOURS, settings.CLINIC_IN = "8 a.m. to 6 p.m.", {}
    settings.CLINIC_RESPONSE_TIME = "by 5 p.m."
    [unread] = shown_texts([content.safety_texts().all["unread"]], "us")
    start = client.get("/").text
    for words in (*unread.paragraphs, start):
        assert "8 a.m. to 6 p.m. " in words.replace("\n", " ")
        assert "m.." not in words
    assert "contact you by 5 p.m." in start


@pytest.mark.parametrize(
    ("words", "left"),
    [
        ("**Call now.** We open at {hours}. Wait.", "**Call now.** Wait."),
        ("We open at {hours}! **Call now!**", "**Call now!**"),
        ("Call now.\n\nWe open at {hours}.", "Call now."),
        ("Call now. We open at {hours}", "Call now."),
    ],
)
def test_only_the_sentence_with_the_hours_is_left_out(words, left):
    assert wording(words).filled("en", "us") == left
    assert wording(words).filled("en", "us", "9") == words.replace("{hours}", "9")
