"""The plan of a result: which card a text, a note and the next step of the level stand on, and in which order."""

from dataclasses import replace

import pytest
from django.utils.safestring import mark_safe

from intake.safety.shown import ShownText
from recommend import content
from recommend.result.plan import PlanItem, Step, Team, plan_of
from tests.support.people import PEOPLE, WELL
from tests.support.results import EVERYBODY, shown_for

LEVEL = content.continuum().level
STEP = "<step>"
TEAM = Team("Harbor Lights", "(555) 010-4477", "tel:5550104477", "Open now")


def text(id: str, time: str, kind: str = "body", lines: str = "") -> ShownText:
    return ShownText(id, "", (mark_safe(id),), time, kind, lines)


def laid_out(texts, notes=(), step=None):
    """The cards as time, items and paper plan, each item by its words; the level's next step as ``<step>``."""
    own = step and Step(step.next_step_time, (mark_safe(STEP),))

    return [
        (
            card.time,
            [item.paragraphs[0] for item in card.items],
            [item.paragraphs[0] for item in card.paper_plan],
        )
        for card in plan_of(texts, notes, own)
    ]


@pytest.mark.parametrize(
    ("texts", "notes", "step", "cards"),
    [
        pytest.param([], [], None, [], id="nothing to say, no card"),
        pytest.param([], [], "outpatient", [("this week", [STEP], [])], id="the step at its own time"),
        pytest.param([], [], "iop", [("this week", [STEP], [])], id="an IOP this week"),
        pytest.param([], [], "php", [("today or tomorrow", [STEP], [])], id="a day program soon"),
        pytest.param([], [], "inpatient", [("today", [STEP], [])], id="inpatient today"),
        pytest.param(
            [text("know", "good to know"), text("week", "this week"), text("now", "now")],
            [],
            None,
            [("now", ["now"], []), ("this week", ["week"], []), ("good to know", ["know"], [])],
            id="cards by time, whatever order the texts come in",
        ),
        pytest.param(
            [text("now", "now"), text("today", "today")],
            [],
            None,
            [("now", ["now", "today"], [])],
            id="now and today share a card named by the sooner",
        ),
        pytest.param(
            [text("today", "today")], [], None, [("today", ["today"], [])], id="only today is not called now"
        ),
        pytest.param(
            [text("body", "this week"), text("danger", "this week", "danger")],
            [("this week", "note")],
            "iop",
            [("this week", ["danger", STEP, "body", "note"], [])],
            id="danger, the step, other texts, notes",
        ),
        pytest.param(
            [text("today-or-tomorrow", "today or tomorrow", "danger")],
            [],
            "iop",
            [("today or tomorrow", ["today-or-tomorrow"], []), ("this week", [STEP], [])],
            id="what cannot wait comes before the step of a lower level",
        ),
        pytest.param(
            [text("plan", "today", "plan"), text("danger", "today", "danger")],
            [],
            None,
            [("today", ["danger"], ["plan"])],
            id="only the paper plan may fold, the danger beside it never",
        ),
        pytest.param(
            [text("plan", "today", "plan")],
            [],
            "outpatient",
            [("today", [], ["plan"]), ("this week", [STEP], [])],
            id="a paper plan alone still has its card",
        ),
        pytest.param(
            [],
            [("good to know", "later"), ("this week", "week"), ("today", "first")],
            "outpatient",
            [("today", ["first"], []), ("this week", [STEP, "week"], []), ("good to know", ["later"], [])],
            id="notes by their time",
        ),
    ],
)
def test_plan_of_puts_each_thing_on_its_card(texts, notes, step, cards):
    assert laid_out(texts, notes, step and LEVEL(step)) == cards


@pytest.mark.parametrize(
    ("time", "stands", "promise", "said"),
    [
        ("this week", False, "", [STEP]),
        (
            "this week",
            False,
            "within two days",
            ["You don’t need to do anything now: they’ll contact you within two days"],
        ),
        (
            "today or tomorrow",
            False,
            "within two days",
            ["If you haven’t talked to them by tomorrow, call them."],
        ),
        ("this week", True, "", [STEP]),
        ("this week", True, "within two days", [STEP, "If they don’t, or if things get worse"]),
    ],
)
def test_next_step_once_the_team_has_the_answers(time, stands, promise, said):
    team = replace(TEAM, promise=promise)
    (card,) = plan_of([], [], Step(time, (mark_safe(STEP),), stands), team)
    (item,) = card.items
    assert item.call == team
    assert len(item.paragraphs) == len(said)
    for paragraph, words in zip(item.paragraphs, said, strict=True):
        assert words in paragraph


@pytest.mark.parametrize("time", ["now", "today", "today or tomorrow", "this week", "good to know"])
@pytest.mark.parametrize("as_note", [False, True])
def test_nobody_with_something_to_do_soon_reads_that_there_is_nothing_to_do(time, as_note):
    texts, notes = ([], [(time, "note")]) if as_note else ([text("x", time)], [])
    cards = plan_of(texts, notes, Step("this week", (mark_safe(STEP),)), replace(TEAM, promise="soon"))
    (said,) = [item.paragraphs[0] for card in cards for item in card.items if item.is_step]
    assert ("You don’t need to do anything now" in said) == (time in ("this week", "good to know"))


@pytest.mark.parametrize("team", [None, replace(TEAM, phone="")])
def test_next_step_without_a_number_has_nobody_to_call(team):
    (card,) = plan_of([], [], Step("this week", (mark_safe(STEP),)), team)
    assert card.items == (PlanItem("", (STEP,), is_step=True),)


def test_only_the_next_step_has_a_number_to_call():
    cards = plan_of(
        [text("x", "today")], [("this week", "note")], Step("this week", (mark_safe(STEP),)), TEAM
    )
    assert [(item.paragraphs[0], item.call) for card in cards for item in card.items] == [
        ("x", None),
        (STEP, TEAM),
        ("note", None),
    ]


def test_notes_are_escaped():
    (card,) = plan_of([], [("this week", "<b>5 & 6</b>")], None)
    assert card.items == (PlanItem("", ("&lt;b&gt;5 &amp; 6&lt;/b&gt;",), may_wait=True),)


def test_lines_and_danger_of_a_text_go_with_its_item():
    (card,) = plan_of([text("home", "this week", "danger", lines="domestic")], [], None)
    assert (card.items[0].lines, card.items[0].is_danger) == ("domestic", True)


@pytest.mark.parametrize(
    ("time", "heading", "urgent"),
    [
        ("now", "Now", True),
        ("today", "Today", True),
        ("today or tomorrow", "Today or tomorrow", False),
        ("this week", "This week", False),
        ("good to know", "Good to know", False),
    ],
)
def test_a_card_says_when_and_whether_it_is_for_today(time, heading, urgent):
    (card,) = plan_of([text("x", time)], [], None)
    assert (card.heading, card.is_urgent) == (heading, urgent)


@pytest.mark.parametrize("answers", EVERYBODY)
def test_the_plan_of_a_result_holds_each_text_once_and_folds_only_the_paper_plan(answers):
    shown = shown_for(answers)
    items = [item.paragraphs for card in shown.plan for item in card.items]
    folded = [item.paragraphs for card in shown.plan for item in card.paper_plan]
    assert sorted(folded) == sorted(text.paragraphs for text in shown.texts if text.kind == "plan")
    for each in shown.texts:
        assert (items + folded).count(each.paragraphs) == 1, each.id


@pytest.mark.parametrize("person", PEOPLE, ids=str)
def test_each_level_below_inpatient_has_its_next_step(person):
    shown = shown_for(person.answers)
    said = [item.paragraphs[0] for card in shown.plan for item in card.items]
    if person.level == "inpatient":
        assert str(shown.level.next_step) not in said, "the texts say the first step"
        assert shown.plan[0].is_urgent
        assert shown.plan[0].items
    elif person.name == "alice":
        assert [each.partition(",")[0] for each in said] == ["If something troubles you all the same"]
    else:
        assert str(shown.level.next_step) in said


def test_nobody_well_is_told_to_act_today():
    assert [card.time for card in shown_for(WELL).plan if card.is_urgent] == []


@pytest.mark.parametrize(
    ("texts", "notes", "folded"),
    [
        pytest.param(
            [text("a", "good to know", "practical")], [("good to know", "b")], ["a", "b"], id="to know"
        ),
        pytest.param(
            [text("a", "good to know", "danger")], [("good to know", "b")], ["b"], id="danger never"
        ),
        pytest.param([text("a", "good to know", "body")], [], [], id="the body never"),
        pytest.param([], [("this week", "a")], [], id="this week, where nothing is sooner"),
        pytest.param([text("a", "today")], [("this week", "b")], ["b"], id="this week, after today"),
        pytest.param([text("a", "today")], [("today", "b")], [], id="today never"),
        pytest.param(
            [text("a", "today or tomorrow", "practical")], [("this week", "b")], ["b"], id="tomorrow never"
        ),
    ],
)
def test_only_what_may_wait_is_folded(texts, notes, folded):
    cards = plan_of(texts, notes, Step("this week", (mark_safe(STEP),)))
    assert [item.paragraphs[0] for card in cards for item in card.folded] == folded
    for card in cards:
        assert sorted(map(str, (*card.unfolded, *card.folded))) == sorted(map(str, card.items))
        assert not any(item.is_danger or item.is_step for item in card.folded)
