"""Results that say something else than their level: too little known, care that goes on, no need for care."""

import json

import pytest

from carenav.clinic.opening_hours import read_opening_hours
from intake.content import safety_texts_of
from recommend import content
from recommend.result.text import facts_of_snapshot
from tests.support.people import BOB, CHARLIE, DANA, WELL
from tests.support.results import UNSURE, kept, main, outcome_for, sent, shown_for, words

IN_IOP = WELL | {"recent_treatment": ["iop_now"], "treatment_fit": "helping", "other_symptoms": "moderate"}
IN_DAY_PROGRAM = WELL | {"recent_treatment": ["php_now"], "treatment_fit": "helping"}
IN_WEEKLY_CARE = WELL | {"recent_treatment": ["weekly"], "treatment_fit": "helping"}

OWN = {
    "no need": (
        WELL,
        "You may not need treatment right now",
        "Nothing in your answers points to a need for treatment",
    ),
    "little known": (
        UNSURE,
        "The best next step is to talk to someone",
        "We don’t know enough yet to suggest",
    ),
    "in an IOP": (IN_IOP, "Stay with your program", "Keep going to your program"),
    "in a day program": (IN_DAY_PROGRAM, "Stay with your program", "Keep going to your program"),
    "day program not enough": (
        IN_DAY_PROGRAM | {"treatment_fit": "not_enough"},
        "Stay with your program",
        "Tell your program that treatment is not enough",
    ),
    "an IOP is not enough": (
        IN_IOP | {"treatment_fit": "not_enough"},
        "A day program (partial hospitalization, PHP)",
        "Ask them about a day program (PHP)",
    ),
    "weekly care": (IN_WEEKLY_CARE, "Traditional outpatient care", "keep on with that"),
    "needs more than weekly care": (
        BOB.answers,
        "An intensive outpatient program (IOP)",
        "Call this week and ask",
    ),
}


@pytest.fixture(autouse=True)
def clinic(settings):
    settings.CLINIC_NAME, settings.CLINIC_PHONE = "Harbor Lights", "(555) 010-4477"
    settings.CLINIC_RESPONSE_TIME = "within two working days"


@pytest.mark.django_db
@pytest.mark.parametrize("case", OWN)
def test_result_says_what_to_do_in_this_situation(case):
    answers, headline, step = OWN[case]
    html = kept(answers)
    said = words(html)
    assert f"<h1>{headline}</h1>" in html
    assert step in said
    assert html.count("data-level=") == 1
    assert "Ask how soon you can start" not in said or case == "needs more than weekly care"


def test_every_next_step_of_the_file_is_tried_here():
    ruleset = content.ruleset()
    texts = safety_texts_of(ruleset)
    tried = set()
    for answers in (DANA.answers, *(answers for answers, _headline, _step in OWN.values())):
        facts = facts_of_snapshot(outcome_for(json.dumps(answers)), answers, ruleset, "result")
        tried |= {step.id for step in [texts.next_step(facts)] if step}
    assert tried == {step.id for step in texts.next_steps}


@pytest.mark.parametrize(
    "differs",
    [
        {"other_symptoms": "mild"},
        {"harm_others": "skip"},
        {"recent_treatment": ["weekly"], "treatment_fit": "helping"},
        {"also": ["pregnant"], "substance_use": "daily"},
        {"wish_dead": "yes", "suicidal_now": "no", "guns": "no", "nights": "always"},
    ],
    ids=str,
)
def test_nobody_with_a_problem_is_told_that_they_need_nothing(differs):
    assert shown_for(WELL | differs).headline != "You may not need treatment right now"


def test_little_known_names_at_most_three_questions_and_no_levels():
    shown = shown_for(UNSURE)
    assert 0 < len(shown.would_help) <= 3
    assert shown.level is not None
    assert shown_for(WELL).would_help == ()
    assert shown_for(WELL | {"nervous": "unsure"}).would_help == ()


@pytest.mark.parametrize(
    "differs", [DANA.differs, {"substance_use": "daily", "withdrawal": "shakes"}], ids=str
)
def test_nobody_in_danger_is_told_that_too_little_is_known(differs):
    shown = shown_for(UNSURE | differs)
    assert shown.would_help == ()
    assert shown.needs_numbers


@pytest.mark.django_db
def test_number_of_the_clinic_is_on_the_first_card_with_its_hours(settings):
    settings.CLINIC_OPEN = read_opening_hours("mon-sun 00:00-24:00")
    said = words(kept(BOB.answers))
    assert "Harbor Lights: Call (555) 010-4477 Open now" in " ".join(said.split())
    assert main(kept(BOB.answers)).index("tel:5550104477") < main(kept(BOB.answers)).index("data-rule=")


@pytest.mark.django_db
@pytest.mark.parametrize("person", [BOB, CHARLIE], ids=str)
def test_once_sent_the_team_calls_and_the_number_stays(person):
    html = sent(person.answers)
    said = words(html)
    assert "Harbor Lights has your answers" in said
    assert "contact you within two working days" in said
    assert "ask for an assessment" not in said
    assert "tel:5550104477" in main(html)


@pytest.mark.django_db
def test_somebody_in_another_country_is_not_sent_to_the_clinic():
    html = kept(BOB.answers | {"place": "gb"})
    assert "tel:5550104477" not in main(html)
    assert "42 CFR" not in html
