"""Made-up people with their answers, and the results that the rules give them, worked out by hand."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.test import Client
from django.utils import timezone

from intake import drafts, journey
from intake.models import Draft

Answers = dict[str, Any]

WELL: Answers = {
    "emergency": ["none"],
    "who": "me",
    "age": "18_64",
    "place": "us",
    "wish_dead": "no",
    "burden": "no",
    "suicidal_week": "no",
    "past_attempt": "no",
    "self_injury": "none",
    "harm_others": "none",
    "losing_touch": "none",
    "racing": "none",
    "nervous": "never",
    "worry": "never",
    "low_interest": "never",
    "low_mood": "never",
    "other_symptoms": "none",
    "trend": "same_or_better",
    "functioning": "not_hard",
    "self_care": "usual",
    "also": ["none"],
    "substance_use": "no_problem",
    "physical_health": "none",
    "people": "several",
    "home": ["stable"],
    "recent_treatment": ["none"],
    "crises": "none",
    "weekly_hours": "h3",
    "free_times": ["mon_morning", "wed_evening"],
    "work_around": ["none"],
}
"""The calmest answer to each question that everybody is asked, keyed by question id."""

ASKED_OF_ALL: dict[str, list[str]] = {
    "about": ["emergency", "who", "age", "place"],
    "safety": ["wish_dead", "burden", "suicidal_week", "past_attempt"],
    "harm": ["self_injury", "harm_others"],
    "mind": ["losing_touch", "racing"],
    "symptoms": ["nervous", "worry", "low_interest", "low_mood", "other_symptoms", "trend"],
    "daily_life": ["functioning", "self_care"],
    "health": ["also", "substance_use", "physical_health"],
    "support": ["people", "home"],
    "history": ["recent_treatment", "crises"],
    "schedule": ["weekly_hours", "free_times", "work_around"],
}
"""The questions that everybody is asked, for each page of questions in order, keyed by a name for tests."""

SECTIONS = list(ASKED_OF_ALL)

CONTACT: Answers = {
    "name": "Robin Example",
    "reach_by": "phone",
    "phone": "(617) 555-0100",
    "leave_message": "name_only",
    "safe_times": "after 6 pm",
    "language": "English",
    "access_needs": "",
    "note": "I work nights.",
}


@dataclass(frozen=True)
class Person:
    """One person.

    Attributes:
        name: their name in tests.
        level: the level recommended.
        rules: the ids of the rules that decide it.
        crisis_pages: how many times the crisis page is shown while they answer.
        urgent: whether their case is urgent.
        differs: the answers that differ from ``WELL``.
    """

    name: str
    level: str
    rules: list[str]
    crisis_pages: int = 0
    urgent: bool = False
    differs: Answers = field(default_factory=dict)

    @property
    def answers(self) -> Answers:
        return WELL | self.differs

    def __str__(self) -> str:
        return self.name


ALICE = Person("alice", "outpatient", [])
BOB = Person(
    "bob",
    "iop",
    ["weekly-not-enough"],
    differs={"other_symptoms": "severe", "recent_treatment": ["weekly"], "treatment_fit": "not_enough"},
)
CHARLIE = Person(
    "charlie",
    "php",
    ["daily-life-failing-severe-needs"],
    differs={"functioning": "extremely", "how_long": "weeks", "other_symptoms": "severe"},
)
DANA = Person(
    "dana",
    "inpatient",
    ["suicide-now", "plan-or-intent"],
    crisis_pages=1,
    urgent=True,
    differs={
        "wish_dead": "yes",
        "suicidal_week": "yes",
        "suicidal_now": "yes",
        "suicide_plan": "plan",
        "guns": "no",
        "nights": "always",
    },
)
ERIN = Person(
    "erin",
    "inpatient",
    ["dangerous-withdrawal"],
    urgent=True,
    differs={"substance_use": "daily", "withdrawal": "shakes"},
)
FRANK = Person(
    "frank",
    "inpatient",
    ["recent-attempt-and-thoughts"],
    crisis_pages=1,
    urgent=True,
    differs={
        "past_attempt": "yes",
        "last_attempt": "past_3_months",
        "suicidal_week": "yes",
        "suicidal_now": "no",
        "suicide_plan": "none",
        "guns": "no",
        "nights": "always",
    },
)
GRACE = Person(
    "grace",
    "inpatient",
    ["psychosis-or-mania-after-a-birth"],
    crisis_pages=1,
    urgent=True,
    differs={"losing_touch": "new", "also": ["baby"]},
)
HENRY = Person(
    "henry",
    "inpatient",
    ["medical-danger", "self-care-stopped"],
    crisis_pages=2,
    urgent=True,
    differs={"emergency": ["body", "drunk_high"], "self_care": "stopped", "how_long": "weeks"},
)
IRIS = Person(
    "iris",
    "outpatient",
    [],
    differs={"burden": "skip", "suicidal_now": "no", "nights": "always", "nervous": "unsure"},
)

PEOPLE = [ALICE, BOB, CHARLIE, DANA, ERIN, FRANK, GRACE, HENRY, IRIS]
ONE_FOR_EACH_LEVEL = [ALICE, BOB, CHARLIE, DANA]


def well_in(section: str) -> Answers:
    """Return the answers in ``WELL`` to the questions of one page."""
    return {id: WELL[id] for id in ASKED_OF_ALL[section]}


def well_before(section: str) -> Answers:
    """Return the answers in ``WELL`` to all pages before this one, so that it is the first unfinished page."""
    return {id: WELL[id] for each in SECTIONS[: SECTIONS.index(section)] for id in ASKED_OF_ALL[each]}


def draft_for(client: Client, answers: Answers, **fields: Any) -> Draft:
    """Return a stored draft with these answers and fields, with its cookie set in the client."""
    draft, token = drafts.create("en")
    draft.answers = dict(answers)
    for name, value in fields.items():
        setattr(draft, name, value)
    draft.save()
    client.cookies[settings.DRAFT_COOKIE_NAME] = token
    return draft


def checked_draft_for(client: Client, answers: Answers, **fields: Any) -> Draft:
    """Return a draft as :func:`draft_for` does, with its answers confirmed."""
    return draft_for(client, answers, checked=journey.digest(answers), **fields)


def age_by(draft: Draft, **duration: float) -> None:
    """Make a draft look untouched for so long, given as arguments of ``timedelta``."""
    touched = timezone.now() - timedelta(**duration)
    Draft.objects.filter(pk=draft.pk).update(touched_at=touched)
