"""Responses that several views share: where to redirect next, and deleting this site's cookies."""

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
"""The name of the button that stores what is filled in and opens the page with the return code."""


def next_url(request: HttpRequest, journey: Journey) -> str:
    """Return the URL of the first unfinished page, or of the result if this browser has sent its answers.

    For staff whose session has expired while they fill in a draft, it is the sign-in page, which leads back to the
    draft. Call ``drafts.get`` first.
    """
    if drafts.is_over_for_staff(request):
        return f"{reverse('admin:login')}?next={reverse('admin:desk_case_take')}"
    if not journey.begun and drafts.has_submission(request):
        return reverse("recommend:result")
    return journey.next_url


def expired(request: HttpRequest) -> bool:
    """Return whether this browser had answers that it can no longer open. Call ``drafts.get`` first."""
    found = hasattr(request, "carenav_draft") or drafts.is_over_for_staff(request)
    return not found and drafts.token_hash(request) is not None and not drafts.has_submission(request)


def not_open(request: HttpRequest, journey: Journey) -> HttpResponse:
    """Redirect from a page that this person may not see, to the next one or to the page "your answers expired"."""
    if expired(request):
        return redirect("intake:gone")
    return redirect(next_url(request, journey))


def without_cookies(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Delete every cookie of this site with the response, and return it."""
    for name in {*request.COOKIES, settings.DRAFT_COOKIE_NAME, settings.CSRF_COOKIE_NAME}:
        with suppress(CookieError):  # some extensions and proxies send cookies with invalid names
            response.delete_cookie(name, samesite=cookies.SAMESITE)
    return response
