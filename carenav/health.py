"""Two addresses for a monitor: ``/healthz`` says that this process answers, ``/readyz`` that the site can serve.

They tell no version, no number and nothing about anybody, because everybody can open them.
"""

from collections.abc import Callable
from datetime import date, timedelta
from functools import cache

from django.db import Error
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from carenav.clinic.content import crisis_lines
from carenav.plumbing.db_state import clocks_agree, migrations_are_applied
from carenav.plumbing.db_timeout import STRANGER, time_limit
from recommend import content


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Respond "ok" without the database. A process that does not respond should be restarted."""
    return HttpResponse("ok\n", content_type="text/plain; charset=utf-8")


@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Respond "ok", or 503 with one line for each part that is not."""
    lines = [f"not ok: {part}\n" for part in parts_not_ready()]
    return HttpResponse(
        "".join(lines) or "ok\n", status=503 if lines else 200, content_type="text/plain; charset=utf-8"
    )


def parts_not_ready() -> list[str]:
    """Return the names of the parts that are not ready, within the shortest time limit of a page."""
    found = [name for name, ready in WITHOUT_DATABASE.items() if not ready()]
    try:
        with time_limit(STRANGER):
            return found + [name for name, ready in WITH_DATABASE.items() if not ready()]
    except Error:
        return [*found, "database"]


def content_is_loaded() -> bool:
    return bool(content.ruleset().rules and content.questionnaire().version and crisis_lines().countries)


def clock_is_not_behind() -> bool:
    """Return whether today is no earlier than the day on which a crisis line was checked.

    A machine without a clock of its own starts in the past, and then every time limit is wrong. A day is allowed for
    the time zone of who checked.
    """
    return timezone.now().date() >= newest_date() - timedelta(days=1)


@cache
def newest_date() -> date:
    return max(line.checked_on for country in crisis_lines().countries for line in country.lines)


WITHOUT_DATABASE: dict[str, Callable[[], bool]] = {
    "content": content_is_loaded,
    "clock": clock_is_not_behind,
}
WITH_DATABASE: dict[str, Callable[[], bool]] = {
    "migrations": migrations_are_applied,
    "clock of the database": clocks_agree,
}
