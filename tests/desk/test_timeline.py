"""The timeline of a case by days, its clock, and times that say their zone."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from recommend.desk import next_steps, workflow
from recommend.desk.history import history_of
from recommend.desk.models import CaseChange, Note
from recommend.desk.pages.clock import clock_of
from tests.support.cases import at_desk, called, case_like, case_url, user
from tests.support.people import BOB, DANA

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 25, 17, 0, tzinfo=UTC)  # in New York
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def in_new_york(settings, monkeypatch):
    """The clinic's clock, which stands still at noon."""
    settings.TIME_ZONE = "America/New_York"
    with timezone.override("America/New_York"):
        monkeypatch.setattr(timezone, "now", lambda: NOON)
        yield


def test_timeline_is_grouped_by_day_newest_first():
    case = case_like(BOB, 30 * HOUR)
    called(case, user("ann"), "no_answer", NOON - 20 * HOUR)  # 4 PM the day before
    workflow.add_note(case, user("ann"), "Words.")
    for kind in (CaseChange, Note):
        kind.objects.update(at=NOON)  # the default is bound to the real clock
    days = history_of(case).days(NOON - 30 * HOUR)
    assert [day.date.isoformat() for day in days] == ["2026-11-25", "2026-11-24"]
    times = [entry.at for day in days for entry in day.entries]
    assert times == sorted(times, reverse=True)
    assert days[-1].entries[-1].what == "Sent by the person"
    assert {entry.kind for day in days for entry in day.entries} >= {"contact", "note", "next", "resent"}


def test_timeline_strikes_through_what_was_entered_in_error():
    case = called(case_like(BOB, HOUR), user("ann"), "no_answer")
    workflow.mark_entered_in_error(case, user("ann"), case.contactattempts.get().pk, "Another case.")
    html = at_desk().get(case_url(case)).text
    timeline = html[html.index('id="history"') :].partition("</section>")[0]
    assert "<s>Called: No answer</s>" in timeline
    assert "Another case." in timeline


@pytest.mark.parametrize(
    ("due", "step", "left", "is_past"),
    [
        (NOON - 2 * HOUR, "First contact, today 10:00 AM EST", "2 hours past due", True),
        (NOON, "First contact, today 12:00 PM EST", "0 minutes past due", True),
        (NOON + HOUR / 3, "First contact, today 12:20 PM EST", "in 20 minutes", False),
        (NOON + 22 * HOUR, "First contact, tomorrow 10:00 AM EST", "in 22 hours", False),
    ],
)
def test_clock_says_what_is_due_and_how_long_ago_or_how_soon(due, step, left, is_past):
    clock = clock_of(case_like(BOB, HOUR, next_action_at=due), NOON)
    assert (clock.step, clock.left, clock.is_past) == (step, left, is_past)


def test_a_finished_case_has_no_clock():
    case = case_like(BOB, status="closed")
    assert clock_of(case, NOON) is None
    assert '<span class="clock"><b>Closed</b></span>' in at_desk().get(case_url(case)).text


def test_zone_follows_daylight_saving_time():
    assert next_steps.moment(datetime(2026, 7, 1, 18, 0, tzinfo=UTC), NOON) == "Wed, July 1 2:00 PM EDT"


# A time of day as our pages write it, and what must follow it.
TIME = re.compile(r"\b\d{1,2}(?::\d\d)? ?(?:[ap]\.m\.|[AP]M)(?! E[SD]T)")


def test_every_time_at_the_desk_says_its_zone():
    case = called(case_like(DANA, 30 * HOUR), user("ann"), "no_answer")
    workflow.record_disposition(case, user("ann"), "php", "other", "Words.")
    case_like(BOB, HOUR)
    client = at_desk()
    client.get(case_url(case))
    for path in (case_url(case), case_url(case).replace("change", "print"), "/staff/", "/staff/desk/case/"):
        text = re.sub(r"<[^>]*>", " ", client.get(path).text)
        assert " EST" in text, path
        assert TIME.findall(text) == [], path
