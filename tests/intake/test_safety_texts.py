"""What is said when it matters: to whom, where, and in plain words."""

import re
from pathlib import Path

import pytest

from carenav.plumbing.i18n.localized_text import languages
from intake import journey
from intake.questionnaire import load_questionnaire
from intake.safety_texts import PARTS, WITHOUT_ANSWERS, check_conditions, load_safety_texts
from recommend.engine import ContentError, check, complete, load_ruleset, rate
from tests.support.reading import grade

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = ROOT / "intake" / "safety_texts.toml"

SMALL = """
[[text]]
id = "means"
title = { en = "Guns and pills" }
text = { en = "Put them away." }
[[text.shown]]
places = ["crisis"]
[[text.shown]]
places = ["result"]
when = "risk >= mild"
[[text]]
id = "unread"
title = { en = "Nobody reads this" }
text = { en = "Call." }
[[text.shown]]
places = ["result"]
marks = ["crisis", "urgent.suicide"]
[[text]]
id = "birth"
title = { en = "Birth" }
text = { en = "Go." }
[[text.shown]]
places = ["result", "section:safety", "question:home"]
answers = [{ also = ["baby"] }]
"""


@pytest.fixture(scope="module")
def questionnaire():
    return load_questionnaire(ROOT / "intake" / "questionnaires" / "2026.1.toml", languages())


@pytest.fixture(scope="module")
def ruleset(questionnaire):
    return load_ruleset(ROOT / "recommend" / "rulesets" / "2026.1.toml", questionnaire.questions, languages())


@pytest.fixture(scope="module")
def texts():
    return load_safety_texts(SHIPPED, languages())


def shown(texts, ruleset, place, **answers):
    """Ids of the texts that stand at a place for these answers, everything else harmless."""
    fine = {
        id: [min(question.exclusive)] if question.kind == "many" else question.options[0]
        for id, question in ruleset.questions.all.items()
        if not question.optional
    }
    signals = rate(ruleset, complete(ruleset.questions, check(ruleset.questions, {**fine, **answers})))
    return {text.id for text in texts if place in text.places and text.applies(ruleset, signals)}


def test_every_condition_names_what_there_is(texts, questionnaire, ruleset):
    check_conditions(texts, SHIPPED, questionnaire, ruleset)


def test_nobody_without_a_reason_is_shown_a_text_on_the_result(texts, ruleset):
    assert shown(texts, ruleset, "result") == set()
    assert shown(texts, ruleset, "desk") == set()


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
def test_texts_on_the_result(texts, ruleset, answers, expected):
    # The age of a person who names none is the first option: under 13, for whom there is no result; so it is given.
    assert shown(texts, ruleset, "result", **{"age": "18_64", **answers}) == expected


@pytest.mark.parametrize(
    ("place", "expected"),
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
def test_texts_that_always_stand_at_a_place(texts, place, expected):
    assert {text.id for text in texts if place in text.places and text.always} == expected


@pytest.mark.parametrize(
    ("place", "answers", "expected"),
    [
        ("section:safety", {"who": "with_help"}, {"helper"}),
        ("section:support", {"who": "with_help"}, {"helper"}),
        ("section:safety", {"who": "me"}, set()),
        ("question:home", {}, {"duty"}),
        ("share", {"home": "unsafe"}, {"unread"}),
        ("contact", {"home": "unsafe"}, {"unread", "unsafe-contact"}),
        ("contact", {"home": "safe"}, {"unread"}),
        ("stop:other", {"who": "other"}, {"other-means", "calling"}),
    ],
)
def test_texts_on_the_pages_before(place, answers, expected):
    assert {text.id for text in journey.notices([place], answers)} == expected


def test_texts_at_the_desk(texts, ruleset):
    assert shown(texts, ruleset, "desk", wish_dead="yes") == {"means-first"}


def test_texts_are_plain(texts):
    grades = {text.id: grade(f"{text.title}.\n{text.text}") for text in texts}
    assert {id: found for id, found in grades.items() if found > 6} == {}


def test_texts_never_say_that_all_is_well_and_never_diagnose(texts):
    for text in texts:
        assert not re.search(
            r"(?i)you are safe|low[- ]risk|you have (a|an) |you suffer|disorder|\bpatient", str(text.text)
        )


def test_a_number_of_the_united_states_never_stands_alone(texts):
    for text in texts:
        words = str(text.text)
        assert words.count("911") == words.count("911 or the emergency number where you are"), text.id
        for part in text.paragraphs:
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
def test_nothing_that_matters_was_made_vaguer(texts, id, words):
    text = next(str(text.text) for text in texts if text.id == id)
    assert [word for word in words if word not in text] == []


def test_paragraphs(texts):
    assert [len(text.paragraphs) for text in texts if text.id == "withdrawal"] == [3]
    assert all(part and "\n\n" not in part for text in texts for part in text.paragraphs)


def test_a_mark_or_a_kind_of_it_is_enough(tmp_path, ruleset):
    path = tmp_path / "safety_texts.toml"
    path.write_text(SMALL)
    texts = load_safety_texts(path, ["en"])
    assert shown(texts, ruleset, "result", self_care="stopped") == {"unread"}
    assert shown(texts, ruleset, "result", harm_others="urges") == {"means"}
    assert shown(texts, ruleset, "result", past_attempt="yes", last_attempt="past_3_months") == {
        "means",
        "unread",
    }


@pytest.mark.parametrize(
    ("old", "new", "place", "problem"),
    [
        ("[[text]]", "[[text", "the file", "Expected"),
        ('id = "unread"', 'id = "means"', "text means", "the id stands twice"),
        ('title = { en = "Birth" }', "", "text birth", "'title' is missing"),
        (
            'title = { en = "Birth" }',
            'title = { en = "Birth" }\ndanger = "yes"',
            "text birth, danger",
            "true or false",
        ),
        (
            'title = { en = "Birth" }',
            'title = { en = "Birth" }\nparts = ["first", "moon"]',
            "text birth, parts",
            "unknown part 'moon'",
        ),
        (
            'title = { en = "Birth" }',
            'title = { en = "Birth" }\nparts = []',
            "text birth, parts",
            "not empty",
        ),
        (
            'title = { en = "Birth" }',
            'title = { en = "Birth" }\nlines = "moon"',
            "text birth, lines",
            "unknown kind 'moon'",
        ),
        (
            'title = { en = "Birth" }',
            'title = { en = "Birth" }\nbody = "x"',
            "text birth",
            "unknown key 'body'",
        ),
        ('text = { en = "Go." }', 'text = { en = " " }', "text birth, text", "missing in language 'en'"),
        ('[[text.shown]]\nplaces = ["result", ', "places = [", "text birth", "'shown' is missing"),
        ('places = ["crisis"]', "places = []", "text means, places", "not empty"),
        ('places = ["crisis"]', 'places = ["moon"]', "text means, places", "unknown place 'moon'"),
        ('places = ["crisis"]', 'places = ["result"]', "text means, shown", "stands twice at 'result'"),
        (
            'places = ["crisis"]',
            'places = ["crisis"]\nwhen = "risk >= mild"',
            "text means, shown",
            "no answers are known",
        ),
        (
            'places = ["result"]\nwhen',
            'places = ["result", "share"]\nwhen',
            "text means, shown",
            "the answers are not rated yet at 'share'",
        ),
        (
            'places = ["result"]\nmarks',
            'places = ["section:safety"]\nmarks',
            "text unread, shown",
            "the answers are not rated yet at 'section:safety'",
        ),
        ('places = ["crisis"]', 'places = ["check"]', "text means, places", "unknown place 'check'"),
        ('when = "risk >= mild"', 'when = ""', "text means, when", "expected words"),
        (
            'when = "risk >= mild"',
            'when = "risk >= mild"\nmarks = ["crisis"]',
            "text means, shown",
            "one condition at most",
        ),
        ('when = "risk >= mild"', 'if = "risk >= mild"', "text means, shown", "unknown key 'if'"),
        ('answers = [{ also = ["baby"] }]', "answers = []", "text birth, answers", "expected rows"),
        ('answers = [{ also = ["baby"] }]', "answers = [{}]", "text birth, answers", "expected rows"),
        (
            'answers = [{ also = ["baby"] }]',
            'answers = [{ also = "baby" }]',
            "text birth, answers, also",
            "expected a list",
        ),
        # names, checked against the questionnaire and the rule set
        ("section:safety", "section:moon", "text birth, places", "unknown 'section:moon'"),
        ("question:home", "question:moon", "text birth, places", "unknown 'question:moon'"),
        ("risk >= mild", "luck >= mild", "text means, when", "unknown signal 'luck', at character 1"),
        ("risk >= mild", "risk >= huge", "text means, when", "unknown grade 'huge' of risk, at character 9"),
        ("urgent.suicide", "urgent.moon", "text unread, marks", "unknown 'urgent.moon'"),
        ('also = ["baby"]', 'also = ["babies"]', "text birth, answers", "unknown 'also = babies'"),
        ('also = ["baby"]', 'moon = ["baby"]', "text birth, answers", "unknown 'moon = baby'"),
    ],
)
def test_malformed_files_are_refused_with_file_place_and_problem(
    tmp_path, questionnaire, ruleset, old, new, place, problem
):
    path = tmp_path / "safety_texts.toml"
    assert old in SMALL
    path.write_text(SMALL.replace(old, new, 1))
    with pytest.raises(ContentError) as refused:
        check_conditions(load_safety_texts(path, ["en"]), path, questionnaire, ruleset)
    assert (refused.value.file, refused.value.place) == (str(path), place)
    assert problem in refused.value.problem


def test_what_a_text_needs_is_read_from_the_file(tmp_path):
    path = tmp_path / "safety_texts.toml"
    path.write_text(
        SMALL.replace('id = "birth"', 'id = "birth"\nlines = "birth"\nparts = ["first", "strong"]')
    )
    *others, birth = load_safety_texts(path, ["en"])
    assert (birth.lines, birth.parts) == ("birth", {"first", "strong"})
    assert {(text.lines, text.parts) for text in others} == {(None, frozenset())}


def test_each_part_and_each_kind_of_lines_is_needed_by_a_shipped_text(texts):
    assert {part for text in texts for part in text.parts} == set(PARTS)
    assert {text.id: text.lines for text in texts if text.lines} == {"birth": "birth", "opioids": "use"}


@pytest.mark.parametrize("place", WITHOUT_ANSWERS)
def test_texts_where_no_answers_are_known_are_for_everyone(texts, place):
    assert all(text.always for text in texts if place in text.places)
