"""Middleware: headers of every response, and requests that are refused before a view runs."""

import re
from collections.abc import Callable

from csp.constants import SELF
from csp.middleware import CSPMiddleware, PolicyParts
from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponseNotAllowed, QueryDict
from django.http.response import HttpResponseBase
from django.middleware.locale import LocaleMiddleware
from django.utils.translation import activate

from carenav import errors, headers
from carenav.plumbing import db_timeout
from carenav.plumbing.i18n import language
from carenav.plumbing.throttle.buckets import TooMany

GetResponse = Callable[[HttpRequest], HttpResponseBase]


class PrivacyHeaders:
    """Sets headers so that no page is cached, indexed or given the camera.

    Static files bring their own Cache-Control; everything else is `no-store`.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        for name, value in headers.NO_STORE.items():
            response.headers.setdefault(name, value)
        for name, value in headers.PRIVATE.items():
            response.headers[name] = value
        return response


class ContentSecurityPolicy(CSPMiddleware):
    """Sets the Content-Security-Policy of the settings; staff pages may also run the admin's scripts.

    So may a page that clears itself, on a device that its reader shares or while staff fill it in, run its one script
    (static/shared_device.js).
    """

    def get_policy_parts(
        self, request: HttpRequest, response: HttpResponseBase, report_only: bool = False
    ) -> PolicyParts:
        parts = super().get_policy_parts(request, response, report_only)
        may_end = getattr(request, "carenav_seconds_left", None) is not None or hasattr(
            request, "carenav_taking"
        )
        if language.is_staff_page(request) or may_end:
            parts.replace = {"script-src": [SELF], "connect-src": [SELF]}
        return parts


CONTROL_CHARACTER = re.compile(r"[\x00-\x1f\x7f-\x9f]")
# A text may have lines and tabs.
CONTROL_CHARACTER_IN_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
# What comes along, unseen, with text that was copied out of a PDF or an old mail: ends of pages and the like.
PASTED = re.compile(r"[\x0b\x0c\x7f-\x9f]")


def all_text(query: QueryDict) -> str:
    return "".join(name + "".join(values) for name, values in query.lists())


def as_typed(query: QueryDict) -> QueryDict:
    """Replace invisible pasted characters with blanks."""
    clean = query.copy()
    for name, values in query.lists():
        clean.setlist(name, [PASTED.sub(" ", value) for value in values])
    return clean


class Language(LocaleMiddleware):
    """Activates the language that a patient chose, or their browser's; English on staff pages."""

    def process_request(self, request: HttpRequest) -> None:
        # For the error page too, should the post be unreadable.
        request.LANGUAGE_CODE = language.language_of(request)
        activate(request.LANGUAGE_CODE)
        if code := language.switched(request):
            request.LANGUAGE_CODE = code
            activate(code)

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if code := language.switched(request):
            language.set_cookie(response, code)
        return super().process_response(request, response)


class MethodNotAllowedPage:
    """Replace Django's empty 405 response with the error page, so that it carries the crisis lines."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if isinstance(response, HttpResponseNotAllowed):
            response.content = errors.error_page(request, 405, "400").content
        return response


class TooManyRequestsPage:
    """Answer a request that a limit refuses with the page that keeps what was typed and carries the crisis lines."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponseBase | None:
        if isinstance(exception, TooMany):
            return errors.too_many_requests(request, exception.seconds)
        return None


class DatabaseTimeLimit:
    """Limit how long a page waits for the database; then the error page with the crisis lines is shown.

    Staff are given more patience than patients, and strangers at the staff pages less: they may be many.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with db_timeout.time_limit(patience(request)):
            return self.get_response(request)


def patience(request: HttpRequest) -> float:
    """Return how many seconds a page may wait for the database."""
    if not language.is_staff_page(request):
        return db_timeout.PAGE
    has_session = settings.SESSION_COOKIE_NAME in request.COOKIES
    return db_timeout.STAFF_PAGE if has_session else db_timeout.STRANGER


class RefuseControlCharacters:
    """Responds with 400 to control characters in an address; drops a cookie with one, so that the person can go on.

    PostgreSQL refuses NUL with an exception that quotes the value. Patients' forms check their own fields: their crisis
    answers are read before anything is refused. The staff pages have a middleware of their own.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        # Whatever a header says: Python knows codecs that fail, or make lone surrogates.
        request.encoding = "utf-8"
        request.COOKIES = {
            name: value
            for name, value in request.COOKIES.items()
            if not CONTROL_CHARACTER.search(name + value)
        }
        if not language.is_staff_page(request):
            refuse_in_address(request)
        return self.get_response(request)


class RefuseControlCharactersOfStaff:
    """Does the same on staff pages, inside the access log, so that each refusal leaves a row.

    The admin does not check all of its own fields, so posts are read here, and what is too much to read is refused; a
    pasted end of page costs nobody the note they wrote.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if language.is_staff_page(request):
            refuse_in_address(request)
            if CONTROL_CHARACTER_IN_TEXT.search(all_text(request.POST)):
                request.POST = as_typed(request.POST)  # type: ignore[assignment]  # stubs: immutable only
                if CONTROL_CHARACTER_IN_TEXT.search(all_text(request.POST)):
                    raise BadRequest("control character in a staff form")
        return self.get_response(request)


def refuse_in_address(request: HttpRequest) -> None:
    if CONTROL_CHARACTER.search(request.path_info + all_text(request.GET)):
        raise BadRequest("control character in the address")
