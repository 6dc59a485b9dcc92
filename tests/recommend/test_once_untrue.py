"""People who read something untrue in 2026.2 before its texts were read apart from their conditions, one by one."""

import pytest
from django.template.loader import render_to_string
from django.utils import translation

from tests.recommend.said import opened, result_of

OVER = {"substance_use": ("mixed",), "withdrawal": ("over",)}
IN_CRISIS = {"self_care": ("stopped",)}


def said_to(changes, language="en") -> str:
    """Headline, first sentence and plan of somebody who is well but for these answers."""
    with translation.override(language):
        shown = result_of(opened(changes))
        items = [part for card in shown.plan for item in card.items for part in item.paragraphs]
        return (
            " ".join([shown.headline, shown.sentence, *map(str, items)])
            .replace("<strong>", "")
            .replace("</strong>", "")
        )


@pytest.mark.parametrize(
    ("changes", "never", "instead"),
    [
        # A week or more without it: nothing is left to stop.
        (OVER, "Do not stop suddenly", "Say what you took before"),
        (OVER | IN_CRISIS, "Do not stop suddenly", "Tell the people who see you today what you took before"),
        (
            {"also": ("pregnant",), "substance_use": ("problems",), "withdrawal": ("over",)},
            "Do not stop alcohol",
            "If you still drink",
        ),
        # A glass on most days before: that amount kills nobody.
        (
            {"substance_use": ("concern",), "withdrawal": ("over",)},
            "is no longer used to the old amount: the same amount can kill you",
            "If you took opioids, or a lot of anything else",
        ),
        # Stopped some days ago: "do not stop" comes too late.
        (
            {"substance_use": ("daily",), "withdrawal": ("seizure",)},
            "Do not stop on your own",
            "Do not stop alcohol, pills or drugs without a doctor’s help. If you have stopped already",
        ),
        # Cut down, and did not stop.
        (
            {"emergency": ("bad_withdrawal",)},
            "what you stopped, and when",
            "what you stopped or cut down, and when",
        ),
        # A wound, and no package.
        ({"emergency": ("hurt",)}, ". Bring the package", "If you took too much, bring the package"),
        # Pills from a doctor may be of any kind.
        (
            {"also": ("opioids",), "withdrawal": ("prescribed",)},
            "Sleeping or anxiety pills",
            "Pills from a doctor",
        ),
        # Nowhere to be at home.
        (
            {"home": ("no_home",), "substance_use": ("daily",), "withdrawal": ("shakes",)},
            "at home",
            "visits to a doctor, a day program or a hospital",
        ),
        (
            {"home": ("no_home",), "recent_treatment": ("left_hospital",)},
            "home.",
            "the team that looked after you there",
        ),
        ({"home": ("unsafe",)}, "Your days can go on as they are", "They take about an hour a week"),
        # About to hurt someone: no word that thoughts are only thoughts.
        (
            {"emergency": ("about_to_others",), "harm_others": ("passing",)},
            "Having a thought is not the same",
            "Get away from the person you may hurt",
        ),
        # In a program, and well: nothing in the answers calls for that much.
        ({"recent_treatment": ("php_now",)}, "your answers fit that amount", "You are in a day program now"),
        ({"recent_treatment": ("iop_now",)}, "your answers fit that amount", "(IOP) now. We suggest"),
        # Two day programs: nobody knows which of them was not enough.
        (
            {"recent_treatment": ("php_done", "php_now"), "treatment_fit": ("not_enough",)},
            "it has not been enough",
            "treatment has not been enough so far",
        ),
        # Somebody names a need, and reads that there is none.
        ({"trend": ("much_worse",)}, "You may not need treatment", "Visits about once a week"),
        ({"worry": ("most_days",)}, "You may not need treatment", "Visits about once a week"),
        ({"emergency": ("drunk_high",)}, "You may not need treatment", "Visits about once a week"),
        ({"also": ("stopped",)}, "You may not need treatment", "Visits about once a week"),
        ({"also": ("sedatives",)}, "You may not need treatment", "Visits about once a week"),
        # Only refusals: nobody said that it has been bad before.
        ({"suicidal_week": ("skip",), "suicidal_now": ("skip",)}, "gets bad again", "no way"),
    ],
    ids=lambda each: "" if isinstance(each, str) else " ".join(f"{id}:{'|'.join(each[id])}" for id in each),
)
def test_what_was_untrue_is_no_longer_said(changes, never, instead):
    said = said_to(changes)
    assert never not in said
    assert instead in said or instead == "no way"


@pytest.mark.parametrize(
    ("changes", "never", "instead"),
    [
        (OVER, "No los deje de golpe", "Diga qué tomaba antes"),
        ({"recent_treatment": ("iop_now",)}, "sus respuestas van con", "Por ahora le sugerimos"),
        (
            {"home": ("no_home",), "withdrawal": ("shakes",), "substance_use": ("daily",)},
            "en casa",
            "citas médicas",
        ),
        ({"also": ("opioids",), "withdrawal": ("prescribed",)}, "para dormir", "Pastillas recetadas"),
    ],
    ids=lambda each: "" if isinstance(each, str) else " ".join(each),
)
def test_what_was_untrue_in_spanish_is_no_longer_said(changes, never, instead):
    said = said_to(changes, "es")
    assert never not in said
    assert instead in said


def test_an_eating_problem_of_unknown_extent_is_never_told_as_no_danger():
    with translation.override("en"):
        assert not result_of(opened({"also": ("eating",), "eating_often": ("unsure",)})).reassures
        assert result_of(opened({"also": ("eating",), "eating_often": ("sometimes",)})).reassures


def test_weekly_care_that_is_not_enough_is_no_reason_to_say_that_nothing_asks_for_more():
    """The page says what the answers come to, not that none of them points elsewhere."""
    with translation.override("en"):
        shown = result_of(opened({"recent_treatment": ("weekly",), "treatment_fit": ("not_enough",)}))
        why = render_to_string("patient/parts/why_in_short.html", {"result": shown})
    assert shown.level.id == "outpatient"
    assert "Nothing in your answers" not in why
    assert "Taken together, your answers don’t call for more than weekly visits." in why
