"""The order within a card of the plan: what cannot wait stands first, whatever it is about."""

import pytest

from tests.support.people import CHARLIE, HENRY, WELL
from tests.support.results import shown_for


def items_of(answers, card=0):
    return ["".join(item.paragraphs) for item in shown_for(answers).plan[card].items]


def test_call_now_stands_before_what_is_for_today():
    first, *rest = items_of(HENRY.answers)
    assert first.startswith("Call 911 now.")
    assert any(item.startswith("Do not drive. Please answer again when you are sober") for item in rest)


def test_go_today_stands_before_whom_to_take_along():
    """Both are for today: the order of the file decides, not that only the second tells of danger."""
    answers = WELL | {"emergency": ["drunk_high"], "substance_use": "daily", "withdrawal": "seizure"}
    go, *rest = items_of(answers)
    assert go.startswith("<strong>Go to an emergency room today.")
    assert any(item.startswith("Do not stay alone tonight") for item in rest)


@pytest.mark.parametrize("differs", [{}, {"wish_dead": "yes", "guns": "no", "nights": "always"}])
def test_the_step_of_the_level_stands_after_danger_of_the_same_time(differs):
    level = shown_for(CHARLIE.answers | differs).level
    [card] = [each for each in shown_for(CHARLIE.answers | differs).plan if each.time == level.next_step_time]
    assert str(level.next_step) in ["".join(item.paragraphs) for item in card.items]
    places = [item.is_danger for item in card.items]
    assert places == sorted(places, reverse=True)


def test_a_sheet_of_paper_has_what_is_first_and_says_how_much_it_leaves_out():
    shown = shown_for(
        WELL | {"harm_others": "may_act", "guns": "reach", "also": ["opioids"], "people": "none"}
    )
    to_do = [item for card in shown.plan if card.time != "good to know" for item in card.items]
    cards, left_out = shown.on_one_sheet
    assert [item for card in cards for item in card.items] == to_do[:3]
    assert left_out == len(to_do) - 3 > 0
    assert shown_for(WELL).on_one_sheet[1] == 0


def test_a_sheet_of_paper_has_the_next_step_also_where_it_is_only_good_to_know():
    (card,), left_out = shown_for(WELL).on_one_sheet
    assert (card.time, [item.is_step for item in card.items], left_out) == ("good to know", [True], 0)


def test_a_sheet_of_paper_has_the_next_step_also_where_much_comes_first():
    """It is the sheet for the first call, and the next step says whom to call and what to ask for."""
    how = {
        "wish_dead": "yes",
        "suicidal_week": "yes",
        "suicide_plan": "how",
        "guns": "no",
        "nights": "always",
    }
    shown = shown_for(WELL | how | {"other_symptoms": "moderate", "suicidal_now": "no"})
    to_do = [item for card in shown.plan if card.time != "good to know" for item in card.items]
    cards, left_out = shown.on_one_sheet
    kept = [item for card in cards for item in card.items]
    assert str(shown.level.next_step) in kept[-1].paragraphs
    assert kept == [*to_do[:2], to_do[-1]]
    assert left_out == len(to_do) - 3 > 0
