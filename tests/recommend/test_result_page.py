"""The result page: what stands on it, in which order, and what never does."""

import gzip
import json
import re
from dataclasses import replace

import pytest
from django.conf import settings
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.test import Client
from django.utils.html import escape, strip_tags
from django.utils.text import capfirst

from carenav.clinic import context
from intake import content as intake_content
from recommend import content
from recommend.desk.submissions import submit
from recommend.result.shown import ResultText, ShownChange
from recommend.result.snapshot import outcome_of
from recommend.result.stored_snapshot import NEEDS_MANUAL_REVIEW
from recommend.result.text import result_text
from tests.support.people import (
    ALICE,
    BOB,
    CHARLIE,
    CONTACT,
    DANA,
    ERIN,
    HENRY,
    WELL,
    checked_draft_for,
)
from tests.support.reading import grade
from tests.support.results import (
    BOB_2026_1,
    CHARLIE_2026_1,
    EVERYBODY,
    NEVER,
    OPEN,
    UNSAFE,
    WELL_2026_1,
    WORST,
    in_order,
    kept,
    main,
    outcome_for,
    page,
    sent,
    shown_by_2026_1,
    shown_for,
    words,
)
from tests.support.weight import MOST

pytestmark = pytest.mark.django_db


def rendered(shown: ResultText, reference: str | None = None) -> str:
    values = context.site(HttpRequest()) | {"result": shown, "reference": reference}
    return render_to_string("patient/result.html", values)


# ---- what a machine reads


@pytest.mark.parametrize("answers", EVERYBODY)
def test_one_level_and_each_deciding_rule_once(answers):
    html = rendered(shown_for(answers))
    snapshot = outcome_for(json.dumps(answers))
    assert re.findall(r'data-level="(\w+)"', html) == [snapshot.level_id]
    assert re.findall(r'data-rule="([\w-]+)"', html) == [reason.rule for reason in snapshot.reasons]
    assert 'data-page="result"' in html


@pytest.mark.parametrize("answers", EVERYBODY)
def test_no_script_no_inline_style_and_no_broken_text(answers):
    html = rendered(shown_for(answers), "K7QX-92MD")
    assert "style=" not in html
    assert "<script" not in html
    assert "{&#x27;" not in html  # a wording by language, printed as it is stored
    assert "{%" not in html
    assert "None" not in words(html).replace("None of", "")


def test_the_longest_page_stays_small():
    files = [
        (settings.BASE_DIR / "static" / name).read_bytes() for name in ("patient/carenav.css", "favicon.svg")
    ]
    sizes = [len(gzip.compress(part)) for part in (sent(WORST).encode(), *files)]
    assert sum(sizes) <= MOST, sizes


# ---- the top


@pytest.mark.parametrize("person", [ALICE, BOB, CHARLIE], ids=str)
def test_result_without_danger_starts_with_the_sentence(person):
    html = main(kept(person.answers))
    shown = shown_for(person.answers)
    first = str(shown.plan[0].items[0].paragraphs[0])
    assert shown.plan[0].items[0].is_step
    assert in_order(
        html,
        "A first suggestion, to talk over with a doctor or therapist",
        "<h1>",
        shown.sentence,
        first,
        "<details",
    )
    assert "card-danger" not in html


@pytest.mark.parametrize("answers", [DANA.answers, ERIN.answers, HENRY.answers, WORST])
def test_result_in_danger_starts_with_lines_and_what_to_do(answers):
    html = main(sent(answers))
    shown = shown_for(answers)
    assert in_order(
        html,
        f"<h1>{shown.headline}</h1>",
        'href="tel:911"',
        'href="tel:988"',
        str(shown.level.sentence),
        *(str(item.paragraphs[0]) for item in shown.plan[0].items),
        "No one is reading this right now",
        "Your reference",
        '<details class="reasons">',
    )
    assert shown.plan[0].is_urgent
    assert shown.headline
    assert f"<h1>{shown.level.name}" not in html
    assert str(shown.level.next_step) not in html


def test_inpatient_without_crisis_says_that_nobody_reads_the_answers():
    answers = WELL | {
        **dict.fromkeys(("nervous", "worry", "low_interest", "low_mood"), "daily"),
        "other_symptoms": "severe",
        "functioning": "extremely",
        "how_long": "months",
        "substance_use": "daily",
        "withdrawal": "craving",
        "people": "hardly",
        "home": ["unstable"],
        "crises": "several",
    }
    shown = shown_for(answers)
    assert (shown.level.id, shown.crisis, shown.urgent) == ("inpatient", (), ())
    html = kept(answers)
    assert in_order(
        main(html),
        "<h1>Get a same-day evaluation for inpatient care</h1>",
        'href="tel:911"',
        "<strong>Today:</strong>",
        "No one is reading this right now",
        '<div class="layers">',
    )
    assert "No one is reading this right now" in above_the_layers(html)


def test_result_without_a_clinic_number_says_whom_to_call():
    html = main(kept(DANA.answers | {"place": "other"}))
    assert "Call the emergency number of the place where you are." in html
    assert "https://findahelpline.com" in html
    assert "tel:None" not in html


def above_the_layers(html: str) -> str:
    """What stands open above the layers, without the paper plan, which may be folded."""
    return re.sub(r"<details>.*?</details>", "", main(html).partition('<div class="layers">')[0], flags=re.S)


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({"substance_use": "daily", "withdrawal": "shakes"}, ["Get a medical check today", "Do not drive."]),
        ({"also": ["opioids"], "withdrawal": "nothing"}, ["get naloxone (Narcan)"]),
        (
            {"also": ["baby"], "losing_touch": "brief"},
            ["If you hear, see or believe strange things after a birth"],
        ),
        ({"also": ["eating"], "eating_often": "weekly"}, ["heart tracing (ECG) and blood tests"]),
        (
            {
                "wish_dead": "yes",
                "suicidal_now": "no",
                "suicide_plan": "none",
                "guns": "reach",
                "nights": "always",
            },
            ["A shot cannot be taken back.", "<strong>within 7 days</strong>"],
        ),
        ({"home": ["no_home"]}, ["Ask for a place to sleep", "Call 211 for a place for tonight."]),
        ({"burden": "skip", "suicidal_now": "no", "nights": "always"}, ["988 Suicide &amp; Crisis Lifeline"]),
        ({"emergency": ["drunk_high"]}, ["Please answer again when you are sober"]),
    ],
)
def test_important_parts_are_open_above_the_layers(answers, expected):
    html = above_the_layers(kept(WELL | answers))
    assert [text for text in expected if text not in html] == []
    calm = above_the_layers(kept(WELL))
    assert [text for text in expected if text in calm] == []


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({"also": ["opioids"], "withdrawal": "nothing"}, ["SafeSpot"]),
        ({"also": ["baby"]}, ["Scary thoughts that you do not want", "Maternal Mental Health Hotline"]),
    ],
)
def test_what_may_wait_is_one_fold_of_its_card(answers, expected):
    html = kept(WELL | answers)
    assert [text for text in expected if text in above_the_layers(html)] == []
    (fold,) = re.findall(r"<details>(.*?)</details>", main(html).partition('<div class="layers">')[0], re.S)
    assert [text for text in expected if text not in fold] == []
    assert "for when you have time" in fold.partition("</summary>")[0]


def test_unsafe_home_puts_the_domestic_violence_line_before_the_next_step():
    html = main(kept(UNSAFE))
    assert in_order(
        html, "It is not your fault.", 'href="tel:18007997233"', str(shown_for(UNSAFE).level.next_step)
    )
    assert html.count('href="tel:18007997233"') == 1


@pytest.mark.parametrize("place", ["eu", "other"])
def test_a_place_without_a_domestic_violence_line_still_has_the_text(place):
    html = main(kept(UNSAFE | {"place": place}))
    assert "It is not your fault. You can talk to someone about being safe at home" in html
    assert 'class="kind"' not in html


def headings(cards: str, html: str) -> list[str]:
    found = re.findall(rf'<h2 id="{cards}-\d">(.*?)</h2>', html, re.DOTALL)
    return [strip_tags(heading).strip() for heading in found]


def test_what_comes_first_stands_above_the_rest_and_only_today_is_strong():
    shown = shown_for(
        UNSAFE
        | {
            "emergency": ["drunk_high"],
            "also": ["stopped"],
            "substance_use": "concern",
            "withdrawal": "craving",
        }
    )
    assert [(text.id, text.time) for text in shown.texts] == [
        ("sober", "today"),
        ("sober-company", "today"),
        ("withdrawal-alcohol", "today or tomorrow"),
        ("unsafe-home", "this week"),
        ("unread", "good to know"),
    ]
    html = main(rendered(shown))
    assert headings("plan", html) == ["Today", "Today or tomorrow", "This week"]
    assert headings("later", html) == ["Good to know"]
    assert in_order(html, *(str(text.paragraphs[0]) for text in shown.texts))
    assert html.count("card-plan card-danger") == 1


# ---- the layers


def layers(html: str) -> list[str]:
    return re.findall(r"<summary>\s*(.*?)\s*</summary>", html)


def in_the_last_layer(html: str) -> list[str]:
    """The headings of what says how the result came about."""
    return re.findall(r"<h3>\s*(.*?)\s*</h3>", main(html).partition(MORE)[2].partition("</details>")[0])


MORE = "More about how we got here"
LAYERS = [
    "What a normal week is like",
    "Why this",
    "Get ready for the first call",
    MORE,
    "What this can and cannot do",
]


def test_everything_else_is_in_layers_that_need_no_script():
    html = kept(BOB.answers | {"work_around": ["cost"], "worry": "unsure"})
    assert layers(html.partition('<div class="layers">')[2]) == LAYERS
    assert in_the_last_layer(html) == [
        "What is not known yet",
        "Your answers in seven areas",
        "Why not less care",
        "Why not more care",
        "What would change this",
    ]


def test_result_hides_empty_parts():
    bare = replace(
        shown_for(ALICE.answers),
        changes=[],
        enough=[],
        notes=[],
        range=None,
        not_less=[],
        not_more=[],
        reasons=[],
        texts=[],
    )
    assert layers(rendered(bare)) == LAYERS
    assert in_the_last_layer(rendered(bare)) == ["Your answers in seven areas"]


def test_reasons_are_short_forms_of_the_persons_own_answers():
    html = main(kept(BOB.answers))
    reasons = html.partition('class="reasons"')[2].partition("</details>")[0]
    assert re.findall(r"<li>(.*?)</li>", reasons) == [
        "Other problems make most days hard to get through",
        "You had outpatient visits or medicine from a doctor",
        "You gave treatment a fair try, without enough help",
    ]
    assert re.findall(r'data-rule="([\w-]+)"', html) == ["weekly-not-enough"]


@pytest.mark.parametrize("answers", EVERYBODY)
def test_nobody_reads_the_text_of_a_rule(answers):
    """A rule speaks of everyone it fits, and some of suicide, guns or harm to others."""
    html = main(rendered(shown_for(answers)))
    said = [str(rule.because[language]) for rule in content.ruleset().rules for language in rule.because]
    assert [because for because in said if escape(because) in html] == []


@pytest.mark.parametrize("answers", [DANA.answers, WORST], ids=["dana", "worst"])
def test_answers_about_suicide_are_named_only_as_about_staying_safe(answers):
    html = main(rendered(shown_for(answers)))
    reasons = html.partition('class="reasons"')[2].partition("</details>")[0]
    assert "Some of your answers were about staying safe." in reasons
    assert "<li>" not in reasons
    for said in ("You answered", "counted most", "main reason"):
        assert said not in html


def test_a_refusal_is_a_question_left_open_and_never_an_answer_about_staying_safe():
    html = main(rendered(shown_for(OPEN)))
    reasons = html.partition('class="reasons"')[2].partition("</details>")[0]
    assert "You left some questions open." in reasons
    assert "staying safe" not in html
    assert "<li>" not in reasons
    assert "What is still open may call for more than" in html
    assert "What you told us calls for more" not in html


def test_a_result_of_the_first_version_keeps_its_reasons_with_the_answers():
    html = main(rendered(shown_by_2026_1(BOB_2026_1)))
    reason = html.partition("data-rule")[2].partition("</section>")[0]
    assert "Your answers point to severe symptoms." in reason
    assert "Strong. It is hard to get through most days" in reason


def test_how_many_answers_are_enough_is_said_in_words_for_the_first_version():
    shown = shown_by_2026_1(CHARLIE_2026_1)
    assert len(shown.enough) > 1
    said = f"These {len(shown.enough)} of your answers counted most:"
    assert said in rendered(shown)
    one = rendered(replace(shown, enough=shown.enough[:1]))
    assert "This answer of yours counted most:" in one


def test_why_not_less_names_no_level_that_would_do_as_well():
    moderate = WELL | {"other_symptoms": "moderate", "functioning": "very", "how_long": "months"}
    html = kept(moderate | {"weekly_hours": "h9"})
    assert "<b>Outpatient</b> could fit as well. The sources name both" in html
    assert "can give." not in html
    firm = kept(moderate | {"weekly_hours": "h9", "crises": "one"})
    assert "What you told us calls for more than <b>Outpatient</b> can give." in firm
    assert "could fit as well" not in firm
    first = rendered(
        shown_by_2026_1(
            WELL_2026_1
            | {"other_symptoms": "moderate", "functioning": "very", "crises": "one", "weekly_hours": "h9"}
        )
    )
    assert "So this is more than <b>Outpatient</b> can give." in first


def test_weekly_visits_are_not_all_that_an_urgent_case_asks_for():
    urgent = kept(WELL | {"also": ["stopped"], "withdrawal": "craving", "substance_use": "concern"})
    assert 'data-level="outpatient"' in urgent
    assert "What we ask you to do first comes from your answers, too. For the time after that" in urgent
    assert "What we ask you to do first" not in kept(WELL)
    assert in_order(
        urgent,
        "Today or tomorrow</h2>",
        "See a doctor <strong>today or tomorrow</strong>",
        "This week</h2>",
        "Call a clinic",
    )
    assert "Today or tomorrow</h2>" not in kept(WELL | {"losing_touch": "command"})


def test_sufficient_answers_are_listed_beside_several_reasons():
    shown = shown_by_2026_1(CHARLIE_2026_1)
    first = replace(shown.reasons[0], answers=shown.enough)
    last = replace(shown.reasons[-1], answers=shown.enough[:1])
    alone = (
        rendered(replace(shown, reasons=[first])).partition('class="enough"')[2].partition("</section>")[0]
    )
    several = rendered(replace(shown, reasons=[first, last])).partition('class="enough"')[2]
    assert "<dt>" not in alone
    assert several.partition("</section>")[0].count("<dt>") == len(shown.enough)


def test_changes_are_grouped_by_the_level_they_lead_to():
    shown = shown_for(ALICE.answers)
    up, answer = content.continuum().level("iop"), shown_for(CHARLIE.answers).enough[:1]
    html = rendered(replace(shown, changes=[ShownChange(up, True, answer), ShownChange(up, True, answer)]))
    assert html.count("More care, IOP, if you answered:") == 1
    down = content.continuum().level("outpatient")
    assert "Less care, Outpatient" in rendered(replace(shown, changes=[ShownChange(down, False, answer)]))


def test_areas_show_the_answers_that_raised_them():
    html = main(kept(CHARLIE.answers)).partition('class="areas"')[2].partition("</dl>")[0]
    ruleset = content.ruleset()
    assert re.findall(r"<dt>(.*?)</dt>", html) == [str(label["en"]) for label in ruleset.areas.values()]
    assert re.search(r"\d", strip_tags(html)) is None
    areas = outcome_of(ruleset, CHARLIE.answers).areas
    said = dict(zip(areas, re.findall(r"<dt>.*?</dt>(.*?)</div>", html, flags=re.S), strict=True))
    for area, reached in areas.items():
        if ruleset.space.scales[area].index(reached) == 0:
            assert capfirst(ruleset.words[area][reached]["en"]) in said[area]
    short = intake_content.questionnaire().wordings["functioning"].short["extremely"]
    assert f"<dd>{short}</dd>" in said["functioning"]


def test_areas_never_repeat_an_answer_about_staying_safe():
    html = main(kept(DANA.answers)).partition('class="areas"')[2].partition("</dl>")[0]
    assert "Your answers about staying safe" in html
    assert re.search("suicid|kill|plan", html) is None


DANGER_FLAGS = [
    "death_thoughts",
    "wish",
    "wished",
    "suicidal_week",
    "suicidal_week_open",
    "intent_open",
    "thought_how",
    "plan_intent",
    "suicidal_now",
    "self_injury_often",
    "self_injury_medical",
    "urges",
    "may_act",
    "guns",
    "command",
    "psychosis",
    "mania",
    "unreal",
    "hurt",
    "medical",
    "under_influence",
    "stopped",
    "overdose",
    "eating_daily",
    "self_care_failing",
]


def test_why_not_more_names_no_sign_of_danger():
    ruleset = content.ruleset()
    unspoken = [ruleset.words[name]["label"]["en"] for name in ("risk", "withdrawal", "attempt")]
    unspoken += [ruleset.words[name]["yes"]["en"] for name in DANGER_FLAGS]
    for answers in EVERYBODY:
        layer = (
            main(rendered(shown_for(answers))).partition("Why not more care")[2].partition("</details>")[0]
        )
        assert [label for label in unspoken if label in layer] == []
    calm = main(kept(ALICE.answers))
    assert "Your answers did not point to danger right now. If that changes" in calm


def test_why_not_more_says_what_was_lacking():
    layer = main(kept(ALICE.answers)).partition("Why not more care")[2].partition("</details>")[0]
    assert re.findall("<li>(.*?)</li>", layer) == [
        "Daily life: almost impossible, or basic care missed on most days",
        "Symptoms: too strong to get through the day",
        "Daily life: very hard, or basic care missed on some days",
    ]


def test_why_not_more_does_not_paraphrase_a_danger():
    ruleset = content.ruleset()
    spoken = [
        literal
        for rule in ruleset.rules
        if rule.level.id != "inpatient"
        for point in rule.points
        if not point & ruleset.unspoken
        for literal in ruleset.space.literals(point)
    ]
    assert ("functioning", "severe") in spoken
    words = " ".join(ruleset.words[signal][grade]["en"] for signal, grade in spoken)
    assert re.findall("withdrawal|suicid|attempt|seizure|voices|birth|danger|gun|kill|hurt|dead", words) == []


def test_why_not_more_does_not_call_an_urgent_case_without_danger():
    urgent = (
        WELL
        | {"wish_dead": "yes", "suicidal_week": "yes", "suicidal_now": "no", "suicide_plan": "how"}
        | {
            "guns": "no",
            "nights": "always",
        }
    )
    assert shown_for(urgent).urgent
    assert "did not point to danger" not in kept(urgent)


def test_why_not_more_does_not_call_a_serious_risk_no_danger():
    serious = WELL | {"self_injury": "medical"}
    assert shown_for(serious).urgent == ()
    assert "did not point to danger" not in kept(serious)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (
            {"substance_use": "daily", "withdrawal": "sick"},
            "Buprenorphine or methadone can ease the sickness",
        ),
        (
            {"substance_use": "concern", "withdrawal": "never_without"},
            "<strong>Before you cut down,</strong>",
        ),
        ({"also": ["opioids"], "withdrawal": "nothing"}, "your usual amount can kill you"),
        ({"emergency": ["drunk_high"]}, "Do not stay alone tonight"),
    ],
    ids=["sick", "never-without", "opioids", "sober"],
)
def test_why_not_more_does_not_speak_against_a_text_about_the_body(body, text):
    html = kept(WELL | body)
    assert text in html
    assert "or your body is in danger, do not wait" in html
    assert "did not point to danger" not in html


def test_why_not_more_does_not_say_that_an_unsafe_home_is_no_danger():
    html = kept(WELL | {"home": ["unsafe"]})
    assert "did not point to danger" not in html
    assert "If someone may hurt you now" in html


# ---- what is not known


def test_the_range_is_said_near_the_top_and_the_questions_in_their_layer():
    html = main(kept(OPEN))
    top, _, rest = html.partition("<details")
    assert "Some questions are still open. With these answered, it could be anything from" in top
    shown = shown_for(OPEN)
    for question in shown.range.unknown:
        assert str(question) in rest
        assert str(question) not in top


def test_one_open_danger_question_is_named_but_several_are_not():
    shown = shown_for(OPEN)
    one = shown.range.may_be_crisis[:1]
    html = rendered(replace(shown, range=replace(shown.range, may_be_crisis=one)))
    assert f"It could also be care today. That depends on the answer to “{one[0]}”" in html
    assert len(shown.range.may_be_crisis) > 1
    several = rendered(shown)
    assert "It could also be care today" not in several
    assert "What is still open could be a danger." in several


def test_open_questions_that_move_nothing_are_said_to_move_nothing():
    shown = shown_for(OPEN)
    still = replace(shown.range, lowest=shown.level, highest=shown.level, settling=None, may_be_crisis=[])
    html = rendered(replace(shown, range=still))
    assert html.count("Whatever the answers are, the level stays the same.") == 2
    assert "it could be anything from" not in html


def test_open_danger_questions_are_not_said_to_move_nothing():
    shown = shown_for(OPEN)
    still = replace(shown.range, lowest=shown.level, highest=shown.level, settling=None)
    assert still.may_be_crisis
    assert shown.level.id != "inpatient"
    html = rendered(replace(shown, range=still))
    assert html.count("The level stays the same, unless an answer calls for care today.") == 2
    assert "Whatever the answers are" not in html


def test_inpatient_result_does_not_add_that_it_could_be_care_today():
    answers = WELL | {"substance_use": "daily", "withdrawal": "shakes", "self_care": "unsure"}
    shown = shown_for(answers)
    assert shown.level.id == shown.range.lowest.id == "inpatient"
    assert len(shown.range.may_be_crisis) == 1
    html = words(rendered(shown))
    assert "Whatever the answers are, the level stays the same." in html
    assert "What is still open could be a danger." in html
    for said in ("It could also be care today", "unless an answer calls for care today"):
        assert said not in html


# ---- sent, or only for me


def test_sent_result_has_a_reference_to_quote():
    client = Client()
    submission = submit.submit(
        checked_draft_for(client, ALICE.answers | {"share": "send"}), CONTACT | {"email": ""}
    )
    html = page(client)
    assert submission.reference in html
    assert "Have it ready when you call." in html
    assert "They have not been sent to anyone." not in html


def test_only_me_says_how_long_the_answers_stay_and_how_to_delete_them():
    html = kept(ALICE.answers)
    assert "Have it ready when you call." not in html
    assert "They have not been sent to anyone." in html
    assert "24 hours" in html
    assert "deletes them at once" in html


@pytest.mark.parametrize(
    ("reference", "title"),
    [("K7QX-92MD", "A person will look at this"), (None, "We could not work this out")],
)
def test_result_without_a_level_shows_whom_to_call_and_crisis_lines(reference, title):
    nothing = result_text(NEEDS_MANUAL_REVIEW, {}, content.ruleset(), content.questionnaire())
    html = main(rendered(nothing, reference))
    assert in_order(html, f"<h1>{title}</h1>", 'href="tel:911"', 'href="tel:988"')
    assert "data-level" not in html
    assert "data-rule" not in html
    assert not re.search("<details[^>]*(?<!open)>", html), "something is folded"
    assert ("K7QX-92MD" in html) == (reference is not None)


# ---- how it speaks


@pytest.mark.parametrize("answers", EVERYBODY)
def test_every_result_names_its_limits_and_is_a_suggestion(answers):
    text = words(rendered(shown_for(answers)))
    assert "A first suggestion, to talk over with a doctor or therapist" in text
    for limit in (
        "a clinician, who decides with you",
        "not a diagnosis, an instruction or a crisis service",
        "It can be wrong.",
    ):
        assert limit in text


@pytest.mark.parametrize("answers", EVERYBODY)
def test_result_never_diagnoses_and_never_says_safe(answers):
    html = re.sub(
        r"<dt>.*?</dt>", "", rendered(shown_for(answers), "K7QX-92MD"), flags=re.DOTALL
    )  # questions ask
    text = words(html).lower()
    assert [found.group() for never in NEVER for found in re.finditer(never, text)] == []


@pytest.mark.parametrize("answers", EVERYBODY)
def test_result_reads_at_grade_8_or_lower(answers):
    assert grade(words(rendered(shown_for(answers), "K7QX-92MD"))) <= 8


def test_each_text_of_the_page_alone_reads_at_grade_8_or_lower():
    """Texts of 30 words and more; shorter ones only count together with their neighbours."""
    hard = {
        text: round(grade(text), 1)
        for answers in (WORST, OPEN)
        for text in (part.strip() for part in words(rendered(shown_for(answers))).split("\n"))
        if len(text.split()) >= 30 and grade(text) > 8
    }
    questions = {str(wording.text) for wording in intake_content.questionnaire().wordings.values()}
    assert {text: value for text, value in hard.items() if text not in questions} == {}


@pytest.mark.parametrize("answers", [ALICE.answers, DANA.answers])
def test_result_of_a_person_who_will_call_does_not_ask_them_to_wait(answers):
    client = Client()
    checked_draft_for(client, answers | {"share": "send"})
    client.post("/send/", {"reach_by": "i_will_call"})
    client_waits, they_call = "They’ll contact you", "You said you will call, so the team won’t contact you"
    for path in ("/result/", "/result/sent/"):
        text = client.get(path).content.decode()
        assert they_call in text
        assert client_waits not in text
        client.post("/result/change/")
    assert (
        sent(answers).lower().count(client_waits.lower()) == 1
    )  # in the plan, or else where it says that it is sent
    assert they_call not in sent(answers)


def test_result_says_that_starting_again_closes_it(client):
    checked_draft_for(client, WELL | {"share": "send"})
    client.post("/send/", CONTACT)
    text = client.get("/result/").content.decode()
    assert "for 24 hours. “Leave this site” ends that at once. So does starting over." in " ".join(
        text.split()
    )
    client.post("/answers/1/", {id: WELL[id] for id in ("emergency", "who", "age", "place")})
    assert client.get("/result/")["Location"] == "/answers/2/"


@pytest.mark.parametrize(
    ("answers", "waits"), [(BOB.answers, True), (DANA.answers, False)], ids=["calm", "danger"]
)
def test_after_sending_it_says_what_happens_next_and_what_to_do_until_then(answers, waits):
    html = sent(answers)
    assert in_order(html, "Someone on the team reads", "They contact you", "decide together what comes next")
    assert html.lower().count("they’ll contact you") == 1  # said once: where to look for it is no riddle
    assert ("While you wait" in html) == waits
    assert ("Don’t wait to hear from the team" in html) != waits
    assert "While you wait" not in kept(answers)
