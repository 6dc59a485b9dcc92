"""The levels of care side by side."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from recommend import content


@require_GET
def compare(request: HttpRequest) -> HttpResponse:
    """Show the levels of care side by side, each statement with its source."""
    continuum, sources = content.continuum(), content.sources()
    return render(request, "patient/compare.html", {"continuum": continuum, "sources": sources})
