"""Views that lead away from the current page: crisis help, the first unfinished page, and leaving the site."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_safe

from carenav.plumbing import db_timeout
from carenav.plumbing.db_pause import Pause
from intake import drafts, static_pages
from intake.journey import Journey
from intake.responses import next_url, without_cookies

pause = Pause(seconds=3)
"""After a database failure the crisis page does without the database for this long."""

ELSEWHERE = ("cross-site", "same-site")
"""What the browser says of a page on another host; "same-site" is another host of the clinic's own domain."""


@require_safe
def help_now(request: HttpRequest) -> HttpResponse:
    """Show the crisis page, for everyone if the database cannot tell this person's place and kinds of danger."""
    draft = None
    with db_timeout.if_it_answers(db_timeout.CRISIS_PAGE), pause.after_failure():
        draft = drafts.get(request)
    return static_pages.help_now(request, Journey.of(draft) if draft else None)


@require_GET
def continue_(request: HttpRequest) -> HttpResponse:
    """Redirect to the first unfinished page; see ``responses.next_url``."""
    return redirect(next_url(request, Journey.of(drafts.get(request))))


@require_GET
def leave(request: HttpRequest) -> HttpResponse:
    """Delete the draft and every cookie, and redirect to a neutral site (``LEAVE_TO``). Works without a database too.

    If the browser prefetches this URL, or a page of another host asks for it, with a link or as an image, it only
    redirects: the person did not choose to leave.
    """
    ahead = "prefetch" in request.headers.get("Sec-Purpose", request.headers.get("Purpose", ""))
    if ahead or request.headers.get("Sec-Fetch-Site") in ELSEWHERE:
        return HttpResponseRedirect(settings.LEAVE_TO)
    # If the database does not answer, the draft stays until it expires. Without its cookie nobody can open it.
    with db_timeout.if_it_answers(db_timeout.LEAVING):
        drafts.delete(request)
    return without_cookies(request, HttpResponseRedirect(settings.LEAVE_TO))
