"""Work out times within the clinic's office hours, for next steps and time limits.

Office hours are the setting CLINIC_OPEN, or Monday to Friday from 9 to 5 if it is not set. CLINIC_HOLIDAYS count in
both cases. Returned times are in the clinic's time zone.
"""

from datetime import date, datetime, time, timedelta

from django.utils import timezone

from carenav.clinic.in_force import clinic
from carenav.clinic.opening_hours import FARTHEST, OpeningHours, read_opening_hours

OFFICE_WEEK = read_opening_hours("mon-fri 09:00-17:00").week
AFTERNOON = time(14, 0)
SOONEST = timedelta(hours=1)
"""The least time until "this afternoon", so that staff do not call a person again at once."""


def office_hours() -> OpeningHours:
    """Return the clinic's opening hours, or the default week with the clinic's holidays."""
    hours = clinic().open
    return hours if hours.week else OpeningHours(OFFICE_WEEK, hours.holidays)


def in_two_hours(now: datetime) -> datetime:
    """Return the time in two hours, even if the office is closed then."""
    return now + timedelta(hours=2)


def this_afternoon(now: datetime) -> datetime:
    """Return 2 p.m. today, or in an hour if that is later; the next opening if the office is closed then."""
    local = timezone.localtime(now)
    at_two = datetime.combine(local.date(), AFTERNOON, local.tzinfo)
    at = max(at_two, local + SOONEST)
    return at if office_hours().open_until(at) else _next_opening(at)


def tomorrow_morning(now: datetime) -> datetime:
    """Return the first opening after today."""
    return opening_after_days(now, 1)


def in_three_days(now: datetime) -> datetime:
    """Return the first opening three days from now or later."""
    return opening_after_days(now, 3)


def opening_after_days(now: datetime, days: int) -> datetime:
    """Return the first opening so many days from today, or on a later day if the office is closed then."""
    local = timezone.localtime(now)
    end_of_the_day_before = datetime.combine(local.date() + timedelta(days=days - 1), time.max, local.tzinfo)
    return _next_opening(end_of_the_day_before)


def on_the_day(day: date, now: datetime) -> datetime:
    """Return the first opening on a day or later; tomorrow morning if that has passed."""
    start = datetime.combine(day, time.min, timezone.get_current_timezone())
    at = opening_after_days(start, 0)
    return at if at > now else tomorrow_morning(now)


def after_a_start(day: date, urgent: bool, now: datetime) -> datetime:
    """Return when to ask whether a person has arrived: at the first opening after the day on which they start.

    For an urgent case it is the afternoon of that day.

    Args:
        day: the day of the start, which may have passed.
        urgent: whether the case is urgent.
        now: the current time.
    """
    start = datetime.combine(day, time.min, timezone.get_current_timezone())
    return this_afternoon(max(start, now)) if urgent else opening_after_days(max(start, now), 1)


def _next_opening(at: datetime) -> datetime:
    """Return the next opening; a day later if the clinic does not open within two months."""
    return office_hours().next_opening(at) or at + timedelta(days=1)


# ---- time limits


def after_open_minutes(start: datetime, minutes: int) -> datetime:
    """Return the time when the office will have been open for so many minutes since ``start``."""
    hours, left = office_hours(), timedelta(minutes=minutes)
    at = timezone.localtime(start)
    while True:
        end = hours.open_until(at)
        if end:
            closes = datetime.combine(at.date(), end, at.tzinfo)
            if at + left <= closes:
                return at + left
            left -= closes - at
            at = closes
        opening = hours.next_opening(at)
        if opening is None:
            return at + left
        at = opening


def end_of_office_day(start: datetime, days: int) -> datetime:
    """Return the closing time so many office days after ``start``.

    Args:
        start: the time to count from. If the office is closed then, the next opening counts.
        days: the number of office days; 0 for the same day.
    """
    hours, at = office_hours(), timezone.localtime(start)
    if not hours.open_until(at):
        at = _next_opening(at)
    for _ in range(days):
        at = opening_after_days(at, 1)
    while (opening := hours.next_opening(at)) and opening.date() == at.date():
        at = opening
    end = hours.open_until(at)
    return datetime.combine(at.date(), end, at.tzinfo) if end else at


def previous_office_day(now: datetime) -> datetime:
    """Return the opening time of the last office day before today.

    What was due by then has waited for at least one full office day.
    """
    today = timezone.localtime(now)
    for back in range(1, FARTHEST):
        opening = opening_after_days(today - timedelta(days=back + 1), 1)
        if opening.date() == (today - timedelta(days=back)).date():
            return opening
    return today - timedelta(days=1)


def is_known_to_be_closed(now: datetime) -> bool:
    """Return whether the clinic has set opening hours, and is closed by them."""
    return bool(clinic().open.week) and not is_open(now)


def is_open(now: datetime) -> bool:
    """Return whether the office is open."""
    return office_hours().open_until(timezone.localtime(now)) is not None
