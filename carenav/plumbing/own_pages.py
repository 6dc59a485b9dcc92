"""Tell the forms of this site's own pages from those that another site sends here."""

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest


def sent_from_elsewhere(request: HttpRequest) -> bool:
    """Return whether the browser says that a page of another site sent this request.

    An error page must not offer to send such a form again: one press would send it with a valid token.
    """
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        return True
    origin = request.headers.get("Origin")
    try:
        return origin is not None and origin != f"{request.scheme}://{request.get_host()}"
    except DisallowedHost:
        return True
