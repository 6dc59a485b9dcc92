"""What a person sees whose browser sent no valid CSRF token."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from carenav.errors import error_page
from intake.crisis import crisis_posted


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403; but a crisis answer leads to help whatever else is wrong, a missing cookie too."""
    if crisis_posted(request.POST):
        return redirect("intake:help_now")
    return error_page(request, 403, "csrf")
