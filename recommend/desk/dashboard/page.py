"""The views of the dashboard: exact figures about the desk's work for the clinical lead, and a file of masked ones."""

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from recommend.desk.audit.recorder import Verb, record
from recommend.desk.dashboard import charts, figures
from recommend.desk.dashboard.agreement import agreement_by_rule
from recommend.desk.dashboard.conditions import AT_PROGRAM, STAGES, WINDOWS
from recommend.desk.dashboard.decisions import MAX_DISPOSITIONS
from recommend.desk.dashboard.figures_file import file_of
from recommend.levels.choices import LevelOfCare


def window_of(request: HttpRequest) -> int:
    """Return the days to look back: ``?days=`` if it is one of ``WINDOWS``, else the first of them.

    Raises:
        PermissionDenied: the user may not view the dashboard.
    """
    if not request.user.has_perm("desk.view_dashboard"):
        raise PermissionDenied
    asked = request.GET.get("days", "")
    return next((days for days in WINDOWS if str(days) == asked), WINDOWS[0])


@require_safe
def dashboard(request: HttpRequest) -> HttpResponse:
    """Show the dashboard and record that it was opened.

    Raises:
        PermissionDenied: the user may not view it.
    """
    days, now = window_of(request), timezone.now()
    record(request, Verb.DASHBOARD)
    context = {
        **admin.site.each_context(request),
        "title": "Dashboard",
        "days": days,
        "windows": WINDOWS,
        "arrivals": charts.Columns(figures.arrivals(days, now)),
        "first_contact": figures.first_contact(days, now),
        "open_by_age": charts.Bars(figures.open_by_age(days, now)),
        "levels": charts.Bars(figures.levels(days, now)),
        "stages": STAGES.values(),
        "funnel": figures.funnel(days, now),
        "what_became": [label for label, _states in AT_PROGRAM.values()],
        "programs": figures.by_program(days, now),
        "matrix": figures.matrix(days, now),
        "effects": figures.effects(days, now),
        "level_names": [level.label for level in LevelOfCare],
        "rules": charts.Stacks(agreement_by_rule(days, now)),
        "max_dispositions": MAX_DISPOSITIONS,
    }
    return render(request, "staff/dashboard.html", context)


@require_safe
def dashboard_file(request: HttpRequest) -> HttpResponse:
    """Send the figures without people as a CSV file, with masked counts, and record that.

    Raises:
        PermissionDenied: the user may not view the dashboard.
    """
    days, now = window_of(request), timezone.now()
    record(request, Verb.EXPORT, "figures")
    name = f"figures-{timezone.localdate(now)}-{days}-days.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(file_of(days, now), content_type="text/csv; charset=utf-8", headers=headers)
