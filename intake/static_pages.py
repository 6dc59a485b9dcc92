"""Pages that need no answers: start, crisis help and the pages about this site."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from carenav.clinic.content import crisis_lines
from carenav.clinic.context import place_lines
from intake import content
from intake.safety_texts import SafetyText


def texts_at(place: str) -> list[SafetyText]:
    """Return the safety texts of ``place`` in file order. These pages know no answers, so every text is shown."""
    return [text for text in content.safety_texts() if place in text.places]


@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """Show the start page. Its button is the consent; nothing is stored."""
    return render(request, "patient/start.html", {"texts": texts_at("consent")})


def help_now(request: HttpRequest) -> HttpResponse:
    """Show the crisis page: the same for everyone, without answers or a database."""
    texts = texts_at("crisis")
    cards = {
        "medical_texts": [text for text in texts if "medical" in text.parts],
        "calling_texts": [text for text in texts if "calling" in text.parts],
        "alone_texts": [text for text in texts if not text.parts & {"medical", "calling"}],
    }
    here = place_lines(request)
    others = [country for country in crisis_lines().countries if country.id != here.id]
    return render(request, "patient/help_now.html", {**cards, "other_countries": others})


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """Show what is kept, how long, and who reads it."""
    return render(request, "patient/privacy.html", {"texts": texts_at("consent")})


@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    """Show the accessibility statement and whom to contact about a page that does not work."""
    return render(request, "patient/accessibility.html")


@require_safe
def staying_private(request: HttpRequest) -> HttpResponse:
    """Show what "Leave this site" does, and what it cannot hide."""
    home_lines = place_lines(request).of_kind("domestic")
    return render(request, "patient/staying_private.html", {"home_lines": home_lines})
