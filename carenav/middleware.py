"""Middleware for response headers, languages, time limits, and requests that are refused before a view runs."""

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
    """Middleware that sets the headers of carenav/headers.py on every response.

    Responses with their own Cache-Control keep it, such as static files; all others get ``no-store``.
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
    """Middleware that sets the Content-Security-Policy of the settings, and allows this site's scripts on some pages.

    These are staff pages, and patients' pages that clear themselves after some time, on a shared device or while staff
    fill them in (static/shared_device.js).
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
# In texts, tabs and line breaks are allowed.
CONTROL_CHARACTER_IN_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
# Invisible characters in text copied from PDFs and old e-mails, such as form feeds.
PASTED = re.compile(r"[\x0b\x0c\x7f-\x9f]")


def all_text(query: QueryDict) -> str:
    return "".join(name + "".join(values) for name, values in query.lists())


def as_typed(query: QueryDict) -> QueryDict:
    """Return a copy of the form data in which invisible pasted characters are replaced by blanks."""
    clean = query.copy()
    for name, values in query.lists():
        clean.setlist(name, [PASTED.sub(" ", value) for value in values])
    return clean


class Language(LocaleMiddleware):
    """Middleware that activates the language that a patient chose, or else their browser's; English on staff pages."""

    def process_request(self, request: HttpRequest) -> None:
        # Before the POST data are read, so that the error page has a language if they cannot be read.
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
    """Middleware that replaces Django's empty 405 response with the error page, which shows the crisis lines."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if isinstance(response, HttpResponseNotAllowed):
            response.content = errors.error_page(request, 405, "400").content
        return response


class TooManyRequestsPage:
    """Middleware that turns the exception ``TooMany`` into an error page with crisis lines that can resend the form."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponseBase | None:
        if isinstance(exception, TooMany):
            return errors.too_many_requests(request, exception.seconds)
        return None


class DatabaseTimeLimit:
    """Middleware that limits how long a page waits for the database; after that, the error page is shown.

    Signed-in staff may wait longer than patients. Visitors of staff pages without a session get the shortest limit,
    because there may be many of them.
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
    """Middleware that responds with 400 to control characters in a URL, and ignores cookies with control characters.

    They are refused here because PostgreSQL refuses NUL with an exception that quotes the value. Patients' forms check
    their own fields, so that crisis answers are read before anything is refused. Staff pages are checked by
    ``RefuseControlCharactersOfStaff``.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        # Ignore the charset of the request: some of Python's codecs fail, or produce lone surrogates.
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
    """Middleware that responds with 400 to control characters in the URLs and forms of staff pages.

    It runs inside the access log, so that each refusal is recorded. Forms are checked here because the admin does not
    check all fields; forms that are too large to read are refused too. Invisible pasted characters are replaced by
    blanks instead, so that nobody loses a note.
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
