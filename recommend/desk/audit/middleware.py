"""Store one access event for each request to a staff page, before the response is sent."""

import ipaddress
from collections.abc import Callable

from django.db import OperationalError
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse

from carenav.plumbing.i18n import language
from carenav.plumbing.throttle.network import network_address
from recommend.desk.audit import chain, strangers
from recommend.desk.audit.recorder import Verb

UNRECORDED = {"admin:jsi18n", "accounts:time_left", "admin:desk_case_unsaved", "admin:live"}
"""Names of URLs that scripts request and that are not recorded: the admin's translations, the time left in a session,
saving what is being typed, and asking for news.

Their responses reveal nothing about patients. Opening a case and saving its form are recorded.
"""

SIGN_IN_EVENTS = {Verb.SIGN_IN, Verb.SIGN_OUT, Verb.SIGN_IN_FAILED, Verb.SIGN_IN_SLOWED, Verb.STEP_UP_FAILED}
"""Stored even if the response is a refusal or a redirect to the sign-in page, because they say more than REFUSED."""

STRANGERS_EVENTS = {Verb.REFUSED, Verb.SIGN_IN_FAILED, Verb.SIGN_IN_SLOWED}
"""Events that anybody can cause without a session."""

REFUSED_STATUSES = (400, 401, 403, 404, 405, 429)


class NotRecorded(OperationalError):
    """The event could not be stored, so the page is not shown but a 503, as if the database could not be reached."""


class AccessLogMiddleware:
    """Middleware that returns the response of a staff page only once its access event is stored.

    Raises:
        NotRecorded: the event could not be stored.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not language.is_staff_page(request):
            return self.get_response(request)
        before = request.user.pk  # signing out clears it
        response = self.get_response(request)
        event = event_of(request, response, signed_in=before is not None)
        if event is not None:
            try:
                store(request, request.user.pk or before, *event)
            except Exception as error:
                response.close()
                raise NotRecorded from error
        return response


def store(request: HttpRequest, who: int | None, verb: Verb, what: str) -> None:
    """Store an event in the chain, or only count it if anybody can cause it without a session (strangers.py)."""
    if who is None and verb in STRANGERS_EVENTS:
        strangers.count(verb, what, network_address(request))
    else:
        chain.append(who, verb, what, address=address_of(request))


def event_of(request: HttpRequest, response: HttpResponseBase, signed_in: bool) -> tuple[Verb, str] | None:
    """Return the verb and ``what`` of the event to store for a request, or None if there is none.

    Args:
        request: the request, after the view has run.
        response: the response of the view.
        signed_in: whether a user was signed in before the view ran.
    """
    verb, what = getattr(request, "carenav_access", (None, page_of(request)))
    match = request.resolver_match
    if verb in SIGN_IN_EVENTS:
        return verb, what
    if was_refused(response):
        return Verb.REFUSED, what
    if verb is not None:
        return verb, what
    if (match and match.view_name in UNRECORDED) or not signed_in:
        return None
    return Verb.CHANGE if request.method == "POST" else Verb.PAGE, what


def was_refused(response: HttpResponseBase) -> bool:
    """Return whether the request was refused, by the status or a redirect to the sign-in page."""
    to_sign_in = response.headers.get("Location", "").startswith(reverse("admin:login"))
    return to_sign_in or response.status_code in REFUSED_STATUSES


def page_of(request: HttpRequest) -> str:
    """Return the URL name of a request, with the id of its object if it has one; "" if no URL matches.

    The path itself is not stored, because it may contain anything.
    """
    match = request.resolver_match
    if match is None:
        return ""
    object_id = str(match.kwargs.get("object_id", ""))
    is_id = object_id.isdecimal() and len(object_id) < 20
    return f"{match.view_name} {object_id}" if is_id else match.view_name


def address_of(request: HttpRequest) -> str:
    """Return the client's IP address; "" if it is not valid."""
    try:
        return str(ipaddress.ip_address(network_address(request)))
    except ValueError:
        return ""
