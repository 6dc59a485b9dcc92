"""The page that compares the levels of care."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from carenav.plumbing import db_timeout
from recommend import content
from recommend.result.views import suggested_level

PAIRS = ((0, 1), (1, 2), (2, 3))
"""The pairs of levels that a phone shows side by side, by their index in the continuum."""


@require_safe
def compare(request: HttpRequest) -> HttpResponse:
    """Show the levels of care side by side, each statement with its source. Mark the level of this person's result."""
    continuum = content.continuum()
    own = ""
    with db_timeout.if_it_answers(db_timeout.CRISIS_PAGE):
        own = suggested_level(request)
    pairs = [[continuum.levels[place] for place in pair] for pair in PAIRS]
    context = {
        "continuum": continuum,
        "sources": content.sources(),
        "own": own,
        "pairs": pairs,
        "first_pair": next((pair for pair in pairs if pair[0].id == own), pairs[-1] if own else pairs[0]),
    }
    return render(request, "patient/compare.html", context)
