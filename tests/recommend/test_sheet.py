"""The sheet for the first call: what stands on it, and who reaches it."""

import re

import pytest
from django.test import Client
from django.utils import timezone

from intake.models import Submission
from recommend.desk.submissions import submit
from tests.support.people import ALICE, BOB, CONTACT, DANA, PEOPLE, WELL, age_by, checked_draft_for, draft_for
from tests.support.programs import make_program
from tests.support.reading import grade
from tests.support.results import EVERYBODY, NEVER, UNSAFE, WORST, in_order, kept, main, shown_for, words

pytestmark = pytest.mark.django_db

SHEET = "/result/sheet/"
ON_THE_PHONE = (
    "Which days and hours?",
    "Do you take my insurance?",
    "Who looks after my medicines?",
    "Can my family or a friend take part?",
    "what comes after it?",
)
THERE = (
    "Can someone stay with me?",
    "What about the medicines I take now?",
    "Does my insurance pay?",
    "Who will I see next, and when?",
)
TO_SHEET = 'href="/result/sheet/"'


def sheet_of(answers, share="only_me"):
    client = Client()
    draft = checked_draft_for(client, answers | {"share": share})
    if share == "send":
        submit.submit(draft, CONTACT | {"email": ""})
    response = client.get(SHEET)
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize("person", PEOPLE, ids=str)
def test_sheet_has_everything_for_the_first_call(person):
    html = main(sheet_of(person.answers, share="send"))
    assert re.findall(r'data-level="(\w+)"', html) == [person.level]
    assert Submission.objects.get().reference in html
    level, reasons = shown_for(person.answers).level, shown_for(person.answers).reasons
    assert in_order(
        html,
        str(level.name),
        "provisional recommendation",
        str(reasons[0].because) if reasons else "None of my answers asked for more",
        str(level.next_step),
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


def test_reasons_that_have_no_room_are_counted():
    reasons = shown_for(WORST).reasons
    assert len(reasons) > 4
    html = main(sheet_of(WORST))
    assert [str(reason.because) in html for reason in reasons] == [
        number < 3 for number in range(len(reasons))
    ]
    assert f"And {len(reasons) - 3} more on the result page" in html
    assert "more on the result page" not in sheet_of(BOB.answers)


def test_free_times_in_words():
    free = ["mon_evening", "tue_evening", "wed_evening", "sat_morning", "varies"]
    html = main(sheet_of(BOB.answers | {"free_times": free}))
    assert "Monday to Wednesday: evening; Saturday: morning. It varies from week to week." in html
    assert "When I am free" not in sheet_of(BOB.answers | {"free_times": []})


@pytest.mark.parametrize(
    ("urgent", "level"),
    [
        ({"also": ["stopped"], "withdrawal": "nothing"}, "outpatient"),
        ({"also": ["stopped"], "withdrawal": "nothing", "recent_treatment": "weekly_not_enough"}, "iop"),
        ({"wish_dead": "yes", "suicidal_week": "yes", "suicidal_now": "no", "suicide_plan": "how"}, "php"),
    ],
    ids=["outpatient", "iop", "php"],
)
def test_sheet_of_an_urgent_case_starts_with_what_cannot_wait(urgent, level):
    """The next step of these levels is a call within days."""
    html = sheet_of(WELL | {"other_symptoms": "moderate"} | urgent)
    assert f'data-level="{level}"' in html
    assert "First, today: a doctor, an emergency room or a crisis line. After that: Call" in " ".join(
        html.split()
    )
    assert "First, today" not in sheet_of(BOB.answers) + sheet_of(DANA.answers)


def test_weekly_visits_are_not_all_that_an_urgent_case_asks_for():
    urgent = {"also": ["stopped"], "withdrawal": "nothing"}
    assert "I may need a doctor or an emergency room today." in sheet_of(WELL | urgent)
    assert "or an emergency room today" not in main(sheet_of(WELL))


def test_sheet_says_whom_to_call(settings):
    assert "Whom to call" not in sheet_of(BOB.answers)
    settings.CLINIC_PHONE = "(617) 555-0100"
    for number in range(4):
        make_program(f"Program {number}", phone=f"617 555 011{number}")
    html = main(sheet_of(BOB.answers))
    assert in_order(
        html, "Whom to call", 'href="tel:6175550100"', "Program 0", 'href="tel:6175550110"', "Program 2"
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


def test_the_result_offers_it_first_only_where_home_is_safe():
    top, _, rest = main(kept(ALICE.answers)).partition("<details")
    assert (TO_SHEET in top, TO_SHEET in rest) == (True, True)
    for answers in (UNSAFE, DANA.answers):
        top, _, rest = main(kept(answers)).partition("<details")
        assert (TO_SHEET in top, TO_SHEET in rest) == (False, True)


def test_an_unsafe_home_is_thought_of():
    html = main(sheet_of(UNSAFE))
    assert "Print it only where nobody finds it who must not see it." in html
    assert 'href="tel:18007997233"' in html
    safe = main(sheet_of(ALICE.answers))
    assert "Print it only" not in safe
    assert "18007997233" not in safe


# ---- who reaches it


def test_sheet_in_another_browser_redirects_to_the_questions():
    sheet_of(BOB.answers, share="send")
    response = Client().get(SHEET)
    assert response.status_code == 302
    assert response["Location"] == "/answers/about/"


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
