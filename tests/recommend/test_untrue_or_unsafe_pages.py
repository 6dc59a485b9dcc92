"""Sentences that were untrue or unsafe in 2026.1: the pages of today, for the answers of each finding."""

import re

import pytest
from django.test import Client

from tests.support.people import WELL, checked_draft_for, draft_for
from tests.support.results import in_order, kept, main, shown_for, words

pytestmark = pytest.mark.django_db

NO_DANGER = "did not point to danger"
SUICIDE_SCRIPTS = (
    "safe from suicide",
    "Do not stay alone",
    "Ask someone you trust to come",
    "Please stay with me",
    "Have someone near you",
)
"""Advice for thoughts of suicide that sends for company, to somebody who may hurt the one who comes."""


def result(differs) -> str:
    """What the result page says, in single spaces."""
    return " ".join(words(kept(WELL | differs)).split())


def crisis_page(differs) -> str:
    client = Client()
    draft_for(client, WELL | differs)
    response = client.get("/help-now/")
    assert response.status_code == 200
    return " ".join(words(response.content.decode()).split())


def level_of(differs) -> str:
    return shown_for(WELL | differs).level.id


def card(differs, heading: str) -> str:
    """What one card of the plan says."""
    (found,) = [each for each in shown_for(WELL | differs).plan if each.heading == heading]
    return " ".join(str(part) for item in found.items for part in item.paragraphs)


# ---- B1.1

THOUGHTS_THIS_WEEK = {
    "wish_dead": "yes",
    "suicidal_week": "yes",
    "suicidal_now": "no",
    "suicide_plan": "none",
    "guns": "no",
    "nights": "always",
}


def test_thoughts_of_suicide_this_week_are_urgent_and_never_reassured():
    shown = shown_for(WELL | THOUGHTS_THIS_WEEK)
    text = result(THOUGHTS_THIS_WEEK)
    assert shown.level.id == "iop"
    assert "suicide" in shown.urgent
    assert NO_DANGER not in text
    assert "Talk to someone today or tomorrow" in re.sub(
        "</?strong>", "", card(THOUGHTS_THIS_WEEK, "Today or tomorrow")
    )
    assert text.index("Call 988") < text.index("Call this week and ask for an assessment")
    assert text.index("Today or tomorrow") < text.index("This week")


@pytest.mark.parametrize(
    "differs",
    [
        {"wish_dead": "yes"},
        {"burden": "yes"},
        {"past_attempt": "yes", "last_attempt": "past_year"},
        {"self_injury": "often"},
    ],
    ids=lambda differs: next(iter(differs)),
)
def test_no_sign_of_suicide_is_told_as_no_danger(differs):
    rest = {"suicidal_now": "no", "suicide_plan": "none", "guns": "no", "nights": "always"}
    assert NO_DANGER not in result(rest | differs)
    assert NO_DANGER in result({})


# ---- B1.2


@pytest.mark.parametrize(
    "differs",
    [
        {"harm_others": "urges", "guns": "no"},
        {"harm_others": "may_act", "guns": "no"},
        {"emergency": ["about_to_others"]},
    ],
    ids=lambda differs: str(next(iter(differs.values()))),
)
def test_who_may_hurt_someone_is_never_told_to_send_for_company(differs):
    text = result(differs)
    assert [said for said in SUICIDE_SCRIPTS if said in text] == []
    assert "ask another adult to look after them" in text


@pytest.mark.parametrize("differs", [{"harm_others": "may_act"}, {"emergency": ["about_to_others"]}])
def test_the_crisis_page_for_violence_says_how_to_keep_others_safe(differs):
    text = crisis_page(differs)
    assert "Get away from the person you may hurt." in text
    assert "Leave weapons behind." in text
    assert [said for said in SUICIDE_SCRIPTS if said in text] == []


def test_urges_alone_say_to_keep_away_from_weapons_and_the_person():
    text = result({"harm_others": "urges", "guns": "no"})
    assert "Do not be alone with anyone you may hurt." in text
    assert "Let someone else keep guns and knives for now." in text


def test_the_crisis_page_for_stopped_self_care_has_no_words_about_suicide():
    text = crisis_page({"self_care": "stopped"})
    assert "Take small sips of water if you can." in text
    assert [said for said in SUICIDE_SCRIPTS if said in text] == []
    assert "safe from suicide" in crisis_page({"emergency": ["about_to"]})


def test_being_about_to_hurt_someone_is_another_kind_of_crisis_than_suicide():
    assert shown_for(WELL | {"emergency": ["about_to_others"]}).crisis == ("violence",)
    assert shown_for(WELL | {"emergency": ["about_to"]}).crisis == ("suicide",)


# ---- B1.3


def test_a_safety_plan_is_there_to_fill_in_for_thoughts_of_suicide():
    assert "A plan for hard moments helps" in result(THOUGHTS_THIS_WEEK)
    client = Client()
    checked_draft_for(client, WELL | THOUGHTS_THIS_WEEK | {"share": "only_me"})
    plan = words(client.get("/plan/").content.decode())
    steps = (
        "1. How I notice it starts",
        "2. What I can do by myself",
        "3. People and places",
        "4. Who I ask for help",
        "5. Professionals and lines",
        "6. Making my place safer",
        "7. What I live for",
    )
    assert in_order(plan, *steps)
    assert "A plan for hard moments" not in result({})


# ---- B1.4


def test_heavy_use_in_a_pregnancy_is_urgent_and_named():
    differs = {"also": ["pregnant"], "substance_use": "daily", "withdrawal": "craving"}
    text = result(differs)
    assert "pregnancy" in shown_for(WELL | differs).urgent
    assert "Pregnancy and alcohol, drugs or pills." in text
    assert "Call your maternity unit, your doctor or an addiction clinic today or tomorrow." in text
    assert "If you still drink, or take sedatives or opioids, do not stop suddenly." in text
    assert NO_DANGER not in text


# ---- B1.5


@pytest.mark.parametrize("treatment", ["left_hospital", "iop_now"])
def test_who_finished_a_detox_is_not_sent_to_an_emergency_room(treatment):
    differs = {
        "substance_use": "daily",
        "withdrawal": "over",
        "recent_treatment": [treatment],
        "treatment_fit": "helping",
    }
    text = result(differs)
    assert level_of(differs) == "iop"
    assert "You have been without it for a week or more." in text
    assert "the same amount can kill you now" in text
    assert "emergency room today" not in text
    assert "Do not stop" not in text


# ---- B1.6


def test_sickness_without_opioids_gets_opioid_advice_and_no_words_on_alcohol_first():
    differs = {"substance_use": "daily", "withdrawal": "sick"}
    text = result(differs)
    assert "Buprenorphine or methadone can ease the sickness" in text
    assert "get naloxone (Narcan) today" in text
    assert "Alcohol or sedatives" not in text
    assert "Stopping alcohol or sedatives" not in text


# ---- B1.7


def test_a_plan_of_the_last_month_is_not_told_as_danger_right_now():
    differs = {
        "wish_dead": "yes",
        "suicidal_week": "no",
        "suicidal_now": "no",
        "suicide_plan": "plan",
        "guns": "no",
        "nights": "always",
    }
    shown = shown_for(WELL | differs)
    text = result(differs)
    assert shown.level.id == "inpatient"
    assert [reason.rule for reason in shown.reasons] == ["plan-or-intent"]
    assert "right now" not in text.replace("No one is reading this right now", "")
    assert "right now" not in str(shown.reasons[0].because)


# ---- B1.8


def test_never_without_stopped_older_and_ill_is_one_medical_check_today():
    differs = {
        "age": "65_plus",
        "also": ["stopped"],
        "substance_use": "daily",
        "withdrawal": "never_without",
        "physical_health": "unstable",
    }
    html = main(kept(WELL | differs))
    assert level_of(differs) == "inpatient"
    assert re.search(r"<h1>\s*Get a medical check today\s*</h1>", html)
    assert "intensive outpatient" not in html.partition("<details")[0].lower()


# ---- B1.9


def test_burden_alone_has_a_true_answer_and_no_sentence_about_harm_is_put_in_the_mouth():
    differs = {
        "burden": "yes",
        "suicidal_now": "no",
        "suicide_plan": "none",
        "guns": "no",
        "nights": "always",
    }
    text = result(differs)
    assert level_of(differs) == "outpatient"
    assert "You answered" not in text
    assert "wish I were not alive" not in text
    assert "within 7 days" in text
    assert "Your answers about harm" not in text


# ---- B1.10


def test_an_attempt_long_ago_is_not_told_as_a_need_that_is_still_there():
    differs = {
        "past_attempt": "yes",
        "last_attempt": "over_year",
        "suicidal_now": "no",
        "suicide_plan": "none",
        "guns": "no",
        "nights": "always",
        "recent_treatment": ["php_done"],
        "treatment_fit": "helping",
        "weekly_hours": "h3",
    }
    shown = shown_for(WELL | differs)
    assert shown.level.id == "outpatient"
    assert "still there" not in result(differs)


def test_a_burden_and_an_attempt_of_unknown_time_is_not_a_serious_risk():
    differs = {
        "burden": "yes",
        "past_attempt": "yes",
        "last_attempt": "unsure",
        "suicidal_now": "no",
        "suicide_plan": "none",
        "guns": "no",
        "nights": "always",
    }
    assert level_of(differs) == "iop"
    assert "serious risk" not in result(differs)


def test_an_illness_that_is_not_under_control_is_not_told_as_substance_use():
    differs = {"physical_health": "unstable", "other_symptoms": "severe"}
    text = result(differs)
    assert "substance use" not in text.partition("Your answers in seven areas")[0]
    assert "See your own doctor this week" in text


def test_words_on_psychosis_after_a_birth_wait_for_something_of_it():
    assert "strange things" not in result({"also": ["baby"]})
    assert "strange things after a birth" in result({"also": ["baby"], "losing_touch": "brief"})


def test_no_change_of_answer_is_offered_as_a_way_to_more_care_by_harm():
    changes = [
        str(answer) for each in shown_for(WELL).changes for shown in each.answers for answer in shown.answers
    ]
    assert [said for said in changes if re.search("suicid|hurt|kill|die", said)] == []
