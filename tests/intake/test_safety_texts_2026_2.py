"""The safety texts of 2026.2: who is shown what, what may never be shown, and which files are refused."""

import re
from collections import Counter
from dataclasses import replace
from functools import cache
from pathlib import Path
from random import Random

import pytest

from intake import content
from intake.safety.conditions import Facts, holds
from intake.safety.texts import TIMES, facts_of, how_much_is_known
from intake.safety.texts_file import load_safety_texts
from recommend.engine import complete, decide, rate
from recommend.engine.scales import reaches
from tests.support.random_answers import anyone
from tests.support.reading import ease, grade

SHIPPED = Path(__file__).resolve().parents[2] / "intake" / "safety" / "2026.2.toml"
VERSION = "2026.2"


@cache
def shipped():
    questionnaire = content.questionnaire(VERSION)
    sections = [section.id for section in questionnaire.sections]
    return load_safety_texts(
        SHIPPED, content.languages(), questionnaire.questions, sections, content.ruleset(VERSION)
    )


@cache
def well():
    """Every question that everyone is asked, answered with the least concern, by an adult in the United States."""
    least = {
        question.id: (min(question.exclusive) if question.exclusive else question.options[0],)
        for question in content.questionnaire(VERSION).questions.all.values()
        if not question.optional
    }
    return {**least, "age": ("18_64",), "place": ("us",)}


def facts(page="result", **differs):
    """The facts about somebody who is well but for these answers."""
    given = {id: tuple(value) if isinstance(value, list) else (value,) for id, value in differs.items()}
    return facts_from({**well(), **given}, page)


def facts_from(given, page="result"):
    ruleset = content.ruleset(VERSION)
    completed = complete(ruleset.questions, given)
    signals = rate(ruleset, completed)
    level = ruleset.level_at(signals.state)
    return Facts(
        answers=completed.answers,
        crisis=frozenset(signals.kinds("crisis")),
        urgent=frozenset(signals.kinds("urgent")),
        level=level.id,
        page=page,
        place=completed.answers["place"][0],
        decided_by=tuple(
            rule.id for rule in ruleset.rules if rule.level == level and reaches(signals.state, rule.points)
        ),
    )


def ids(known):
    return [text.id for text in shipped().shown(known)]


def test_facts_of_takes_them_from_answers_and_decision():
    ruleset = content.ruleset(VERSION)
    given = {**well(), "wish_dead": ("yes",), "suicidal_week": ("yes",), "suicidal_now": ("no",)}
    signals = rate(ruleset, complete(ruleset.questions, given))
    taken = facts_of(ruleset, signals.completed, decide(ruleset, signals), "share")
    assert taken == replace(facts_from(given, "share"), highest_area="moderate", known="all")


@pytest.mark.parametrize(
    ("unknown", "known"),
    [
        ([], "all"),
        (["worry"], "most"),
        (["worry", "home"], "little"),
        (["worry", "free_times"], "most"),
        (["worry", "home", "nervous", "also"], "little"),
    ],
)
def test_half_of_the_rated_questions_without_an_answer_is_little(unknown, known):
    asked = ["nervous", "worry", "home", "also", "free_times", "who"]
    assert how_much_is_known(content.ruleset(VERSION), asked, unknown) == known


# ---- findings, one by one: answers, what must be shown, what must not

COMPANY = {"alone", "say-it", "company", "children", "same-day-company", "mind-company", "sober-company"}
"""Texts that send for somebody to come."""

THOUGHTS = {"wish_dead": "yes", "suicidal_week": "yes", "suicidal_now": "no", "suicide_plan": "none"}
URGES = {"harm_others": "urges"}
MAY_ACT = {"harm_others": "may_act"}
PLAN = {"wish_dead": "yes", "suicidal_week": "no", "suicidal_now": "no", "suicide_plan": "plan"}
DRINKS = {"substance_use": "daily"}
FINDINGS = [
    # B1.1: no calm words after thoughts of suicide
    ("thoughts-this-week", THOUGHTS, {"today-or-tomorrow", "company", "plan"}, {"within-7-days", "same-day"}),
    ("a-wish-alone", {"wish_dead": "yes"}, {"within-7-days", "plan"}, {"today-or-tomorrow", "same-day"}),
    ("attempt-this-year", {"past_attempt": "yes", "last_attempt": "past_year"}, {"plan"}, {"alone"}),
    # B1.2: one text for different dangers
    (
        "urges",
        URGES,
        {"today-or-tomorrow-violence", "violence-distance", "violence-children"},
        COMPANY | {"suicide-now", "today-or-tomorrow", "plan"},
    ),
    (
        "may-act",
        MAY_ACT,
        {"violence-now", "violence-children"},
        COMPANY | {"suicide-now", "same-day", "plan"},
    ),
    (
        "about-to-hurt-others",
        {"emergency": ["about_to_others"]},
        {"violence-now", "violence-children"},
        COMPANY | {"suicide-now", "plan"},
    ),
    (
        "about-to-both",
        {"emergency": ["about_to", "about_to_others"]},
        {"violence-now", "suicide-now", "alone-violence", "plan"},
        COMPANY,
    ),
    ("self-care", {"self_care": "stopped"}, {"self-care-now"}, {"suicide-now", "alone", "plan", "means"}),
    # B1.3: a safety plan
    ("plan-after-self-injury", {"self_injury": "often"}, {"plan", "wounds"}, set()),
    (
        "plan-after-a-refusal",
        {"wish_dead": "yes", "suicide_plan": "skip"},
        {"plan"},
        set(),
    ),
    # B1.4: pregnancy
    (
        "pregnant-and-drinks",
        {"also": ["pregnant"], **DRINKS, "withdrawal": "craving"},
        {"pregnancy-use", "birth-thoughts"},
        {"birth", "birth-if", "pregnancy-if", "pregnancy-tell"},
    ),
    (
        "pregnant-and-dependent",
        {"also": ["pregnant"], **DRINKS, "withdrawal": "never_without"},
        {"pregnancy-tell", "withdrawal-headline"},
        {"pregnancy-use"},
    ),
    (
        "pregnant-and-a-little",
        {"also": ["pregnant"], "substance_use": "concern", "withdrawal": "nothing"},
        {"pregnancy-if"},
        {"pregnancy-use"},
    ),
    # B1.5: past told as present
    (
        "after-detox",
        {**DRINKS, "withdrawal": "over", "recent_treatment": ["left_hospital"]},
        {"sober-since"},
        {"withdrawal-er", "withdrawal-headline", "withdrawal-alcohol", "withdrawal-tell", "same-day"},
    ),
    # B1.6: the wrong substance
    (
        "opioid-sick",
        {**DRINKS, "withdrawal": "sick"},
        {"withdrawal-opioids", "opioids", "overdose-free"},
        {"withdrawal-alcohol", "withdrawal-slow", "withdrawal-headline"},
    ),
    (
        "opioid-storm",
        {**DRINKS, "withdrawal": "opioid_storm"},
        {"opioid-medicine", "opioids", "withdrawal-headline"},
        {"withdrawal-opioids", "withdrawal-alcohol"},
    ),
    (
        "alcohol-shakes",
        {**DRINKS, "withdrawal": "shakes"},
        {"withdrawal-headline"},
        {"opioids", "opioid-medicine", "same-day", "alone"},
    ),
    (
        "prescribed-and-ran-out",
        {"also": ["stopped", "sedatives"], "withdrawal": "prescribed"},
        {"prescribed-today"},
        {"withdrawal-alcohol", "prescribed", "opioids"},
    ),
    (
        "prescribed-only",
        {"also": ["sedatives"], "withdrawal": "nothing"},
        {"prescribed"},
        {"prescribed-today"},
    ),
    # B1.7: a plan in the last month is a crisis, not "right now"
    (
        "plan-last-month",
        PLAN,
        {"suicide-now", "alone", "plan", "means-pills"},
        {"same-day", "same-day-suicide"},
    ),
    # B1.8: level and text pull apart
    (
        "never-without-and-at-risk",
        {
            "age": "65_plus",
            "also": ["stopped"],
            **DRINKS,
            "withdrawal": "never_without",
            "physical_health": "unstable",
        },
        {"withdrawal-headline", "own-doctor"},
        {"withdrawal-alcohol", "withdrawal-slow", "same-day", "older"},
    ),
    (
        "never-without-and-no-problem",
        {"substance_use": "concern", "withdrawal": "never_without"},
        {"withdrawal-slow"},
        {"withdrawal-alcohol", "withdrawal-headline"},
    ),
    (
        "seizures-before",
        {**DRINKS, "withdrawal": "seizure"},
        {"withdrawal-er"},
        {"withdrawal-headline", "same-day", "withdrawal-tell"},
    ),
    (
        "withdrawal-that-is-an-emergency",
        {"emergency": ["bad_withdrawal"]},
        {"withdrawal-911"},
        {"withdrawal-headline", "withdrawal-er", "withdrawal-tell", "same-day"},
    ),
    # B1.9: only feeling like a burden
    (
        "burden-alone",
        {"burden": "yes", "suicidal_now": "no", "suicide_plan": "none"},
        {"within-7-days", "plan"},
        {"today-or-tomorrow", "alone"},
    ),
    # B1.10: said of those for whom it is not true
    (
        "pregnant",
        {"also": ["pregnant"]},
        {"birth-thoughts", "birth-line"},
        {"birth", "birth-if", "pregnancy-if"},
    ),
    ("new-mother", {"also": ["baby"]}, {"birth-thoughts", "birth-line"}, {"birth", "birth-if"}),
    (
        "new-mother-racing",
        {"also": ["baby"], "racing": "some"},
        {"birth-if", "today-or-tomorrow-mind"},
        {"birth"},
    ),
    (
        "new-mother-voices",
        {"also": ["baby"], "losing_touch": "new"},
        {"birth", "mind-now", "alone"},
        {"birth-if"},
    ),
    ("ill", {"physical_health": "unstable"}, {"own-doctor"}, {"opioids", "withdrawal-slow"}),
    (
        "attempt-long-ago",
        {"past_attempt": "yes", "last_attempt": "over_year"},
        set(),
        {"plan", "means", "alone"},
    ),
]


@pytest.mark.parametrize(
    ("differs", "must", "must_not"), [row[1:] for row in FINDINGS], ids=[row[0] for row in FINDINGS]
)
def test_result_shows_what_fits_the_answers(differs, must, must_not):
    found = set(ids(facts(**differs)))
    assert must <= found, must - found
    assert not must_not & found, must_not & found


def test_a_well_person_is_shown_nothing():
    assert ids(facts()) == []


@pytest.mark.parametrize("place", ["us", "gb"])
def test_us_facts_are_shown_only_in_the_us(place):
    found = ids(
        facts(place=place, home=["no_home", "unsafe"], also=["baby", "opioids"], guns="reach", burden="yes")
    )
    us = {"no-home-us", "birth-line", "overdose-free", "gun-storage"}
    assert us & set(found) == (us if place == "us" else set())


@pytest.mark.parametrize(
    ("differs", "may"),
    [
        ({}, True),
        ({"nervous": "daily", "worry": "daily", "people": "hardly", "crises": "one"}, True),
        ({"past_attempt": "yes", "last_attempt": "over_year"}, True),
        ({"physical_health": "unstable"}, True),
        ({"also": ["pregnant"]}, True),
        (THOUGHTS, False),
        ({"wish_dead": "yes"}, False),
        ({"wish_dead": "skip"}, False),
        ({"burden": "yes"}, False),
        ({"past_attempt": "skip"}, False),
        ({"past_attempt": "yes", "last_attempt": "unsure"}, False),
        ({"self_injury": "few"}, False),
        (URGES, False),
        ({"harm_others": "skip"}, False),
        ({"losing_touch": "skip"}, False),
        ({"racing": "strong"}, False),
        ({"other_symptoms": "extreme"}, False),
        ({"self_care": "skipping"}, False),
        ({"also": ["stopped"]}, False),
        ({"also": ["skip"]}, False),
        ({"also": ["pregnant"], "substance_use": "concern"}, False),
        ({"substance_use": "skip"}, False),
        ({"substance_use": "concern", "withdrawal": "never_without"}, False),
        ({"home": ["unsafe"]}, False),
        ({"home": ["skip"]}, False),
        ({"physical_health": "unstable", "self_care": "some_days"}, False),
        ({"recent_treatment": ["left_hospital"]}, False),
        ({"emergency": ["drunk_high"]}, False),
        ({"also": ["baby"], "racing": "some"}, False),
        ({"functioning": "extremely", "other_symptoms": "severe"}, False),
    ],
)
def test_reassurance_follows_the_answers(differs, may):
    known = facts(**differs)
    assert shipped().may_reassure(known) is may
    sentence = shipped().reassurance(known).filled("en", "us")
    assert ("did not point to danger" in sentence) is may
    assert ("988 or 911" in sentence) is not may


def test_nobody_is_reassured_before_the_level_is_known():
    assert not shipped().may_reassure(replace(facts(), level=None))
    assert not shipped().may_reassure(replace(facts(), answers={}))


@pytest.mark.parametrize(
    ("differs", "headline"),
    [
        ({}, None),
        (THOUGHTS, None),
        (PLAN, "crisis"),
        ({**PLAN, **DRINKS, "withdrawal": "seizure"}, "crisis"),
        ({"self_care": "stopped"}, "crisis"),
        ({**DRINKS, "withdrawal": "seizure"}, "emergency-room"),
        ({**DRINKS, "withdrawal": "shakes"}, "medical-check"),
        (
            {**DRINKS, "withdrawal": "shakes", "also": ["eating_body"], "eating_often": "sometimes"},
            "same-day",
        ),
        ({"losing_touch": "new", "racing": "strong"}, "same-day"),
    ],
)
def test_headline_is_the_first_that_holds(differs, headline):
    found = shipped().headline(facts(**differs))
    assert (found and found.id) == headline


def test_headline_of_a_crisis_says_nothing_of_right_now():
    for language, words in (("en", "danger right now"), ("es", "peligro en este momento")):
        assert words not in shipped().headline(facts(**PLAN)).text.filled(language, "us")


# ---- the crisis page

SUICIDE = {
    "suicide-now",
    "same-day-suicide",
    "alone",
    "say-it",
    "means",
    "means-pills",
    "means-gun",
    "gun-storage",
    "plan",
}
VIOLENCE = {"violence-now", "violence-children", "alone-violence", "means-gun-others"}
ON_CRISIS_PAGE = {
    "violence": VIOLENCE,
    "psychosis": {"mind-now", "birth", "older", "same-day-body", "alone"},
    "self_care": {"self-care-now"},
    "medical": {"poison", "poison-us", "hurt-on-purpose", "alone", "panic", "withdrawal-911"},
}
FOR_ALL = {"children", "fear", "sober", "sober-company"}


@pytest.mark.parametrize(
    ("differs", "expected"),
    [
        (MAY_ACT, ["violence-now", "violence-children", "fear"]),
        ({"self_care": "stopped"}, ["children", "self-care-now", "fear"]),
        ({"self_care": "stopped", "burden": "yes", "guns": "reach"}, ["children", "self-care-now", "fear"]),
        ({"emergency": ["body"]}, ["panic", "children", "fear"]),
        ({"emergency": ["hurt"]}, ["poison", "hurt-on-purpose", "alone", "children", "poison-us", "fear"]),
        ({"emergency": ["bad_withdrawal"]}, ["withdrawal-911", "children", "fear"]),
        ({"losing_touch": "command"}, ["mind-now", "alone", "children", "fear"]),
        (
            {"losing_touch": "command", "age": "65_plus", "also": ["baby"]},
            ["mind-now", "birth", "alone", "children", "older", "fear"],
        ),
        (
            # 65 or older with new voices, but in crisis for another reason: `older` waits for the result
            {"losing_touch": "new", "age": "65_plus", "self_care": "stopped"},
            ["children", "self-care-now", "fear"],
        ),
        (
            PLAN,
            [
                *("suicide-now", "alone", "say-it", "children", "means", "plan"),
                "fear",
            ],
        ),
        (
            {**PLAN, "guns": "reach"},
            [
                *("suicide-now", "alone", "say-it", "children", "means-gun", "means", "plan"),
                *("fear", "gun-storage"),
            ],
        ),
        (
            {**PLAN, **URGES, "guns": "reach"},
            [
                *("violence-children", "alone-violence", "suicide-now", "means-gun-others", "means-pills"),
                "plan",
                *("fear", "gun-storage"),
            ],
        ),
    ],
)
def test_crisis_page_shows_only_its_kinds_of_danger(differs, expected):
    assert ids(facts("crisis", **differs)) == expected


@pytest.mark.parametrize(
    ("where", "differs", "expected"),
    [
        ("share", {}, ["unread", "duty"]),
        ("share", {"also": ["pregnant"], "substance_use": "problems"}, ["unread", "pregnancy-share", "duty"]),
        ("share", {"place": "gb", "also": ["pregnant"], "substance_use": "problems"}, ["unread", "duty"]),
        ("contact", {}, []),
        ("contact", {"home": ["unsafe"]}, ["unsafe-contact"]),
        ("question:guns", {}, []),
        ("section:safety", {}, []),
        ("section:safety", {"who": "with_help"}, ["helper"]),
        ("section:support", {"who": "with_help"}, ["helper"]),
        ("section:health", {"who": "with_help"}, []),
        ("stop:other", {}, ["other-means", "calling"]),
        ("stop:13_17", {}, ["calling", "young"]),
        ("stop:under_13", {}, ["child", "calling"]),
        ("desk", {}, []),
        ("desk", {"burden": "yes"}, ["desk-first-questions"]),
        ("desk", URGES, ["desk-someone-else", "desk-first-questions"]),
    ],
)
def test_other_pages_show_their_texts(where, differs, expected):
    assert ids(facts(where, **differs)) == expected


def test_the_legal_warning_is_never_beside_the_question_on_guns():
    assert shipped().all["duty"].places == {"share"}


# ---- what holds for everybody

PEOPLE = 2000


@cache
def crowd():
    """Random people: each calm to a degree of their own, so that every level occurs."""
    chance = Random(20262)
    return [facts_from(anyone(chance, content.questionnaire(VERSION).questions)) for _ in range(PEOPLE)]


def pages_of(known):
    """The facts on every page that a person meets after the questions."""
    pages = ["result", "share", "contact", "desk", "plan"] + ["crisis"] * bool(known.crisis)
    return [replace(known, page=page) for page in pages]


def test_the_crowd_has_people_at_every_level_and_sees_nearly_every_text():
    levels = Counter(known.level for known in crowd())
    assert min(levels.values()) > PEOPLE / 50, levels
    assert len(levels) == 4
    seen = {text.id for known in crowd() for each in pages_of(known) for text in shipped().shown(each)}
    other_pages = {
        text.id
        for text in shipped().all.values()
        if all(place.startswith(("section:", "question:", "stop:")) for place in text.places)
    }
    assert set(shipped().all) - seen == other_pages


def test_what_a_text_says_about_the_person_is_true():
    untrue = {
        text.id
        for known in crowd()
        for each in pages_of(known)
        for text in shipped().shown(each)
        if text.true_when and not holds(text.true_when, each)
    }
    assert untrue == set()


def test_danger_to_others_never_sends_for_company():
    dangerous = [known for known in crowd() if "violence" in known.crisis | known.urgent]
    assert len(dangerous) > 100
    sending = COMPANY | {"plan-3", "plan-4", "means-gun"}
    for known in dangerous:
        for each in pages_of(known):
            assert not sending & set(ids(each)), each


def test_danger_to_others_comes_first_on_the_crisis_page():
    both = [known for known in crowd() if "violence" in known.crisis and len(known.crisis) > 1]
    assert len(both) > 50
    for known in both:
        now = [text.id for text in shipped().shown(replace(known, page="crisis")) if text.time == "now"]
        first = [id for id in now if id in VIOLENCE]
        assert now[: len(first)] == first != []


def test_inpatient_always_says_what_to_do_today():
    for known in crowd():
        if known.level == "inpatient":
            shown = shipped().shown(known)
            assert any(text.time in ("now", "today") and text.kind in ("danger", "body") for text in shown), (
                known
            )


def test_inpatient_never_reads_today_or_tomorrow():
    for known in crowd():
        if known.level == "inpatient":
            for text in shipped().shown(known):
                assert text.time != "today or tomorrow", text.id
                assert "today or tomorrow" not in text.filled("en", "us"), text.id
                assert "hoy o mañana" not in text.filled("es", "us"), text.id


def test_urgent_below_inpatient_always_says_what_to_do_by_tomorrow():
    urgent = [known for known in crowd() if known.urgent and known.level != "inpatient"]
    assert len(urgent) > 100
    for known in urgent:
        shown = shipped().shown(known)
        assert any(t.time == "today or tomorrow" and t.kind in ("danger", "body") for t in shown), known


def test_reassurance_never_stands_beside_a_danger():
    reassured = [known for known in crowd() if shipped().may_reassure(known)]
    assert len(reassured) > 100
    for known in reassured:
        assert not known.crisis | known.urgent
        for text in shipped().shown(known):
            assert text.kind != "danger" or text.time not in TIMES[:3], text.id
            assert text.kind != "body" or text.time not in TIMES[:2], text.id


def test_everyone_in_danger_of_suicide_has_a_plan_and_words_on_means():
    for known in crowd():
        if "suicide" in known.crisis | known.urgent:
            for each in pages_of(known):
                if each.page in ("result", "crisis"):
                    assert "plan" in ids(each), each
                    assert {"means", "means-pills"} & set(ids(each)), each


def test_crisis_pages_show_their_kinds_only():
    for known in crowd():
        if known.crisis:
            allowed = FOR_ALL.union(*(ON_CRISIS_PAGE.get(kind, set()) for kind in known.crisis))
            if "suicide" in known.crisis | known.urgent:
                allowed |= SUICIDE
            if "violence" in known.urgent:
                allowed |= VIOLENCE
            assert set(ids(replace(known, page="crisis"))) <= allowed, known


def test_texts_are_in_time_order_then_in_the_order_of_the_file():
    order = list(shipped().all)
    for known in crowd()[:500]:
        found = [(TIMES.index(text.time), order.index(text.id)) for text in shipped().shown(known)]
        assert found == sorted(found)


def test_no_us_number_is_shown_elsewhere():
    us = re.compile(r"\b(988|911|211|88788|VA)\b|1-8\d\d")
    for known in crowd():
        if known.place != "us":
            for each in pages_of(known):
                for text in shipped().shown(each):
                    for language in content.languages():
                        words = text.filled(language, known.place, "9 to 5")
                        words = words.replace("911", "") if known.place == "ca" else words
                        assert not us.search(words), (known.place, text.id)


# ---- the words


@pytest.mark.parametrize(
    ("place", "english", "spanish"),
    [
        (
            "us",
            "Call 988 now, or go to an emergency room.",
            "Llame al 988 ahora, o vaya a una sala de emergencias.",
        ),
        ("ca", "Call 9-8-8 now, or go to an emergency room.", "Llame al 9-8-8 ahora, o vaya"),
        (
            "gb",
            "Call Samaritans (116 123) now, or go to A&E.",
            "Llame a Samaritans (116 123) ahora, o vaya a urgencias.",
        ),
        ("ie", "before help comes, call 112.", "antes de que llegue la ayuda, llame al 112."),
        ("au", "Call Lifeline (13 11 14) now", "Llame a Lifeline (13 11 14) ahora"),
        ("nz", "Call 1737 now", "Llame al 1737 ahora"),
        ("eu", "Call a local crisis line now", "Llame a una línea de crisis local ahora"),
        (
            "other",
            "call your local emergency number.",
            "llame al número de emergencias del lugar donde está.",
        ),
        ("", "call your local emergency number.", "llame al número de emergencias del lugar donde está."),
    ],
)
def test_filled_puts_in_the_numbers_of_the_place(place, english, spanish):
    text = shipped().all["suicide-now"]
    assert english in text.filled("en", place)
    assert spanish in text.filled("es", place)


def test_filled_leaves_out_the_hours_that_nobody_gave():
    unread = shipped().all["unread"]
    assert unread.filled("en", "us", "Monday to Friday, 8 to 6") == (
        "No one is reading this right now. The team reads what people send during these hours: "
        "Monday to Friday, 8 to 6. If you need help sooner, call 988 or 911."
    )
    assert (
        unread.filled("en", "us")
        == "No one is reading this right now. If you need help sooner, call 988 or 911."
    )
    assert unread.filled("es", "gb") == (
        "Nadie está leyendo esto en este momento. Si necesita ayuda antes, llame a Samaritans (116 123) o al 999."
    )


def wordings():
    """Every wording by its place in the file."""
    texts = shipped()
    found = {f"headline {headline.id}": headline.text for headline in texts.headlines}
    found |= {"reassuring": texts.reassuring, "otherwise": texts.otherwise}
    for text in texts.all.values():
        found[text.id] = text.text
        if text.title:
            found[f"{text.id}, title"] = text.title
    return found


def test_every_placeholder_is_filled_everywhere():
    places = content.questionnaire(VERSION).questions.all["place"].options
    for name, wording in wordings().items():
        for place in places:
            for language in content.languages():
                assert not re.search(r"[{}]", wording.filled(language, place, "9 to 5")), name


def test_bold_words_and_paragraphs_are_alike_in_every_language():
    for name, wording in wordings().items():
        for mark in ("**", "\n\n", "{crisis_line}", "{emergency}", "{er}", "{ers}", "{hours}"):
            counts = {words.count(mark) for words in wording.text.values()}
            assert len(counts) == 1, (name, mark)


def test_texts_are_plain():
    hard = {}
    for language, measure in (("en", grade), ("es", ease)):
        passage = name = ""
        for text in shipped().all.values():
            name = name or text.id
            passage = f"{passage}\n{text.filled(language, 'us', '8 to 6').replace('**', '')}".strip()
            if len(re.findall(r"\w+", passage)) >= 20:
                found = measure(passage)
                if found > 6 if language == "en" else found < 70:
                    hard[name, language] = round(found, 1)
                passage = name = ""
    assert hard == {}


def test_texts_never_diagnose_and_never_say_that_all_is_well():
    for name, wording in wordings().items():
        words = wording.text["en"]
        assert not re.search(
            r"(?i)you are safe|low[- ]risk|(?<!if )you have (a|an) |you suffer|disorder|\bpatient", words
        ), name
        assert not re.search("['\"]", words), name


@pytest.mark.parametrize(
    ("id", "words"),
    [
        ("suicide-now", ["{crisis_line} now", "{er}", "{emergency}"]),
        ("violence-now", ["Get away", "Leave weapons behind", "do not stop suddenly", "{emergency}"]),
        ("violence-children", ["another adult", "now", "in another place"]),
        ("means", ["gun", "pills", "time and distance", "key"]),
        ("means-gun", ["cannot be taken back", "someone you trust", "today", "key"]),
        ("means-gun-others", ["Do not go and get the gun", "no part in this", "today"]),
        (
            "withdrawal-911",
            ["seizure", "fever", "confusion", "seeing things", "throwing up", "kill", "Do not drive"],
        ),
        (
            "withdrawal-headline",
            ["medical check today", "urgent care", "Do not drive", "seizure", "{emergency}"],
        ),
        (
            "withdrawal-alcohol",
            ["today or tomorrow", "suddenly", "the same day", "do not drive", "{emergency}"],
        ),
        ("opioids", ["naloxone", "today", "fentanyl", "alone", "After a break", "can kill you", "stay"]),
        ("withdrawal-opioids", ["Buprenorphine or methadone", "within hours", "today or tomorrow"]),
        ("pregnancy-use", ["today or tomorrow", "not a bad parent", "suddenly", "the baby"]),
        ("eating-now", ["today", "heart tracing", "blood tests", "your life"]),
        ("birth", ["now", "emergency", "can be treated", "another adult"]),
        ("poison", ["do not wait to feel sick", "bring the package"]),
        ("older", ["infection", "medicine", "today", "list of all your medicines"]),
        ("fear", ["whether or not you can pay", "2 in 100", "Veterans"]),
        ("within-7-days", ["within 7 days", "safety plan", "{crisis_line}"]),
        ("duty", ["by law", "child", "older", "disabled person", "serious danger"]),
    ],
)
def test_nothing_that_matters_was_made_vaguer(id, words):
    text = shipped().all[id].text.text["en"]
    assert [word for word in words if word not in text] == []
