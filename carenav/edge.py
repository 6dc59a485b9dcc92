"""A WSGI wrapper around Django: a request that Django cannot read still gets a page with the numbers to call."""

import logging
from collections.abc import Iterable
from io import BytesIO
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from django.conf import settings

from carenav import headers
from carenav.errors import PLAIN_PAGE

logger = logging.getLogger(__name__)


def at_the_edge(application: WSGIApplication) -> WSGIApplication:
    """Wrap Django's application so that every error before the middleware gets a page.

    Django reads the URL and the content type of a request before any middleware. Without this wrapper, an unknown
    charset or hundreds of query parameters would give an error without a page. The charset is dropped, because all
    forms of this site are UTF-8.
    """

    def wrapped(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        environ["CONTENT_TYPE"] = without_charset(environ.get("CONTENT_TYPE", ""))
        try:
            read_without_length(environ)
            body = application(environ, start_response)
        except Exception:
            logger.exception("Django could not read a request")
            return last_resort(start_response)
        if environ["REQUEST_METHOD"] != "HEAD":
            return body
        close(body)  # a response to HEAD must have no body; the server would log a warning
        return []

    return wrapped


def read_without_length(environ: WSGIEnvironment) -> None:
    """Read a body with chunked encoding and set its length, because Django treats a body without a length as empty.

    A crisis answer may be in it. Reads at most one byte more than Django allows, so that Django refuses a longer body.
    """
    if environ.get("CONTENT_LENGTH") or not environ.get("wsgi.input_terminated"):
        return
    if "chunked" not in environ.get("HTTP_TRANSFER_ENCODING", "").lower():
        return
    body = environ["wsgi.input"].read((settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0) + 1)
    environ["wsgi.input"], environ["CONTENT_LENGTH"] = BytesIO(body), str(len(body))


def without_charset(content_type: str) -> str:
    """Return a content type without its charset; other parameters, such as the boundary of a form, are kept."""
    parts = content_type.split(";")
    return ";".join(part for part in parts if not part.strip().lower().startswith("charset"))


def last_resort(start_response: StartResponse) -> Iterable[bytes]:
    """Respond with 400, the constant page (``PLAIN_PAGE``), and the headers that Django would have set."""
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
    """Close a response if it has a ``close`` method."""
    if hasattr(body, "close"):
        body.close()
