"""Files of safety texts: what a small one says, and which ones are refused, with file, place and problem."""

import re
from dataclasses import replace
from types import SimpleNamespace

import pytest

from intake.safety.conditions import Facts
from intake.safety.texts_file import load_safety_texts
from recommend.engine import ContentError, Question, Questions

QUESTIONS = Questions(
    "small",
    {
        "place": Question("place", "one", ("us", "other")),
        "age": Question("age", "one", ("child", "adult"), stops=frozenset(["child"])),
        "home": Question("home", "many", ("stable", "unsafe"), skip=True, exclusive=frozenset(["stable"])),
    },
)
RULESET = SimpleNamespace(
    kinds={"crisis": ("suicide", "medical"), "urgent": ("suicide", "pregnancy")},
    space=SimpleNamespace(areas=("risk",), scales={"risk": ("none", "severe")}),
    rules=[SimpleNamespace(id="rule-1")],
)
SMALL = """
version = "small"
[placeholders.emergency]
us = { en = "911" }
other = { en = "the local number" }
[conditions]
danger = "crisis:any or urgent:suicide"
[[headline]]
id = "crisis"
when = "danger"
text = { en = "Help now" }
[[next_step]]
id = "silent"
when = "level:inpatient"
[[next_step]]
id = "own"
when = "highest-area:none and known:most"
sentence = { en = "All is well." }
text = { en = "Rest." }
time = "this week"
names_open_questions = true
[[crisis_kind]]
id = "suicide"
heading = { en = "If you may act" }
sentence = { en = "You told us." }
crisis_line_first = true
[[crisis_kind]]
id = "medical"
heading = { en = "Your body" }
sentence = { en = "Do not wait." }
crisis_line_first = false
[reassurance]
unless = "danger or home:skip"
reassuring = { en = "No danger." }
otherwise = { en = "Call {emergency}." }
[[text]]
id = "one"
shown_when = "danger and not text:two"
places = ["crisis", "result"]
about_you = false
time = "now"
kind = "danger"
text = { en = "**Call {emergency}.** We open at {hours}." }
[[text]]
id = "two"
shown_when = "home:unsafe and (below:inpatient or only-rules:rule-1) and not page:crisis and not place:other"
places = ["result", "section:house", "question:home", "stop:child"]
true_when = "home:unsafe"
time = "this week"
kind = "place"
lines = "domestic"
title = { en = "Home" }
text = { en = "Someone hurts you." }
"""


def load_small(tmp_path, text, questions=QUESTIONS):
    path = tmp_path / "small.toml"
    path.write_text(text)
    return load_safety_texts(path, ["en"], questions, ["house"], RULESET)


def test_a_small_file_is_read(tmp_path):
    texts = load_small(tmp_path, SMALL)
    known = Facts({"home": ("unsafe",)}, frozenset(), frozenset(["suicide"]), "iop", "result", "us")
    assert [text.id for text in texts.shown(known)] == ["two"]
    assert [text.id for text in texts.shown(replace(known, place="other"))] == ["one"]
    assert [text.id for text in texts.shown(replace(known, page="crisis"))] == ["one"]
    assert texts.headline(known).id == "crisis"
    assert texts.version == "small"
    assert texts.next_step(known) is None
    assert (
        texts.next_step(replace(known, level="inpatient", highest_area="none", known="most")).id == "silent"
    )
    own = texts.next_step(replace(known, highest_area="none", known="most"))
    assert (own.id, own.sentence.filled("en", "us"), own.text.filled("en", "us")) == (
        "own",
        "All is well.",
        "Rest.",
    )
    assert (own.time, own.names_open_questions) == ("this week", True)
    assert [(text.id, text.lines) for text in texts.all.values()] == [("one", ""), ("two", "domestic")]
    kinds = [
        (kind.id, kind.heading.filled("en", "us"), kind.crisis_line_first) for kind in texts.crisis_kinds
    ]
    assert kinds == [("suicide", "If you may act", True), ("medical", "Your body", False)]
    assert texts.all["one"].filled("en", "us", "9") == "**Call 911.** We open at 9."
    assert texts.all["one"].filled("en", "us") == "**Call 911.**"


def test_what_a_file_may_leave_out_is_empty(tmp_path):
    without = re.sub(r"\[\[next_step\]\].*?(?=\[reassurance)", "", SMALL, flags=re.DOTALL)
    for line in (
        'lines = "domestic"\n',
        'title = { en = "Home" }\n',
    ):
        without = without.replace(line, "")
    texts = load_small(tmp_path, without)
    assert (texts.crisis_kinds, texts.next_steps) == ((), ())
    assert (texts.all["two"].lines, texts.all["two"].title) == ("", None)


REFUSED = {
    "not-toml": ("[[text]]", "[[text", "the file", "Expected"),
    "no-version": ('version = "small"', "", "the file", "'version' is missing"),
    "unknown-table": ("[conditions]", "[more]\n[conditions]", "the file", "unknown key 'more'"),
    # placeholders
    "a-place-has-no-value": (
        'other = { en = "the local number" }',
        "",
        "placeholders, emergency",
        "'other' is missing",
    ),
    "value-for-an-unknown-place": (
        "other = { en",
        'moon = { en = "1" }\nother = { en',
        "placeholders, emergency",
        "unknown key 'moon'",
    ),
    "value-without-a-language": (
        '{ en = "911" }',
        "{}",
        "placeholders, emergency, us",
        "missing in language 'en'",
    ),
    "value-with-a-placeholder": (
        '"911"',
        '"{hours}"',
        "placeholders, emergency, us",
        "neither placeholders nor bold",
    ),
    "hours-in-the-file": (
        "placeholders.emergency",
        "placeholders.hours",
        "placeholders, hours",
        "the clinic says",
    ),
    "unknown-placeholder": (
        "Call {emergency}.**",
        "Call {moon}.**",
        "text one, text",
        "unknown placeholder 'moon' in language 'en'",
    ),
    "unknown-placeholder-in-a-title": ('"Home"', '"{moon}"', "text two, title", "unknown placeholder 'moon'"),
    "unknown-placeholder-in-a-headline": (
        '"Help now"',
        '"Help {moon}"',
        "headline crisis, text",
        "unknown placeholder 'moon'",
    ),
    "a-lone-brace": ("We open at {hours}.", "We open at {hours.", "text one, text", "a brace stands alone"),
    "bold-without-end": ("{emergency}.**", "{emergency}.", "text one, text", "bold words do not end"),
    # conditions
    "not-a-condition": ("danger or home:skip", "danger or", "reassurance, unless", "the condition ends"),
    "condition-not-in-quotes": (
        'unless = "danger or home:skip"',
        "unless = 1",
        "reassurance, unless",
        "in quotes",
    ),
    "unknown-condition": (
        "danger and not",
        "dangr and not",
        "text one, shown_when",
        "unknown condition 'dangr'",
    ),
    "unknown-question": (
        'true_when = "home:unsafe"',
        'true_when = "hom:unsafe"',
        "text two, true_when",
        "unknown name before a colon 'hom'",
    ),
    "unknown-option": (
        'true_when = "home:unsafe"',
        'true_when = "home:unsafe|moon"',
        "text two, true_when",
        "unknown 'moon' in home:unsafe|moon",
    ),
    "unknown-crisis": ("crisis:any", "crisis:moon", "conditions, danger", "unknown 'moon' in crisis:moon"),
    "crisis-of-another-mark": ("crisis:any", "crisis:pregnancy", "conditions, danger", "unknown 'pregnancy'"),
    "unknown-urgent": (
        "urgent:suicide",
        "urgent:moon",
        "conditions, danger",
        "unknown 'moon' in urgent:moon",
    ),
    "unknown-level": (
        "below:inpatient",
        "level:moon",
        "text two, shown_when",
        "unknown 'moon' in level:moon",
    ),
    "below-the-lowest": (
        "below:inpatient",
        "below:outpatient",
        "text two, shown_when",
        "unknown 'outpatient'",
    ),
    "unknown-page": ("page:crisis", "page:moon", "text two, shown_when", "unknown 'moon' in page:moon"),
    "unknown-place-of-a-person": (
        "place:other",
        "place:moon",
        "text two, shown_when",
        "unknown 'moon' in place:moon",
    ),
    "unknown-rule": ("only-rules:rule-1", "only-rules:rule-2", "text two, shown_when", "unknown 'rule-2'"),
    "unknown-text": ("text:two", "text:three", "text one, shown_when", "unknown 'three' in text:three"),
    "unknown-name-in-a-headline": (
        'when = "danger"',
        'when = "moon"',
        "headline crisis, when",
        "unknown condition",
    ),
    "text-leads-to-itself": ("text:two", "text:one", "text one, shown_when", "leads back to itself"),
    "texts-lead-to-each-other": (
        "not place:other",
        "not text:one",
        "text one, shown_when",
        "leads back to itself",
    ),
    "condition-leads-to-itself": ("crisis:any or", "danger or", "conditions, danger", "leads back to itself"),
    "condition-and-text-lead-to-each-other": (
        "crisis:any or",
        "text:one or",
        "conditions, danger",
        "leads back to itself",
    ),
    "condition-named-always": ('danger = "', 'always = "', "conditions", "'always' cannot be the name"),
    "condition-with-a-capital": ('danger = "', 'Danger = "', "conditions", "'Danger' cannot be the name"),
    # texts
    "id-twice": ('id = "two"', 'id = "one"', "text one", "the id stands twice"),
    "no-shown-when": ('shown_when = "danger and not text:two"', "", "text one", "'shown_when' is missing"),
    "unknown-key": ('title = { en = "Home" }', 'note = "x"', "text two", "unknown key 'note'"),
    "no-language": ('{ en = "Home" }', "{}", "text two, title", "missing in language 'en'"),
    "another-language": (
        '{ en = "Home" }',
        '{ en = "Home", fr = "x" }',
        "text two, title",
        "unknown language 'fr'",
    ),
    "no-page": ('["crisis", "result"]', "[]", "text one, places", "not empty"),
    "unknown-page-of-a-text": ('["crisis", "result"]', '["moon"]', "text one, places", "unknown page 'moon'"),
    "unknown-section": ("section:house", "section:moon", "text two, places", "unknown page 'section:moon'"),
    "unknown-question-page": (
        "question:home",
        "question:moon",
        "text two, places",
        "unknown page 'question:moon'",
    ),
    "an-option-that-stops-nothing": (
        "stop:child",
        "stop:adult",
        "text two, places",
        "unknown page 'stop:adult'",
    ),
    "page-twice": ('["crisis", "result"]', '["crisis", "crisis"]', "text one, places", "stands twice"),
    "unknown-time": ('time = "now"', 'time = "soon"', "text one, time", "unknown time 'soon'"),
    "unknown-kind": ('kind = "danger"', 'kind = "risk"', "text one, kind", "unknown kind 'risk'"),
    "neither-true-when-nor-about-you": (
        "about_you = false",
        "",
        "text one",
        "either 'true_when' or 'about_you",
    ),
    "true-when-and-about-you": (
        "about_you = false",
        'about_you = false\ntrue_when = "danger"',
        "text one",
        "either 'true_when' or 'about_you",
    ),
    "about-you-is-true": (
        "about_you = false",
        "about_you = true",
        "text one, about_you",
        "says when it is true",
    ),
    "unknown-lines": ('"domestic"', '"moon"', "text two, lines", "unknown kind of crisis lines 'moon'"),
    "no-lines": ('lines = "domestic"', 'lines = ""', "text two, lines", "unknown kind of crisis lines ''"),
    # the next step, and the kinds of crisis
    "step-at-an-unknown-grade": (
        "highest-area:none",
        "highest-area:moon",
        "next_step own, when",
        "unknown 'moon'",
    ),
    "step-at-an-unknown-amount": ("known:most", "known:moon", "next_step own, when", "unknown 'moon'"),
    "step-without-a-time": (
        'text = { en = "Rest." }\ntime = "this week"\n',
        'text = { en = "Rest." }\n',
        "next_step own",
        "come together",
    ),
    "step-at-an-unknown-time": (
        '" }\ntime = "this week"\nnames',
        '" }\ntime = "soon"\nnames',
        "next_step own, time",
        "unknown time 'soon'",
    ),
    "step-with-an-unknown-key": (
        "names_open_questions",
        "open_questions",
        "next_step own",
        "unknown key 'open_questions'",
    ),
    "step-names-questions-neither-true-nor-false": (
        "names_open_questions = true",
        'names_open_questions = "yes"',
        "next_step own, names_open_questions",
        "true",
    ),
    "unknown-kind-of-crisis": (
        'id = "medical"',
        'id = "moon"',
        "crisis_kind moon, id",
        "unknown kind of crisis 'moon'",
    ),
    "kind-of-an-urgent-mark": (
        'id = "medical"',
        'id = "pregnancy"',
        "crisis_kind pregnancy, id",
        "unknown kind",
    ),
    "kind-of-crisis-twice": (
        'id = "medical"',
        'id = "suicide"',
        "crisis_kind suicide",
        "the id stands twice",
    ),
    "kind-of-crisis-missing": (
        '[[crisis_kind]]\nid = "medical"\nheading = { en = "Your body" }\n'
        'sentence = { en = "Do not wait." }\ncrisis_line_first = false\n',
        "",
        "crisis_kind",
        "'medical' is missing",
    ),
    "kind-without-a-heading": (
        'heading = { en = "Your body" }\n',
        "",
        "crisis_kind medical",
        "'heading' is missing",
    ),
    "kind-without-an-order": ("crisis_line_first = false\n", "", "crisis_kind medical", "is missing"),
    "order-in-quotes": (
        "crisis_line_first = false",
        'crisis_line_first = "no"',
        "crisis_kind medical, crisis_line_first",
        "true or false",
    ),
    "heading-without-a-language": (
        '{ en = "Your body" }',
        "{}",
        "crisis_kind medical, heading",
        "missing in language",
    ),
    "heading-with-an-unknown-placeholder": (
        '"Your body"',
        '"Your {moon}"',
        "crisis_kind medical, heading",
        "unknown placeholder 'moon'",
    ),
    "unknown-key-of-a-kind": (
        "crisis_line_first = false",
        'crisis_line_first = false\nnote = "x"',
        "crisis_kind medical",
        "unknown key 'note'",
    ),
    # what is left of a text where the clinic gives no hours
    "nothing-left-without-hours": (
        '"**Call {emergency}.** We open at {hours}."',
        '"We open at {hours}."',
        "text one, text",
        "nothing is left where the clinic gives no hours",
    ),
    "bold-that-ends-with-the-hours": (
        '"**Call {emergency}.** We open at {hours}."',
        '"**Call {emergency}. We open at {hours}.**"',
        "text one, text",
        "bold words do not end",
    ),
}


@pytest.mark.parametrize(("old", "new", "place", "problem"), REFUSED.values(), ids=REFUSED)
def test_a_faulty_file_is_refused(tmp_path, old, new, place, problem):
    assert old in SMALL
    with pytest.raises(ContentError) as refused:
        load_small(tmp_path, SMALL.replace(old, new, 1))
    assert (refused.value.file, refused.value.place) == (str(tmp_path / "small.toml"), place)
    assert problem in refused.value.problem


def test_a_question_with_the_name_of_a_fact_is_refused(tmp_path):
    questions = Questions("small", {**QUESTIONS.all, "page": Question("page", "one", ("a", "b"))})
    with pytest.raises(ContentError, match="the question 'page' has the name of a fact"):
        load_small(tmp_path, SMALL, questions)


def test_questions_without_a_place_elsewhere_are_refused(tmp_path):
    questions = Questions("small", {**QUESTIONS.all, "place": Question("place", "one", ("us", "gb"))})
    with pytest.raises(ContentError, match="no question 'place' offers 'other'"):
        load_small(tmp_path, SMALL, questions)
