"""Read the retention periods from the settings: how long a finished case is kept, by its outcome."""

import re
from datetime import timedelta

DEFAULT = """
placed=never other_care=7y emergency_care=7y declined=7y not_reached=7y not_for_us=7y other=7y duplicate=1y erased=1y
"""
"""Somebody who was placed may be a patient of the clinic, whose records have periods of their own by law."""

NEVER = "never"
DAYS = {"d": 1, "y": 366}


class RetentionError(ValueError):
    """The retention periods in the settings cannot be read; the message says what is wrong."""


def read_retention(text: str) -> dict[str, timedelta | None]:
    """Read periods such as ``placed=10y duplicate=90d``, over the default ones.

    Args:
        text: an outcome and its period each: days, years, or ``never``.

    Returns:
        the period of each outcome; None for one that is never purged.

    Raises:
        RetentionError: an outcome is unknown or given twice, or a period is none.
    """
    known = dict(_pair(part) for part in DEFAULT.split())
    given: dict[str, timedelta | None] = {}
    for part in text.split():
        name, period = _pair(part)
        if name not in known or name in given:
            raise RetentionError(f"{name!r} is not one of {', '.join(known)}, each given once")
        given[name] = period
    return known | given


def _pair(part: str) -> tuple[str, timedelta | None]:
    name, _, period = part.partition("=")
    if period == NEVER:
        return name, None
    found = re.fullmatch(r"([1-9]\d{0,3})([dy])", period, re.ASCII)
    if not found or int(found[1]) * DAYS[found[2]] > 366 * 100:
        raise RetentionError(f"{part} is not a period such as 90d, 7y or {NEVER}")
    return name, timedelta(days=int(found[1]) * DAYS[found[2]])
