"""Opening hours: as a clinic writes them, and what a page says of them at a moment."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone, translation

from carenav.clinic.context import open_now
from carenav.clinic.opening_hours import OpeningHoursError, read_opening_hours

BOSTON = ZoneInfo("America/New_York")
HOURS = read_opening_hours(
    "mon-thu 08:00-12:00 13:00-18:00, fri 09:00-24:00, sat 10:00-12:00", ["2026-12-24", "2026-12-25"]
)


@pytest.mark.parametrize(
    ("at", "until"),
    [
        ("2026-11-30 07:59", None),
        ("2026-11-30 08:00", "12:00"),
        ("2026-11-30 11:59", "12:00"),
        ("2026-11-30 12:00", None),
        ("2026-11-30 13:00", "18:00"),
        ("2026-12-04 23:59", "23:59"),
        ("2026-12-06 11:00", None),
        ("2026-12-25 11:00", None),
    ],
)
def test_open_until_the_end_of_the_span(at, until):
    found = HOURS.open_until(datetime.fromisoformat(at).replace(tzinfo=BOSTON))
    assert (found.strftime("%H:%M") if found else None) == until


@pytest.mark.parametrize(
    ("at", "opens"),
    [
        ("2026-11-30 07:00", "2026-11-30 08:00"),
        ("2026-11-30 08:00", "2026-11-30 13:00"),
        ("2026-11-30 18:00", "2026-12-01 08:00"),
        ("2026-12-05 12:00", "2026-12-07 08:00"),
        ("2026-12-23 19:00", "2026-12-26 10:00"),
    ],
)
def test_next_opening_skips_closed_days(at, opens):
    found = HOURS.next_opening(datetime.fromisoformat(at).replace(tzinfo=BOSTON))
    assert found == datetime.fromisoformat(opens).replace(tzinfo=BOSTON)


def test_clinic_that_never_opens_has_no_next_opening():
    assert read_opening_hours("").next_opening(datetime(2026, 11, 30, tzinfo=BOSTON)) is None


@pytest.mark.parametrize(
    ("hours", "holidays", "problem"),
    [
        ("mon-fri", [], "'mon-fri' has no times"),
        ("monday 08:00-18:00", [], "'monday' is not a day"),
        ("fri-mon 08:00-18:00", [], "a week goes from mon to sun"),
        ("mon 8-18", [], "'8-18' is not a time"),
        ("mon 08:00-25:00", [], "'08:00-25:00' is not a time"),
        ("mon 18:00-08:00", [], "must end after it starts"),
        ("mon 08:00-08:00", [], "must end after it starts"),
        ("mon 08:00-12:00 11:00-18:00", [], "must begin after the one before has ended"),
        ("mon 08:00-12:00, mon-fri 13:00-18:00", [], "mon is given twice"),
        ("mon 08:00-12:00", ["12/25/2026"], "'12/25/2026' is not a date"),
    ],
)
def test_malformed_opening_hours_are_refused(hours, holidays, problem):
    with pytest.raises(OpeningHoursError) as refused:
        read_opening_hours(hours, holidays)
    assert problem in str(refused.value)


@pytest.mark.parametrize(
    ("at", "language", "says"),
    [
        ("2026-11-30 09:30", "en", "Open now, until noon"),
        ("2026-11-30 15:00", "en", "Open now, until 6 p.m."),
        ("2026-12-04 15:00", "en", "Open now"),
        ("2026-11-30 07:00", "en", "Closed now. Opens today at 8 a.m."),
        ("2026-11-30 20:00", "en", "Closed now. Opens tomorrow at 8 a.m."),
        ("2026-12-05 20:00", "en", "Closed now. Opens on Monday at 8 a.m."),
        ("2026-11-30 09:30", "es", "Abierto ahora. Cierra hoy, 12:00 p.m."),
        ("2026-12-05 20:00", "es", "Cerrado ahora. Abre el lunes, 8:00 a.m."),
        ("2026-11-30 20:00", "es", "Cerrado ahora. Abre mañana, 8:00 a.m."),
    ],
)
def test_page_says_whether_the_clinic_is_open(settings, monkeypatch, at, language, says):
    settings.CLINIC_OPEN = HOURS
    now = datetime.fromisoformat(at).replace(tzinfo=BOSTON)
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)
    with translation.override(language), timezone.override(BOSTON):
        assert open_now() == says


def test_page_says_nothing_without_opening_hours(settings):
    settings.CLINIC_OPEN = read_opening_hours("")
    assert open_now() == ""
