"""The administrator's list of crisis lines to call and confirm."""

from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from carenav.accounts.reauthentication import require_recent_code
from carenav.clinic import line_checks
from carenav.clinic.content import crisis_lines
from carenav.clinic.crisis_lines import CountryLines, Line, is_too_old
from carenav.clinic.models import LineCheck
from recommend.desk.audit.recorder import Verb, record
from recommend.desk.clinic_page.page import require_administrator
from recommend.desk.staff.current import staff_user


@dataclass(frozen=True)
class Row:
    """A line on the list.

    Attributes:
        line: the line.
        key: the value of its box.
        checked_on: the day of the last check.
        check: that check, if an administrator made it here.
        due: whether it was too long ago.
    """

    line: Line
    key: str
    checked_on: date
    check: LineCheck | None
    due: bool


@require_http_methods(["GET", "HEAD", "POST"])
def lines_page(request: HttpRequest) -> HttpResponse:
    """Show the crisis lines with who checked them when; a POST stores that the ticked ones were checked now.

    Raises:
        PermissionDenied: the user may not change what the site says of the clinic.
    """
    require_administrator(request)
    return _lines_page(request)


@require_recent_code
def _lines_page(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        record(request, Verb.CLINIC, "crisis lines")
        count = line_checks.confirm(request.POST.getlist("confirm"), staff_user(request))
        if count:
            messages.success(request, f"{count} {'line' if count == 1 else 'lines'} confirmed today.")
        else:
            messages.warning(request, "Nothing was ticked, so nothing was confirmed.")
        return redirect("admin:clinic_lines")
    checks, today = line_checks.last_checks(), timezone.localdate()
    here = crisis_lines().country(settings.COUNTRY)
    others = [country for country in crisis_lines().countries if country != here]
    context = admin.site.each_context(request) | {
        "title": "Crisis lines",
        "here": (here, rows(here, checks, today)),
        "others": [(country, rows(country, checks, today)) for country in others],
    }
    return render(request, "staff/clinic_lines.html", context)


def rows(country: CountryLines, checks: dict[str, LineCheck], today: date) -> list[Row]:
    """Return a row for each line of a country, those with the oldest check first."""
    found = []
    for line in country.lines:
        key, on = line_checks.key_of(line), line_checks.checked_on(line, checks)
        found.append(Row(line, key, on, checks.get(key), is_too_old(on, today)))
    return sorted(found, key=lambda row: row.checked_on)
