"""The view of the dashboard, on which the clinical lead sees masked figures about the desk's work."""

from datetime import timedelta

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from recommend.desk.audit.recorder import Verb, record
from recommend.desk.dashboard import charts, figures
from recommend.levels.choices import LevelOfCare

WINDOWS = (90, 365)
"""For how many past days the figures can be shown; the first is the default."""


@require_safe
def dashboard(request: HttpRequest) -> HttpResponse:
    """Show the dashboard and record that it was opened. ``?days=`` chooses one of ``WINDOWS``.

    Raises:
        PermissionDenied: the user may not view it.
    """
    if not request.user.has_perm("desk.view_dashboard"):
        raise PermissionDenied
    record(request, Verb.DASHBOARD)
    asked = request.GET.get("days", "")
    days = next((days for days in WINDOWS if str(days) == asked), WINDOWS[0])
    now = timezone.now()
    since = now - timedelta(days=days)
    context = {
        **admin.site.each_context(request),
        "title": "Dashboard",
        "days": days,
        "windows": WINDOWS,
        "arrivals": charts.Columns(figures.arrivals(now)),
        "first_contact": figures.first_contact(since),
        "open_by_age": charts.Bars(figures.open_by_age(now)),
        "levels": charts.Bars(figures.levels(since)),
        "matrix": figures.matrix(since),
        "level_names": [level.label for level in LevelOfCare],
        "rules": charts.Stacks(figures.agreement_by_rule(since)),
        "max_dispositions": figures.MAX_DISPOSITIONS,
    }
    return render(request, "staff/dashboard.html", context)
