"""``/metrics``: numbers for a monitor that has ``METRICS_TOKEN``, in the text format of Prometheus.

They say how many requests came, how fast they were answered and what waits. They never say what somebody answered:
pages that people reach because of an answer count as one, and no number is of a tier, a level or a kind of danger.
"""

import hmac
import logging
import time
from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from carenav.plumbing.i18n import language

logger = logging.getLogger(__name__)

AFTER_AN_ANSWER = {
    "intake:go_on",
    "intake:help_now",
    "intake:safety_plan",
    "intake:staying_private",
    "intake:stopped",
    "intake:where_to_get_help",
}
"""URL names of pages that people reach because of what they answered."""


def route_of(request: HttpRequest) -> str:
    """Return the label of a request: the name of its URL, which holds nothing that the client chose.

    Static files are "static", URLs that no pattern matches "none".
    """
    match = request.resolver_match
    if match is None:
        return "static" if request.path.startswith(f"/{settings.STATIC_URL.strip('/')}/") else "none"
    if match.view_name in AFTER_AN_ANSWER:
        return "help"
    return (
        "none" if "." in match.view_name else match.view_name
    )  # a view without a name has its path in the code


def lane_of(request: HttpRequest, route: str) -> str:
    """Return for whom a request is: "help", "staff", "static" or "site"."""
    if route in ("help", "static"):
        return route
    return "staff" if language.is_staff_page(request) else "site"


class CountRequests:
    """Middleware that counts requests and their time. Not used without ``METRICS_TOKEN``."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        if not settings.METRICS_TOKEN:
            raise MiddlewareNotUsed
        # Not before: it opens files in PROMETHEUS_MULTIPROC_DIR, and commands load this module too.
        from carenav import metrics_text

        self.get_response, self.metrics, self.failed = get_response, metrics_text, False

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        began = time.perf_counter()
        response = self.get_response(request)
        try:
            self.count(request, response, time.perf_counter() - began)
        except Exception:  # such as a full disk: it must not cost anybody a page
            if not self.failed:
                logger.exception("requests cannot be counted")
            self.failed = True
        return response

    def count(self, request: HttpRequest, response: HttpResponseBase, seconds: float) -> None:
        route = route_of(request)
        self.metrics.REQUESTS.labels(route, f"{response.status_code // 100}xx").inc()
        self.metrics.SECONDS.labels(lane_of(request, route)).observe(seconds)


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Respond with the numbers, or 404 without the token, as for a page that does not exist."""
    sent = request.headers.get("Authorization", "").encode()
    if not (
        settings.METRICS_TOKEN and hmac.compare_digest(sent, f"Bearer {settings.METRICS_TOKEN}".encode())
    ):
        raise Http404
    from carenav import metrics_text

    return HttpResponse(metrics_text.text(), content_type=metrics_text.CONTENT_TYPE)
