"""Tell forms on this site's own pages from forms on other sites."""

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest


def sent_from_elsewhere(request: HttpRequest) -> bool:
    """Return whether a page of another site sent this request, by its headers Sec-Fetch-Site and Origin.

    An error page must not offer to send such a form again, because it would then be sent with a valid CSRF token.
    """
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        return True
    origin = request.headers.get("Origin")
    try:
        return origin is not None and origin != f"{request.scheme}://{request.get_host()}"
    except DisallowedHost:
        return True
