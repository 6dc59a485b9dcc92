"""What a page that was sent leads to, case by case, without a database or a request."""

import pytest

from tests.support.people import DANA, GRACE, WELL, Answers, well_before, well_in
from tests.support.steps import Outcome, Stored, accepted, applied, invalid, not_open, outcome_of, stop

ABOUT, SAFETY, HARM, HEALTH = (well_in(page) for page in ("about", "safety", "harm", "health"))
BIRTH = WELL | GRACE.differs
"""A birth, and losing touch with what is real: a crisis together, none by itself."""


def without(answers: Answers, *ids: str) -> Answers:
    return {id: value for id, value in answers.items() if id not in ids}


PLAN_SENT = SAFETY | without(DANA.differs, "nights", "guns")
"""A suicide plan, and thoughts of suicide now, as their page sends them: each a crisis by itself."""

PLAN = WELL | PLAN_SENT


CASES: dict[str, tuple[Stored | None, str, Answers, Outcome]] = {
    # the whole page is valid
    "the first page": (None, "about", ABOUT, accepted(ABOUT)),
    "the next page": (Stored(ABOUT), "safety", SAFETY, accepted(ABOUT | SAFETY)),
    "an earlier page": (Stored(WELL), "about", ABOUT | {"place": "gb"}, accepted(WELL | {"place": "gb"})),
    "an optional list emptied": (
        Stored(WELL),
        "schedule",
        well_in("schedule") | {"free_times": [""]},
        accepted(without(WELL, "free_times")),
    ),
    "an answer closes a question": (
        Stored(WELL | {"past_attempt": "yes", "last_attempt": "past_year", "suicidal_now": "no"}),
        "safety",
        SAFETY,
        accepted(WELL),
    ),
    # not open
    "not open": (None, "safety", SAFETY, not_open()),
    "not open, with a draft": (Stored(ABOUT), "health", HEALTH, not_open()),
    "not open, a crisis": (None, "safety", {"suicidal_now": "yes"}, not_open(help=True)),
    "not open, an answer that ends the questions": (None, "safety", {"who": "other"}, not_open()),
    # stop
    "about someone else": (None, "about", ABOUT | {"who": "other"}, stop("other")),
    "about someone else, the rest blank": (None, "about", {"who": "other"}, stop("other")),
    "too young now": (Stored(WELL), "about", ABOUT | {"age": "under_13"}, stop("under_13")),
    "too young, the rest wrong": (Stored(WELL), "about", {"age": "13_17", "place": "mars"}, stop("13_17")),
    "about someone else, a crisis": (
        Stored(WELL),
        "about",
        {"who": "other", "emergency": ["about_to"]},
        stop("other", help=True),
    ),
    "about someone else, a combined crisis": (Stored(BIRTH), "about", {"who": "other"}, stop("other")),
    # missing or wrong: what is valid is kept, where there is a draft
    "no draft, blank": (None, "about", {}, invalid(*ABOUT)),
    "no draft, wrong": (None, "about", ABOUT | {"place": "mars"}, invalid("place")),
    "no draft, blank, a crisis": (
        None,
        "about",
        {"emergency": ["hurt"]},
        invalid("who", "age", "place", help=True),
    ),
    "a draft, blank": (Stored(ABOUT), "safety", {}, accepted(ABOUT, *SAFETY)),
    "a draft, one answer missing": (
        Stored(ABOUT),
        "safety",
        without(SAFETY, "burden"),
        accepted(ABOUT | without(SAFETY, "burden"), "burden"),
    ),
    "a draft, one answer wrong in place of a right one": (
        Stored(WELL),
        "health",
        {"also": ["none", "baby"]},
        accepted(without(WELL, "also"), "also"),
    ),
    # a crisis
    "a crisis": (
        Stored(WELL),
        "safety",
        PLAN_SENT,
        accepted(PLAN, fresh="suicide", noted={"suicidal_now": "yes", "suicide_plan": "plan"}),
    ),
    "two kinds of crisis, one shown before": (
        Stored(PLAN | {"guns": "no"}, shown=("suicide",)),
        "harm",
        HARM | {"harm_others": "may_act", "guns": "no", "suicidal_now": "yes"},
        accepted(
            PLAN | {"guns": "no", "harm_others": "may_act"},
            fresh="violence",
            noted={"suicidal_now": "yes", "harm_others": "may_act"},
        ),
    ),
    "a crisis beside blanks": (
        Stored(well_before("daily_life")),
        "daily_life",
        {"self_care": "stopped"},
        accepted(
            well_before("daily_life") | {"self_care": "stopped"},
            "functioning",
            fresh="self_care",
            noted={"self_care": "stopped"},
        ),
    ),
    "a crisis beside none": (
        Stored(WELL),
        "about",
        ABOUT | {"emergency": ["none", "hurt"]},
        accepted(without(WELL, "emergency"), "emergency", fresh="medical", noted={"emergency": "hurt"}),
    ),
    "a crisis beside none, shown before": (
        Stored(WELL, shown=("medical",)),
        "about",
        ABOUT | {"emergency": ["none", "hurt"]},
        accepted(without(WELL, "emergency"), "emergency", noted={"emergency": "hurt"}),
    ),
    "a crisis in a question that is not asked": (
        Stored(ABOUT),
        "safety",
        SAFETY | {"suicidal_now": "yes"},
        accepted(ABOUT | SAFETY, fresh="suicide", noted={"suicidal_now": "yes"}),
    ),
    "a combined crisis": (
        Stored(without(BIRTH, "also")),
        "health",
        HEALTH | {"also": ["baby"]},
        accepted(BIRTH, fresh="psychosis", noted={"losing_touch": "new", "also": "baby"}),
    ),
    "a combined crisis beside blanks": (
        Stored(well_before("health") | {"losing_touch": "new"}),
        "health",
        {"also": ["baby"]},
        accepted(
            well_before("health") | GRACE.differs,
            "substance_use",
            "physical_health",
            fresh="psychosis",
            noted={"losing_touch": "new", "also": "baby"},
        ),
    ),
    "a combined crisis, through a question that another answer opens": (
        Stored(WELL | {"past_attempt": "yes", "suicidal_week": "yes"}),
        "safety",
        {"last_attempt": "past_3_months", "suicidal_now": "no", "suicide_plan": "none"},
        accepted(
            WELL
            | {"past_attempt": "yes", "suicidal_week": "yes", "last_attempt": "past_3_months"}
            | {"suicidal_now": "no", "suicide_plan": "none"},
            fresh="suicide",
            noted={"past_attempt": "yes", "last_attempt": "past_3_months", "suicidal_week": "yes"},
        ),
    ),
    "a combined crisis, shown before": (
        Stored(BIRTH, shown=("psychosis",)),
        "support",
        well_in("support") | {"people": "one_or_two"},
        accepted(BIRTH | {"people": "one_or_two"}),
    ),
    "a combined crisis, shown before, beside a wrong answer": (
        Stored(BIRTH, shown=("psychosis",)),
        "support",
        {"people": "no such option"},
        accepted(without(BIRTH, "people"), "people"),
    ),
    # a crisis taken back
    "a crisis taken back, with what it opened in a later section": (
        Stored(PLAN | {"guns": "no", "nights": "always"}, shown=("suicide",)),
        "safety",
        SAFETY,
        accepted(WELL),
    ),
    "a crisis taken back and given again": (
        Stored(WELL, shown=("suicide",)),
        "safety",
        PLAN_SENT,
        accepted(PLAN, noted={"suicidal_now": "yes", "suicide_plan": "plan"}),
    ),
    # pressed twice
    "a crisis, pressed twice": (
        Stored(PLAN, shown=("suicide",), just_touched=True),
        "safety",
        PLAN_SENT,
        accepted(PLAN, fresh="suicide", noted={"suicidal_now": "yes", "suicide_plan": "plan"}),
    ),
    "a crisis beside blanks, pressed twice": (
        Stored(ABOUT, shown=("suicide",), just_touched=True),
        "safety",
        {"suicidal_now": "yes"},
        accepted(ABOUT, *SAFETY, fresh="suicide", noted={"suicidal_now": "yes"}),
    ),
    "a combined crisis, pressed twice": (
        Stored(BIRTH, shown=("psychosis",), just_touched=True),
        "health",
        HEALTH | {"also": ["baby"]},
        accepted(BIRTH, fresh="psychosis", noted={"losing_touch": "new", "also": "baby"}),
    ),
    "another page, pressed twice": (
        Stored(BIRTH, shown=("psychosis",), just_touched=True),
        "support",
        well_in("support"),
        accepted(BIRTH),
    ),
    "the same page again, later": (
        Stored(PLAN, shown=("suicide",)),
        "safety",
        PLAN_SENT,
        accepted(PLAN, noted={"suicidal_now": "yes", "suicide_plan": "plan"}),
    ),
    "the same page at once, with another answer": (
        Stored(PLAN, shown=("suicide",), just_touched=True),
        "safety",
        PLAN_SENT | {"burden": "yes"},
        accepted(PLAN | {"burden": "yes"}, noted={"suicidal_now": "yes", "suicide_plan": "plan"}),
    ),
    # an old page: more or fewer questions than the page shows now
    "an old page with questions that have closed": (
        Stored(WELL),
        "safety",
        SAFETY | {"last_attempt": "over_year", "suicidal_now": "no"},
        accepted(WELL),
    ),
    "an old page with questions that it opens itself": (
        Stored(WELL),
        "safety",
        SAFETY | {"past_attempt": "yes", "last_attempt": "over_year", "suicidal_now": "no"},
        accepted(WELL | {"past_attempt": "yes", "last_attempt": "over_year", "suicidal_now": "no"}),
    ),
    "an old page without the questions that have opened": (
        Stored(WELL | {"past_attempt": "yes"}),
        "safety",
        SAFETY | {"past_attempt": "skip"},
        accepted(WELL | {"past_attempt": "skip"}, "suicidal_now"),
    ),
    "an old page that closes the questions that have opened": (
        Stored(WELL | {"past_attempt": "yes"}),
        "safety",
        SAFETY,
        accepted(WELL),
    ),
    "a page with questions of another page": (
        Stored(ABOUT),
        "safety",
        SAFETY | HARM | {"home": ["unsafe"], "level": "php"},
        accepted(ABOUT | SAFETY),
    ),
}


@pytest.mark.parametrize(("draft", "section", "post", "expected"), CASES.values(), ids=CASES)
def test_a_posted_page_leads_to(draft, section, post, expected):
    assert outcome_of(applied(draft, section, post)) == expected


# ---- where it leads


@pytest.mark.parametrize(
    ("draft", "section", "post", "url"),
    [
        (None, "about", ABOUT, "/answers/2/"),
        (Stored(ABOUT), "safety", SAFETY | {"past_attempt": "yes"}, "/answers/2/"),
        (Stored(WELL), "safety", SAFETY, "/answers/check/"),
        (Stored(WELL), "safety", SAFETY | {"past_attempt": "yes", "suicidal_now": "?"}, "/answers/2/"),
        (Stored(ABOUT), "safety", SAFETY, "/answers/2-2/"),
        (Stored(without(WELL, "people")), "safety", SAFETY, "/answers/6/"),
        (Stored(without(WELL, "free_times")), "safety", SAFETY, "/answers/check/"),
        (
            Stored(WELL, shown=("medical",)),
            "safety",
            SAFETY | {"past_attempt": "yes", "emergency": ["hurt"]},
            "/answers/2/",
        ),
    ],
    ids=[
        "next",
        "itself",
        "check",
        "itself, with an error",
        "the next part",
        "first open",
        "optional left out",
        "itself, an earlier page opened too",
    ],
)
def test_an_accepted_page_leads_on_to(draft, section, post, url):
    assert applied(draft, section, post).url == url


def test_a_stop_keeps_all_answers_for_its_page():
    step = applied(Stored(WELL), "about", {"who": "other", "place": "gb"})
    assert step.answers == WELL | {"who": "other", "place": "gb"}


# ---- a crisis taken back


@pytest.mark.parametrize(
    ("draft", "taken_back"),
    [
        (Stored(WELL), False),
        (Stored(PLAN, shown=("suicide",), given=(("suicidal_now", "yes"), ("suicide_plan", "plan"))), False),
        (Stored(WELL, shown=("suicide",), given=(("suicidal_now", "yes"),)), True),
        (Stored(WELL, given=(("suicidal_now", "yes"),)), True),
        (Stored(PLAN | {"suicide_plan": "how"}, given=(("suicide_plan", "plan"),)), True),
        (Stored(BIRTH, shown=("psychosis",)), False),
        (Stored(BIRTH | {"also": ["none"]}, shown=("psychosis",)), True),
    ],
    ids=[
        "none",
        "still there",
        "gone",
        "noted only",
        "one of two",
        "together, still there",
        "together, gone",
    ],
)
def test_a_crisis_is_taken_back_once_it_is_no_longer_in_the_answers(draft, taken_back):
    assert draft.journey().crisis_taken_back is taken_back


# ---- an engine that fails


@pytest.fixture
def broken_engine(monkeypatch):
    def broken(*args: object) -> None:
        raise RuntimeError("broken on purpose")

    monkeypatch.setattr("intake.crisis.rate", broken)


@pytest.mark.usefixtures("broken_engine")
@pytest.mark.parametrize(
    ("draft", "section", "post", "expected"),
    [
        (Stored(without(BIRTH, "also")), "health", HEALTH | {"also": ["baby"]}, accepted(BIRTH)),
        (Stored(BIRTH, just_touched=True), "health", HEALTH | {"also": ["baby"]}, accepted(BIRTH)),
        CASES["a crisis"],
        CASES["a crisis beside blanks, pressed twice"],
        CASES["a draft, blank"],
    ],
    ids=["together", "together, pressed twice", "by itself", "by itself, pressed twice", "blank"],
)
def test_an_engine_that_fails_counts_as_no_crisis_and_is_logged(draft, section, post, expected, caplog):
    assert outcome_of(applied(draft, section, post)) == expected
    assert "the engine failed to see whether answers together are a crisis" in caplog.text
