"""Who checked which crisis line when, and which lines are due for a check."""

from collections.abc import Iterable
from datetime import date

from django.contrib.auth.models import User
from django.utils import timezone

from carenav.clinic.content import crisis_lines
from carenav.clinic.crisis_lines import Line, is_too_old
from carenav.clinic.models import LineCheck


def key_of(line: Line) -> str:
    """Return what a check is about: the id of the line and its numbers.

    A check of a number says nothing about the one that takes its place.
    """
    return " ".join(filter(None, (line.id, line.call, line.text_to, line.chat)))


def last_checks() -> dict[str, LineCheck]:
    """Return the last check of each line, keyed by :func:`key_of`."""
    checks = LineCheck.objects.select_related("by").order_by("at", "pk")
    return {f"{check.line} {check.numbers}".strip(): check for check in checks}


def checked_on(line: Line, checks: dict[str, LineCheck]) -> date:
    """Return the day of the last check, by the content file or by an administrator."""
    check = checks.get(key_of(line))
    return max(line.checked_on, timezone.localdate(check.at)) if check else line.checked_on


def due(lines: Iterable[Line], today: date) -> list[Line]:
    """Return the lines whose last check was too long ago. Makes no query where the content file says that none is."""
    old = [line for line in lines if line.stale(today)]
    checks = last_checks() if old else {}
    return [line for line in old if is_too_old(checked_on(line, checks), today)]


def all_lines() -> dict[str, Line]:
    """Return every line of every country, keyed by :func:`key_of`."""
    return {key_of(line): line for country in crisis_lines().countries for line in country.lines}


def confirm(keys: Iterable[str], by: User) -> int:
    """Store a check of each of these lines by this administrator, now, and return how many were stored.

    Args:
        keys: as :func:`key_of` returns them; others are ignored.
        by: the administrator.
    """
    known = all_lines()
    lines = [known[key] for key in dict.fromkeys(keys) if key in known]
    LineCheck.objects.bulk_create(
        LineCheck(line=line.id, numbers=key_of(line).removeprefix(line.id).strip(), by=by) for line in lines
    )
    return len(lines)
