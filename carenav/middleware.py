"""What every response carries, and two faults that must not become a 500."""

import logging
import unicodedata
from collections.abc import Callable

from csp.constants import SELF
from csp.middleware import CSPMiddleware, PolicyParts
from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase

from carenav.errors import database_is_down, service_unavailable

logger = logging.getLogger(__name__)

GetResponse = Callable[[HttpRequest], HttpResponseBase]

PERMISSIONS_POLICY = ", ".join(
    f"{feature}=()"
    for feature in (
        "accelerometer",
        "browsing-topics",
        "camera",
        "display-capture",
        "geolocation",
        "gyroscope",
        "magnetometer",
        "microphone",
        "payment",
        "usb",
    )
)


class PrivacyHeaders:
    """No page is kept by a cache, found by a search engine, or given the camera.

    Static files bring their own Cache-Control; everything else is `no-store`.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
        response.headers["Permissions-Policy"] = PERMISSIONS_POLICY
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        return response


class ContentSecurityPolicy(CSPMiddleware):
    """The policy of the settings; the staff pages may run the admin's own scripts."""

    def get_policy_parts(
        self, request: HttpRequest, response: HttpResponseBase, report_only: bool = False
    ) -> PolicyParts:
        parts = super().get_policy_parts(request, response, report_only)
        if request.path_info.startswith(f"/{settings.STAFF_PATH}"):
            parts.replace = {"script-src": [SELF]}
        return parts


def has_control_character(text: str, allowed: str = "") -> bool:
    return any(unicodedata.category(char) == "Cc" and char not in allowed for char in text)


class RefuseControlCharacters:
    """NUL and its kin in an address answer 400; a cookie that holds one is dropped, so that the person can go on.

    PostgreSQL refuses NUL with an exception that quotes the value. Patients' forms check their own fields: their crisis
    answers are read before anything is refused. The admin does not check all of its own, so staff posts are read here.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.COOKIES = {
            name: value for name, value in request.COOKIES.items() if not has_control_character(name + value)
        }
        if has_control_character(request.path_info) or has_control_character(_all_text(request.GET)):
            raise BadRequest("control character in the address")
        if request.path_info.startswith(f"/{settings.STAFF_PATH}") and has_control_character(
            _all_text(request.POST), allowed="\t\r\n"
        ):
            raise BadRequest("control character in a staff form")
        return self.get_response(request)


def _all_text(query: QueryDict) -> str:
    return "".join(name + "".join(values) for name, values in query.lists())


class DatabaseUnavailable:
    """A view that cannot reach the database answers 503: a page with crisis lines that needs none."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if database_is_down(exception):
            logger.error("the database cannot be reached", exc_info=exception)
            return service_unavailable(request)
        return None
