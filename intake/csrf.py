"""The response to a form without a valid CSRF token."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from carenav.errors import error_page
from intake import side_pages
from intake.crisis import crisis_posted


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Respond with 403, but redirect to crisis help if the form has a crisis answer, or its button for crisis help."""
    if crisis_posted(request.POST) or side_pages.opens_help(request):
        return redirect("intake:help_now")
    return error_page(request, 403, "csrf")
