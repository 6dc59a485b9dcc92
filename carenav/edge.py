"""What stands between the server and Django: a request that Django cannot even read still gets the numbers to call."""

import logging
from collections.abc import Iterable
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from django.conf import settings

from carenav import headers
from carenav.errors import PLAIN_PAGE

logger = logging.getLogger(__name__)


def at_the_edge(application: WSGIApplication) -> WSGIApplication:
    """Wrap Django's application.

    Django reads the address and the type of a request before any middleware: a charset that it does not know, or an
    address with hundreds of values, would be an error without a page. The forms of this site are UTF-8, whatever a
    request says.
    """

    def wrapped(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        environ["CONTENT_TYPE"] = without_charset(environ.get("CONTENT_TYPE", ""))
        try:
            body = application(environ, start_response)
        except Exception:
            logger.exception("Django could not read a request")
            return last_resort(start_response)
        if environ["REQUEST_METHOD"] != "HEAD":
            return body
        close(body)  # the server warns of a body where none may be
        return []

    return wrapped


def without_charset(content_type: str) -> str:
    """Drop the charset from a content type, and leave its other parameters, such as the boundary of a form."""
    parts = content_type.split(";")
    return ";".join(part for part in parts if not part.strip().lower().startswith("charset"))


def last_resort(start_response: StartResponse) -> Iterable[bytes]:
    """Answer with the page that needs nothing, and with the headers that Django would have set."""
    found = {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Language": "en, es",
        "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
        "Referrer-Policy": settings.SECURE_REFERRER_POLICY,
        "X-Content-Type-Options": "nosniff",
        **headers.NO_STORE,
        **headers.PRIVATE,
    }
    if settings.SECURE_HSTS_SECONDS:
        found["Strict-Transport-Security"] = f"max-age={settings.SECURE_HSTS_SECONDS}"
    start_response("400 Bad Request", [*found.items()])
    return [PLAIN_PAGE.encode()]


def close(body: Any) -> None:
    """Close a response that can be closed."""
    if hasattr(body, "close"):
        body.close()
