"""The clinic's opening hours: read them from the settings, and tell whether it is open at a given time."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

Span = tuple[time, time]
"""A start and a later end on the same day."""

MIDNIGHT = time.max
"""The end of a day, written as 24:00 in the settings."""

FARTHEST = 60
"""Days to look ahead for the next opening."""


class OpeningHoursError(ValueError):
    """Opening hours in the settings cannot be read; the message says what is wrong."""


@dataclass(frozen=True)
class OpeningHours:
    """The opening hours of each weekday, and the holidays. All times are in the clinic's time zone.

    Attributes:
        week: the spans of each weekday (Monday is 0), in order, not overlapping. The clinic is closed on missing days.
        holidays: dates on which the clinic is closed.
    """

    week: Mapping[int, tuple[Span, ...]]
    holidays: frozenset[date]

    def open_until(self, at: datetime) -> time | None:
        """Return when the clinic closes today, if it is open at this time; None if it is closed.

        Args:
            at: a time in the clinic's time zone.
        """
        for start, end in self._on(at.date()):
            if start <= at.time() < end:
                return end
        return None

    def next_opening(self, at: datetime) -> datetime | None:
        """Return when the clinic opens next, in the same time zone; None if not within ``FARTHEST`` days.

        Args:
            at: a time in the clinic's time zone.
        """
        for ahead in range(FARTHEST):
            day = at.date() + timedelta(days=ahead)
            for start, _end in self._on(day):
                opens = datetime.combine(day, start, at.tzinfo)
                if opens > at:
                    return opens
        return None

    def _on(self, day: date) -> tuple[Span, ...]:
        return () if day in self.holidays else self.week.get(day.weekday(), ())


def read_opening_hours(hours: str, holidays: Iterable[str] = ()) -> OpeningHours:
    """Read opening hours from the settings.

    Args:
        hours: such as ``mon-fri 08:00-12:00 13:00-18:00, sat 09:00-12:00``; "" means always closed.
        holidays: dates such as ``2026-12-25``.

    Raises:
        OpeningHoursError: a day or time does not exist, a day is given twice, spans overlap, or a span ends before it
            starts.
    """
    week: dict[int, tuple[Span, ...]] = {}
    for part in filter(None, (part.strip() for part in hours.lower().split(","))):
        days, *spans = part.split()
        for day in _days(days):
            if day in week:
                raise OpeningHoursError(f"{DAYS[day]} is given twice")
            week[day] = _spans(spans, part)
    return OpeningHours(week, frozenset(map(_holiday, holidays)))


def _days(text: str) -> range:
    first, _, last = text.partition("-")
    if first not in DAYS or (last or first) not in DAYS:
        raise OpeningHoursError(f"{text!r} is not a day or days such as mon-fri")
    days = range(DAYS.index(first), DAYS.index(last or first) + 1)
    if not days:
        raise OpeningHoursError(f"{text!r}: a week goes from mon to sun")
    return days


def _spans(texts: list[str], part: str) -> tuple[Span, ...]:
    if not texts:
        raise OpeningHoursError(f"{part!r} has no times such as 08:00-18:00")
    spans = tuple(map(_span, texts))
    if any(later[0] < earlier[1] for earlier, later in pairwise(spans)):
        raise OpeningHoursError(f"{part!r}: each time must begin after the one before has ended")
    return spans


def _span(text: str) -> Span:
    found = re.fullmatch(r"(\d\d:\d\d)-(\d\d:\d\d)", text, re.ASCII)
    try:
        start, end = map(_time, found.groups() if found else ())
    except ValueError:
        raise OpeningHoursError(f"{text!r} is not a time such as 08:00-18:00") from None
    if end <= start:
        raise OpeningHoursError(f"{text!r} must end after it starts, on the same day")
    return start, end


def _time(text: str) -> time:
    return MIDNIGHT if text == "24:00" else time.fromisoformat(text)


def _holiday(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise OpeningHoursError(f"{text!r} is not a date such as 2026-12-25") from None
