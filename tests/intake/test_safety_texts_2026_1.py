"""The safety texts of 2026.1, which stored cases still show: who was shown what, and in which words."""

import re
from functools import cache
from random import Random

import pytest

from intake import content
from intake.safety.conditions import Facts
from intake.safety.shown import shown_texts
from intake.safety.texts import facts_of
from recommend.engine import check, complete, decide, rate
from recommend.engine.conditions import points_of
from recommend.engine.scales import reaches
from tests.support.random_answers import anyone
from tests.support.reading import grade

VERSION = "2026.1"
WITHOUT_ANSWERS = ("crisis", "consent", "stop:other", "stop:13_17", "stop:under_13")
"""Pages on which this version knew no answers."""


def ruleset():
    return content.ruleset(VERSION)


def texts():
    return content.safety_texts_of(ruleset())


@cache
def fine():
    """Every question that has to be answered, with the least concern, by an adult."""
    least = {
        question.id: [min(question.exclusive)] if question.kind == "many" else question.options[0]
        for question in ruleset().questions.all.values()
        if not question.optional
    }
    return {**least, "age": "18_64"}


def shown(page, **differs):
    """Ids of the texts on a page for somebody who is fine but for these answers."""
    completed = complete(ruleset().questions, check(ruleset().questions, {**fine(), **differs}))
    return {
        text.id
        for text in texts().shown(
            facts_of(ruleset(), completed, decide(ruleset(), rate(ruleset(), completed)), page)
        )
    }


def shown_unasked(page, answers=None):
    """Ids of the texts on a page that comes before the answers are rated."""
    return {text.id for text in texts().shown(Facts(answers or {}, frozenset(), frozenset(), None, page, ""))}


def test_both_versions_are_read_by_one_loader_and_keep_their_names():
    assert (texts().version, texts().crisis_kinds, texts().next_steps) == (VERSION, (), ())
    assert content.safety_texts().version == "2026.2"


def test_nobody_without_a_reason_is_shown_a_text_on_the_result():
    assert shown("result") == set()
    assert shown("desk") == set()


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({"wish_dead": "yes"}, {"means"}),
        ({"wish_dead": "skip"}, {"means"}),
        ({"self_injury": "few"}, {"means"}),
        ({"emergency": ["hurt"]}, {"means", "unread", "alone"}),
        ({"harm_others": "urges"}, {"means", "unread", "alone"}),
        ({"wish_dead": "yes", "suicide_plan": "how"}, {"means", "unread", "alone"}),
        ({"self_care": "stopped"}, {"unread", "alone"}),
        ({"emergency": ["drunk_high"]}, {"sober"}),
        ({"also": ["pregnant"]}, {"birth"}),
        ({"also": ["baby"]}, {"birth"}),
        ({"also": ["stopped"]}, {"withdrawal", "unread", "alone"}),
        ({"substance_use": "daily", "withdrawal": "craving"}, set()),
        ({"substance_use": "daily", "withdrawal": "sick"}, {"withdrawal"}),
        ({"substance_use": "daily", "withdrawal": "shakes"}, {"withdrawal", "unread", "alone"}),
        (
            {"substance_use": "daily", "withdrawal": "opioid_storm"},
            {"withdrawal", "opioids", "unread", "alone"},
        ),
        ({"also": ["opioids"]}, {"opioids"}),
        ({"also": ["eating"]}, {"eating-check"}),
        ({"also": ["eating_body"]}, {"eating", "unread", "alone"}),
        ({"age": "65_plus"}, set()),
        ({"age": "65_plus", "losing_touch": "managed"}, set()),
        ({"age": "65_plus", "losing_touch": "brief"}, {"older"}),
        ({"age": "65_plus", "losing_touch": "new"}, {"older", "unread", "alone"}),
        ({"age": "18_64", "losing_touch": "brief"}, set()),
        ({"home": "unsafe"}, {"unsafe-home"}),
        ({"home": "no_home"}, set()),
    ],
)
def test_texts_on_the_result(answers, expected):
    assert shown("result", **answers) == expected


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        ("crisis", {"means", "children", "fear", "panic"}),
        ("consent", {"duty"}),
        ("question:harm_others", {"duty"}),
        ("question:home", {"duty"}),
        ("share", {"unread"}),
        ("contact", {"unread"}),
        ("stop:other", {"other-means", "calling"}),
        ("stop:13_17", {"young", "calling"}),
        ("stop:under_13", {"child", "calling"}),
    ],
)
def test_texts_that_stand_on_a_page_for_everyone(page, expected):
    assert shown_unasked(page) == expected


@pytest.mark.parametrize(
    ("page", "answers", "expected"),
    [
        ("section:safety", {"who": ("with_help",)}, {"helper"}),
        ("section:support", {"who": ("with_help",)}, {"helper"}),
        ("section:safety", {"who": ("me",)}, set()),
        ("share", {"home": ("unsafe",)}, {"unread"}),
        ("contact", {"home": ("unsafe",)}, {"unread", "unsafe-contact"}),
        ("contact", {"home": ("safe",)}, {"unread"}),
        ("stop:other", {"who": ("other",)}, {"other-means", "calling"}),
    ],
)
def test_texts_on_the_pages_before(page, answers, expected):
    assert shown_unasked(page, answers) == expected


@pytest.mark.parametrize("page", WITHOUT_ANSWERS)
def test_texts_where_no_answers_were_known_are_for_everyone(page):
    assert shown_unasked(page) == {text.id for text in texts().all.values() if page in text.places}


def test_texts_at_the_desk():
    assert shown("desk", wish_dead="yes") == {"means-first"}


# ---- the conditions of the old format


def shown_by_the_old_file(signals):
    """Ids of the texts on the result by the conditions of the old format: over signals, marks and answers."""

    def has(question, *options):
        return not set(options).isdisjoint(signals.completed.answers.get(question, ()))

    def state(condition):
        return reaches(signals.state, points_of(condition, ruleset().space))

    marked = bool(signals.kinds("crisis") or signals.kinds("urgent"))
    old = {
        "unread": marked,
        "withdrawal": state("withdrawal >= moderate"),
        "alone": marked,
        "means": state("risk >= mild"),
        "birth": has("also", "pregnant", "baby"),
        "eating": has("also", "eating_body"),
        "eating-check": has("also", "eating"),
        "older": has("age", "65_plus") and has("losing_touch", "brief", "new", "command"),
        "opioids": has("also", "opioids") or has("withdrawal", "opioid_storm"),
        "sober": has("emergency", "drunk_high"),
        "unsafe-home": has("home", "unsafe"),
    }
    return {id for id, holds in old.items() if holds}


def test_anyone_is_shown_what_the_old_file_showed():
    """The rule sets of then read `risk >= mild` and `withdrawal >= moderate`; the file of now names the answers."""
    chance, seen = Random(20261), set()
    for _ in range(3000):
        given = anyone(chance, ruleset().questions)
        completed = complete(ruleset().questions, given)
        signals = rate(ruleset(), completed)
        decision = decide(ruleset(), signals)
        before = shown_by_the_old_file(signals)
        result = texts().shown(facts_of(ruleset(), completed, decision, "result"))
        desk = texts().shown(facts_of(ruleset(), completed, decision, "desk"))
        assert {text.id for text in result} == before, given
        assert [text.id for text in desk] == ["means-first"] * ("means" in before), given
        seen |= {(id, id in before) for id in (*before, "means", "withdrawal", "older", "sober")}
    assert {("means", False), ("withdrawal", False), ("older", False), ("sober", False)} <= seen
    assert {id for id, held in seen if held} == {
        text.id for text in texts().all.values() if "result" in text.places
    }


def test_each_answer_alone_shows_what_the_old_file_showed():
    for question in ruleset().questions.all.values():
        for option in question.offered:
            if option in question.stops:
                continue
            given = {**fine(), question.id: option if question.kind == "one" else [option]}
            completed = complete(ruleset().questions, check(ruleset().questions, given))
            facts = facts_of(ruleset(), completed, decide(ruleset(), rate(ruleset(), completed)), "result")
            before = shown_by_the_old_file(rate(ruleset(), completed))
            assert {text.id for text in texts().shown(facts)} == before, (question.id, option)


# ---- their words


def test_texts_are_plain():
    grades = {
        text.id: grade(f"{text.title.text['en']}.\n{text.text.text['en']}") for text in texts().all.values()
    }
    assert {id: found for id, found in grades.items() if found > 6} == {}


def test_texts_never_say_that_all_is_well_and_never_diagnose():
    for text in texts().all.values():
        assert not re.search(
            r"(?i)you are safe|low[- ]risk|you have (a|an) |you suffer|disorder|\bpatient",
            text.filled("en", "us"),
        )


def test_a_number_of_the_united_states_never_stands_alone():
    for text in texts().all.values():
        words = text.filled("en", "us")
        assert words.count("911") == words.count("911 or the emergency number where you are"), text.id
        for part in words.split("\n\n"):
            if "988" in part:
                assert "US" in part, text.id


@pytest.mark.parametrize(
    ("id", "words"),
    [
        ("means", ["gun", "pills", "time and distance", "give that person the key"]),
        (
            "withdrawal",
            [
                "suddenly",
                "today",
                "seizure",
                "fever",
                "confusion",
                "seeing or hearing things",
                "Do not drive",
                "maternity",
            ],
        ),
        ("opioids", ["Narcan", "fentanyl", "alone", "After a break", "can kill you", "stay"]),
        ("birth", ["emergency room now", "with you and the baby", "do not want", "takes a baby away"]),
        ("eating", ["emergency room today", "heart tracing", "blood tests"]),
        ("older", ["infection", "medicine", "today"]),
        ("fear", ["2 in 100", "whether or not you can pay", "veterans"]),
        ("panic", ["let someone check it"]),
        ("duty", ["by law", "child", "older person", "disabled person", "serious danger"]),
        ("helper", ["looks away"]),
        ("sober", ["when you are sober", "alone tonight", "first guess"]),
    ],
)
def test_nothing_that_matters_was_made_vaguer(id, words):
    text = texts().all[id].filled("en", "us")
    assert [word for word in words if word not in text] == []


def test_paragraphs():
    shown = shown_texts(texts().all.values(), "us")
    assert [len(text.paragraphs) for text in shown if text.id == "withdrawal"] == [3]
    assert all(part and "\n\n" not in part for text in shown for part in text.paragraphs)
