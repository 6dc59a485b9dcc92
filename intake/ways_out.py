"""The ways out of the questions: crisis help, on to the first open page, and leaving this site."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_safe

from carenav.plumbing import db_timeout
from intake import drafts, static_pages
from intake.journey import Journey
from intake.responses import next_url, without_cookies


@require_safe
def help_now(request: HttpRequest) -> HttpResponse:
    """Show the crisis page, for the person's place and kinds of danger where the database can tell them."""
    draft = None
    with db_timeout.if_it_answers(db_timeout.CRISIS_PAGE):
        draft = drafts.get(request)
    return static_pages.help_now(request, Journey.of(draft) if draft else None)


@require_GET
def continue_(request: HttpRequest) -> HttpResponse:
    """Redirect to the first open page, from anywhere."""
    return redirect(next_url(request, Journey.of(drafts.get(request))))


@require_GET
def leave(request: HttpRequest) -> HttpResponse:
    """Delete the draft and every cookie, and open a neutral site. Works without a database too.

    A browser that fetches the page ahead, or follows a link on another site, only opens the neutral site: nobody chose
    to leave here.
    """
    ahead = "prefetch" in request.headers.get("Sec-Purpose", request.headers.get("Purpose", ""))
    if ahead or request.headers.get("Sec-Fetch-Site") == "cross-site":
        return HttpResponseRedirect(settings.LEAVE_TO)
    # The cookie goes in any case, and nobody finds the draft until its time is over.
    with db_timeout.if_it_answers(db_timeout.LEAVING):
        drafts.delete(request)
    return without_cookies(request, HttpResponseRedirect(settings.LEAVE_TO))
