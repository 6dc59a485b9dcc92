"""One week: what a level usually takes, over the times that the person said are free."""

import re
from pathlib import Path

import pytest
from django.template.loader import render_to_string
from django.utils.html import strip_tags

from carenav.plumbing.i18n.localized_text import languages
from recommend import content
from recommend.engine import ContentError, Level
from recommend.levels.schedule import DAYS, PARTS, SLOTS, VARIES, in_words, load_weeks, week_of
from recommend.levels.sources import load_sources
from tests.support.people import ALICE, BOB, CHARLIE, DANA, WELL
from tests.support.reading import grade
from tests.support.results import NEVER, kept, main

FOLDER = Path(__file__).resolve().parents[2] / "recommend" / "levels"
WEEKDAYS = DAYS[:5]


def slots(days, parts):
    return {(day, part) for day in days for part in parts}


def ids(days, parts):
    return [f"{day}_{part}" for day in days for part in parts]


def shown(level, chosen=()):
    return week_of(content.weeks(), level, list(chosen))


def html(level, chosen=()):
    return render_to_string("patient/parts/week.html", {"week": shown(level, chosen)})


def sentences(level, chosen=()):
    """What is said in words; the end of a block is the end of a line, and so of a sentence."""
    text = re.sub(r"</(p|li|b|text)>", "\n", re.sub(r"(?s)<svg role.*?</svg>", "", html(level, chosen)))
    return re.sub(r"\s*\n\s*", "\n", strip_tags(text))


def said(level, chosen=()):
    return re.sub(r"\s+", " ", sentences(level, chosen))


# ---- the file


def test_the_options_of_the_question_are_the_times_of_the_week():
    options = content.questionnaire().wordings["free_times"].options
    assert [*SLOTS, VARIES] == list(options)


@pytest.mark.parametrize(
    ("level", "hours", "days"),
    [
        ("outpatient", (1, 1), (1, 1)),
        ("iop", (9, 19), (3, 5)),
        ("php", (20, None), (4, 5)),
        ("inpatient", None, (7, 7)),
    ],
)
def test_each_level_takes_its_usual_hours(level, hours, days):
    typical = content.weeks().levels[level]
    assert (typical.hours, typical.days) == (hours, days)


def test_each_level_names_what_it_rests_on():
    levels = content.weeks().levels
    assert {id: (typical.standard, typical.contradictions) for id, typical in levels.items()} == {
        "outpatient": ("std", ("K6",)),
        "iop": ("42 CFR 410.44", ("K1", "K2")),
        "php": ("42 CFR 410.43", ()),
        "inpatient": (None, ()),
    }
    for id, typical in levels.items():
        facts = [content.sources().facts[fact] for fact in typical.facts]
        assert facts
        assert all(Level.of(id) in fact.levels for fact in facts)
        if typical.standard and typical.standard != "std":
            assert typical.standard in str(typical.source)


def test_the_hours_of_the_law_are_the_least_hours():
    documents = content.sources().documents
    for typical in content.weeks().levels.values():
        if typical.standard in documents:
            assert f"at least {typical.hours[0]} hours" in str(documents[typical.standard].states)


def changed(tmp_path, old, new):
    text = (FOLDER / "schedule.toml").read_text(encoding="utf-8")
    assert old in text
    file = tmp_path / "schedule.toml"
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    return load_weeks(file, load_sources(FOLDER / "sources.toml", languages()), languages())


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("until = 17", "until = 12", "each part ends after the one before"),
        ("until = 24", "until = 23", "the last at 24"),
        ("until = 12", 'until = "12"', "expected a whole number"),
        ("hours = [9, 19]", "hours = [19, 9]", "the first number is the smaller one"),
        ("hours = [20]", "hours = []", "expected [from, to]"),
        ("days = [3, 5]", "days = [3]", "days needs two numbers"),
        ("days = [7, 7]", "days = [7, 8]", "as many days at least"),
        ('"mon", "tue"', '"mon", "tues"', "unknown day 'tues'"),
        ('parts = ["morning"]', 'parts = ["night"]', "unknown part 'night'"),
        ('facts = ["SF113", "SF136"]', "facts = []", "rests on nothing"),
        ('"SF034"', '"SF999"', "unknown fact 'SF999'"),
        ('"42 CFR 410.43"', '"42 CFR 1"', "unknown standard"),
        ('"K1"', '"K99"', "unknown contradiction"),
        ('fits = { en = "That can be enough.",', 'fist = { en = "That",', "unknown key 'fist'"),
        ("\nask = {", "\n# ask = {", "fits and ask go together"),
        ("[level.iop]", "[level.other]", "'iop' is missing"),
        ("days = [4, 5]", "days = [4, 5]\nrate = 3", "unknown key 'rate'"),
    ],
)
def test_a_broken_file_is_refused(tmp_path, old, new, problem):
    with pytest.raises(ContentError, match=re.escape(problem)):
        changed(tmp_path, old, new)


# ---- laid over each other


def test_the_way_that_fits_best_is_drawn():
    for part in PARTS:
        assert shown("iop", ids(["tue", "thu"], [part])).way.parts == (part,)
    assert shown("iop", ids(WEEKDAYS, PARTS)).way.parts == ("morning",)  # of equal ones the first


@pytest.mark.parametrize(
    ("level", "chosen", "free_days", "enough"),
    [
        ("php", ids(WEEKDAYS[:4], PARTS[:2]), 4, True),
        ("php", ids(WEEKDAYS[:3], PARTS[:2]), 3, False),
        ("php", ids(WEEKDAYS, ["morning"]), 0, False),  # half a day is no day
        ("php", ids(["sat", "sun"], PARTS), 0, False),
        ("iop", ids(WEEKDAYS[:3], ["evening"]), 3, True),
        ("iop", ids(WEEKDAYS[:2], ["evening"]), 2, False),
        (
            "iop",
            [*ids(["mon"], ["morning"]), *ids(["tue"], ["evening"]), *ids(["wed"], ["afternoon"])],
            1,
            False,
        ),
        ("outpatient", ids(["fri"], ["evening"]), 1, True),
        ("outpatient", ids(["sun"], PARTS), 0, False),
    ],
)
def test_free_days_are_counted(level, chosen, free_days, enough):
    week = shown(level, chosen)
    assert (week.free_days, week.enough) == (free_days, enough)


def test_outpatient_is_one_visit_at_a_free_time():
    assert shown("outpatient", ids(["thu"], ["evening"])).usual == {("thu", "evening")}
    assert len(shown("outpatient").usual) == 1


def test_inpatient_takes_every_hour_and_looks_at_no_free_time():
    week = shown("inpatient", ids(["mon"], PARTS))
    assert week.usual == slots(DAYS, PARTS)
    assert week.free == frozenset()
    assert "free" not in said("inpatient", ids(["mon"], PARTS))


# ---- the picture and its text


def test_the_picture_has_one_path_for_each_kind_and_a_sign_for_each_time():
    week = shown("php", ids(["mon", "sat"], PARTS))
    assert week.picture.usual.count("z") == 10
    assert week.picture.free.count("h0") == 6
    drawing = re.search(r'<svg role="img".*?</svg>', html("php", ids(["mon"], PARTS)), re.DOTALL)[0]
    assert drawing.count("<path") == 3  # the lines, what is usual, what is free
    assert "style" not in drawing
    assert [day for day in ("Mon", "Tue", "Sun") if f">{day}<" not in drawing] == []


def test_every_time_stands_at_a_place_of_its_own():
    places = set(re.findall(r"M(\d+ \d+)h", shown("inpatient").picture.usual))
    assert len(places) == 21
    assert max(int(place.split()[0]) for place in places) + 26 < 298  # inside the picture
    assert max(int(place.split()[1]) for place in places) + 20 < 98


def test_the_text_says_the_same_as_the_picture():
    week = shown("php", [*ids(["mon", "tue", "wed"], PARTS[:2]), *ids(["sun"], ["evening"])])
    assert week.legend == [
        ("both", "Usual time, and you are free", "Monday to Wednesday: morning, afternoon"),
        ("usual", "Usual time", "Thursday, Friday: morning, afternoon"),
        ("free", "You are free", "Sunday: evening"),
    ]


def test_times_that_represent_others_are_called_an_example():
    assert shown("outpatient").legend == [("usual", "For example", "Monday: morning")]
    assert shown("iop").legend == [("usual", "For example", "Monday to Friday: morning")]
    assert shown("iop", ids(["mon"], ["evening"])).legend[0][1] == "Usual time, and you are free"
    assert shown("php").legend[0][1] == "Usual time"


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        (set(), ""),
        (slots(["mon"], ["morning"]), "Monday: morning"),
        (slots(["mon", "tue"], ["morning"]), "Monday, Tuesday: morning"),
        (slots(["mon", "tue", "wed", "fri"], ["evening"]), "Monday to Wednesday, Friday: evening"),
        (
            slots(["sun"], ["morning"]) | slots(["mon"], PARTS),
            "Monday: morning, afternoon, evening; Sunday: morning",
        ),
        (slots(DAYS, PARTS), "Monday to Sunday: morning, afternoon, evening"),
    ],
)
def test_times_in_words(chosen, words):
    assert in_words(chosen, content.weeks().parts) == words


# ---- what it means


@pytest.mark.parametrize(
    ("level", "chosen", "words"),
    [
        (
            "php",
            ids(["mon", "tue"], PARTS),
            "You said you are free on 2 of 5 weekdays, morning and afternoon. Ask about",
        ),
        ("php", ids(WEEKDAYS, PARTS), "free on 5 of 5 weekdays, morning and afternoon. That can be enough."),
        (
            "php",
            ids(["sat"], PARTS),
            "free on none of 5 weekdays, morning and afternoon. Ask about evening or online",
        ),
        ("iop", ids(WEEKDAYS[:4], ["evening"]), "free on 4 of 5 weekday evenings. That can be enough."),
        ("iop", ids(["sun"], PARTS), "None of the times you gave are usual ones. Ask which groups"),
        (
            "outpatient",
            ids(["mon"], ["evening"]),
            "You said you are free at times when many visits are held.",
        ),
        (
            "outpatient",
            ids(["sun"], PARTS),
            "None of the times you gave are usual ones. Most visits are on weekdays.",
        ),
        ("iop", [], "You did not say when you are free. Ask which groups"),
        ("iop", [VARIES], "You said your week varies. Ask if days and times can change. Ask which groups"),
        ("php", [VARIES, *ids(["mon"], PARTS)], "can change. You said you are free on 1 of 5 weekdays"),
        ("inpatient", [], "it takes every hour, day and night."),
    ],
)
def test_week_is_explained_in_words(level, chosen, words):
    assert words in said(level, chosen)


def test_week_of_an_unanswered_question_claims_no_free_times():
    for level in ("outpatient", "iop", "php"):
        assert "You said" not in said(level)
        assert "You did not say" not in said(level, [VARIES])


@pytest.mark.parametrize("level", [level.id for level in Level])
@pytest.mark.parametrize(
    "chosen", [[], [VARIES], ids(["mon"], PARTS), ids(["sat"], PARTS), ids(WEEKDAYS, PARTS)]
)
def test_week_reads_at_grade_8_and_never_diagnoses(level, chosen):
    assert grade(sentences(level, chosen)) <= 8
    assert [never for never in NEVER if re.search(never, said(level, chosen).lower())] == []


# ---- on the result


@pytest.mark.django_db
@pytest.mark.parametrize("person", [ALICE, BOB, CHARLIE, DANA], ids=str)
def test_each_result_has_its_week(person):
    page = main(kept(person.answers))
    assert page.count('<svg role="img"') == 1
    assert str(content.weeks().levels[person.level].usual) in page


@pytest.mark.django_db
def test_free_times_that_were_not_asked_for_are_not_missed():
    answers = {id: value for id, value in WELL.items() if id != "free_times"}
    assert "You did not say when you are free." in kept(answers)
