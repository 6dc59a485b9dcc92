"""End staff sessions that are idle or too old."""

from collections.abc import Callable

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse

from carenav.accounts import sessions
from carenav.plumbing.i18n import language
from carenav.plumbing.request_state import remember


class StaffSessions:
    """Ends a session on the staff pages after 15 minutes without use, and 12 hours after it began.

    A user who was disabled, or whose password or second factor was taken away, is signed in no more at the next
    request: that is Django's part and django-otp's, which look at every request.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if language.is_staff_page(request) and request.user.is_authenticated:
            self.end_or_note(request)
        return self.get_response(request)

    def end_or_note(self, request: HttpRequest) -> None:
        if sessions.seconds_left(request) <= 0:
            request.session.flush()
            request.user = AnonymousUser()
            return
        if not is_asked_by_a_script(request):
            sessions.note_use(request)
        remember(request, staff_seconds_left=sessions.seconds_left(request))


def is_asked_by_a_script(request: HttpRequest) -> bool:
    """Return whether an open page asks by itself, with nobody there. To ask for more time takes a press."""
    if request.path_info == reverse("accounts:time_left"):
        return request.method == "GET"
    return request.path_info in map(reverse, sessions.ASKED_BY_SCRIPTS)
