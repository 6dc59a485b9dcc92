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
    """Middleware that ends a session on the staff pages after 15 minutes without use, or 12 hours after it began.

    It need not check whether a user was disabled or lost their password or second factor: Django and django-otp do so
    at every request.
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
    """Return whether a script of an open page makes this request by itself, so that it is no use of the session.

    Asking for more time (a POST to ``time_left``) counts as use, because the user has to press a button.
    """
    if request.path_info == reverse("accounts:time_left"):
        return request.method == "GET"
    return request.path_info in map(reverse, sessions.ASKED_BY_SCRIPTS)
