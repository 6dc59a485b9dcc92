"""The sheet for the first call: what stands on it, and who reaches it."""

import re

import pytest
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.test import Client
from django.utils import timezone
from django.utils.html import escape

from carenav.clinic import context
from intake.models import Submission
from recommend.desk.submissions import submit
from tests.support.people import ALICE, BOB, CONTACT, DANA, PEOPLE, WELL, age_by, checked_draft_for, draft_for
from tests.support.programs import make_program
from tests.support.reading import grade
from tests.support.results import (
    EVERYBODY,
    NEVER,
    UNSAFE,
    WORST_2026_1,
    in_order,
    kept,
    main,
    shown_by_2026_1,
    shown_for,
    words,
)

pytestmark = pytest.mark.django_db

SHEET = "/result/sheet/"
ON_THE_PHONE = (
    "Which days and hours?",
    "Do you take my insurance?",
    "Who manages my medication?",
    "Can my family or a friend take part?",
    "what comes after it?",
)
THERE = (
    "Can someone stay with me?",
    "What about the medicines I take now?",
    "Will my insurance cover it?",
    "Who will I see next, and when?",
)
HOW = {
    "wish_dead": "yes",
    "suicidal_week": "yes",
    "suicidal_now": "no",
    "suicide_plan": "how",
    "guns": "no",
    "nights": "always",
}
TO_SHEET = 'href="/result/sheet/"'


def sheet_of(answers, share="only_me"):
    client = Client()
    draft = checked_draft_for(client, answers | {"share": share})
    if share == "send":
        submit.submit(draft, CONTACT | {"email": ""})
    response = client.get(SHEET)
    assert response.status_code == 200
    return response.content.decode()


def why_of(shown):
    """What the sheet says first about the answers behind the level."""
    if not shown.reasons:
        return "Taken together, my answers don’t call for more than weekly visits."
    return (
        f"“{escape(shown.phrases.said[0])}”"
        if shown.phrases.said
        else "Some of my answers were about staying safe."
    )


@pytest.mark.parametrize("person", PEOPLE, ids=str)
def test_sheet_has_everything_for_the_first_call(person):
    html = main(sheet_of(person.answers, share="send"))
    assert re.findall(r'data-level="(\w+)"', html) == [person.level]
    assert Submission.objects.get().reference in html
    shown = shown_for(person.answers)
    first = shown.plan[0].items[0]
    the_team_calls = first.is_step and person.differs
    assert in_order(
        html,
        str(shown.headline or shown.level.name),
        "provisional recommendation",
        why_of(shown),
        "What to do now",
        "has your answers" if the_team_calls else str(first.paragraphs[0]),
        'href="tel:911"',
        'href="tel:988"',
        *(THERE if person.level == "inpatient" else ON_THE_PHONE),
        "What to bring",
        "A list of the medicines you take",
        "To write down",
    )


def test_the_questions_are_those_of_the_result():
    for person in (BOB, DANA):
        questions = re.findall(r"<li>([^<]*\?)</li>", main(sheet_of(person.answers)))
        assert len(questions) == 6
        assert questions == re.findall(r"<li>([^<]*\?)</li>", main(kept(person.answers)))


@pytest.mark.parametrize("answers", EVERYBODY)
def test_the_sheet_speaks_in_the_first_person_and_quotes_what_is_said_about_it(answers):
    """No rule text, no link to a rule, and no answer about suicide, guns or harm: paper is read by others."""
    html = main(sheet_of(answers))
    shown = shown_for(answers)
    assert [phrase for phrase in shown.phrases.said if f"“{escape(phrase)}”" not in html] == []
    assert ("Some of my answers were about staying safe." in html) == shown.phrases.about_safety
    assert ("I left some questions open." in html) == shown.phrases.left_open
    assert [str(reason.because) for reason in shown.reasons if str(reason.because) in html] == []
    assert "/how-we-decide/#rule-" not in html
    for said in ("Your answers", "of your answers", "You left some", "You answered"):
        assert said not in html


def test_a_result_of_the_first_version_names_three_reasons_and_counts_the_rest():
    shown = shown_by_2026_1(WORST_2026_1)
    values = context.site(HttpRequest()) | {"result": shown, "made_on": timezone.localdate()}
    html = main(render_to_string("patient/sheet.html", values))
    reasons = shown.reasons
    assert len(reasons) > 4
    assert [str(reason.because) in html for reason in reasons] == [
        number < 3 for number in range(len(reasons))
    ]
    assert f"And {len(reasons) - 3} more on the result page" in html


def test_a_card_without_anything_but_the_paper_plan_is_left_out():
    answers = WELL | {
        "burden": "yes",
        "suicidal_now": "no",
        "suicide_plan": "none",
        "guns": "no",
        "nights": "always",
    }
    (card, *_rest) = shown_for(answers).plan
    assert (card.time, card.items, bool(card.paper_plan)) == ("today", (), True)
    html = main(sheet_of(answers))
    assert "<ul></ul>" not in html
    assert "<b>Today:</b>" not in html


def test_free_times_in_words():
    free = ["mon_evening", "tue_evening", "wed_evening", "sat_morning", "varies"]
    html = main(sheet_of(BOB.answers | {"free_times": free}))
    assert "Monday to Wednesday: evening; Saturday: morning. It varies from week to week." in html
    assert "When I am free" not in sheet_of(BOB.answers | {"free_times": []})


@pytest.mark.parametrize(
    ("urgent", "level"),
    [
        ({"also": ["stopped"], "withdrawal": "craving", "substance_use": "concern"}, "outpatient"),
        (
            {
                "also": ["stopped"],
                "withdrawal": "craving",
                "substance_use": "concern",
                "recent_treatment": ["iop_now"],
                "treatment_fit": "helping",
            },
            "iop",
        ),
        (HOW, "php"),
    ],
    ids=["outpatient", "iop", "php"],
)
def test_sheet_of_an_urgent_case_starts_with_what_cannot_wait(urgent, level):
    """The next step of these levels is for the days after that."""
    answers = WELL | {"other_symptoms": "moderate"} | urgent
    html = main(sheet_of(answers))
    assert f'data-level="{level}"' in html
    (card,) = [card for card in shown_for(answers).plan if card.time == "today or tomorrow"]
    first = card.items[0].paragraphs[0]
    assert "<strong>today or tomorrow</strong>" in first
    [step] = [item for card in shown_for(answers).plan for item in card.items if item.is_step]
    assert in_order(html, "<b>Today or tomorrow:</b>", str(first), str(step.paragraphs[0]))
    assert "Today or tomorrow" not in main(sheet_of(BOB.answers))


def test_weekly_visits_are_not_all_that_an_urgent_case_asks_for():
    urgent = {"also": ["stopped"], "withdrawal": "craving", "substance_use": "concern"}
    assert "What is under “What to do now” comes first." in sheet_of(WELL | urgent)
    assert "comes first" not in main(sheet_of(WELL))


def test_the_sheet_has_the_headline_of_the_result():
    """People follow the headline: one that names another kind of care would send them elsewhere."""
    answers = WELL | {"substance_use": "daily", "withdrawal": "shakes"}
    assert "<h1>Get a medical check today</h1>" in sheet_of(answers)
    assert "<h1>Get a medical check today</h1>" in kept(answers)


def test_sheet_says_whom_to_call(settings):
    assert "Who to call" not in sheet_of(BOB.answers)
    settings.CLINIC_PHONE = "(617) 555-0100"
    for number in range(4):
        make_program(f"Program {number}", phone=f"617 555 011{number}")
    html = main(sheet_of(BOB.answers))
    assert in_order(
        html, "Who to call", 'href="tel:6175550100"', "Program 0", 'href="tel:6175550110"', "Program 2"
    )
    assert "Program 3" not in html


def test_lines_of_the_persons_place():
    html = main(sheet_of(BOB.answers | {"place": "gb"}))
    assert 'href="tel:999"' in html
    assert 'href="tel:911"' not in html
    assert "Call the emergency number of the place where you are." in main(
        sheet_of(BOB.answers | {"place": "other"})
    )


@pytest.mark.parametrize("answers", EVERYBODY)
def test_sheet_reads_at_grade_8_without_forbidden_words(answers):
    text = words(sheet_of(answers))
    assert grade(text) <= 8
    assert [never for never in NEVER if re.search(never, text.lower())] == []
    assert "style=" not in sheet_of(answers)


# ---- an unsafe home


def test_the_result_offers_it_only_after_everything_else():
    """Paper may be found: where home is not safe it is never the first thing offered."""
    for answers in (ALICE.answers, UNSAFE, DANA.answers):
        html = main(kept(answers))
        assert html.count(TO_SHEET) == 1
        assert html.index(TO_SHEET) > html.rindex("<details")


def test_an_unsafe_home_is_thought_of():
    html = main(sheet_of(UNSAFE))
    assert "Only print it if no one who shouldn’t see it could find it." in html
    assert 'href="tel:18007997233"' in html
    safe = main(sheet_of(ALICE.answers))
    assert "Only print it" not in safe
    assert "18007997233" not in safe


# ---- who reaches it


def test_sheet_in_another_browser_redirects_to_the_questions():
    sheet_of(BOB.answers, share="send")
    response = Client().get(SHEET)
    assert response.status_code == 302
    assert response["Location"] == "/answers/1/"


def test_sheet_before_a_result_redirects():
    client = Client()
    draft_for(client, WELL)
    assert client.get(SHEET)["Location"] == "/answers/check/"
    checked_draft_for(client, WELL | {"share": "send"})
    assert client.get(SHEET)["Location"] == "/contact/"


def test_sheet_ends_with_the_result():
    client = Client()
    submit.submit(checked_draft_for(client, BOB.answers | {"share": "send"}), CONTACT | {"email": ""})
    Submission.objects.update(open_until=timezone.now())
    assert client.get(SHEET).status_code == 302
    client = Client()
    age_by(checked_draft_for(client, BOB.answers | {"share": "only_me"}), hours=25)
    assert client.get(SHEET).status_code == 302


def test_sheet_page_writes_nothing():
    client = Client()
    checked_draft_for(client, BOB.answers | {"share": "only_me"})
    assert client.post(SHEET).status_code == 405
    response = client.get(SHEET)
    assert "no-store" in response["Cache-Control"]


def test_sheet_without_a_level_says_so_and_shows_911(monkeypatch):
    monkeypatch.setattr("recommend.result.snapshot.rate", None)
    html = main(sheet_of(BOB.answers))
    assert "We could not work this out" in html
    assert 'href="tel:911"' in html
    assert "data-level" not in html
    assert TO_SHEET not in kept(BOB.answers)
