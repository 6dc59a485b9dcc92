"""What several pages answer: a redirect to the first open page, and pages that more than one view shows."""

from contextlib import suppress
from http.cookies import CookieError

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from carenav.plumbing import cookies
from intake import drafts
from intake.journey import Journey

HELP = "intake:help_now"
SAVE = "save"
"""The name of the button that keeps what is filled in on a page and leads to the page with the return code."""


def next_url(request: HttpRequest, journey: Journey) -> str:
    """Return the first open page; the result, for a person who has just sent their answers.

    For staff whose session is over: the sign-in page, which leads back to what they were filling in.
    """
    if drafts.is_over_for_staff(request):
        return f"{reverse('admin:login')}?next={reverse('admin:desk_case_take')}"
    if not journey.begun and drafts.has_submission(request):
        return reverse("recommend:result")
    return journey.next_url


def expired(request: HttpRequest) -> bool:
    """Whether this browser had answers that it can no longer open. Look for its draft first."""
    found = hasattr(request, "carenav_draft") or drafts.is_over_for_staff(request)
    return not found and drafts.token_hash(request) is not None and not drafts.has_submission(request)


def not_open(request: HttpRequest, journey: Journey) -> HttpResponse:
    """Redirect from a page that is not open to the first that is, or to the page that says that the answers expired."""
    if expired(request):
        return redirect("intake:gone")
    return redirect(next_url(request, journey))


def without_cookies(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Return the response with every cookie of this site deleted."""
    for name in {*request.COOKIES, settings.DRAFT_COOKIE_NAME, settings.CSRF_COOKIE_NAME}:
        with suppress(CookieError):  # a name that no site can set; some extensions and proxies send such
            response.delete_cookie(name, samesite=cookies.SAMESITE)
    return response
