"""Error views for forms that are refused before a view sees them: without a valid CSRF token, or too large."""

import logging
from urllib.parse import parse_qsl

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect

from carenav import errors
from carenav.plumbing.i18n import language
from intake import side_pages
from intake.crisis import crisis_posted

logger = logging.getLogger(__name__)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Respond with 403; redirect to crisis help instead if the form has a crisis answer or asked for crisis help."""
    if crisis_posted(request.POST) or side_pages.opens_help(request):
        return redirect("intake:help_now")
    return errors.error_page(request, 403, "csrf")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Respond with 400; redirect to crisis help instead if a form that is too large has a crisis answer."""
    too_large = isinstance(exception, RequestDataTooBig | TooManyFieldsSent)
    if too_large and not language.is_staff_page(request) and crisis_posted(beginning(request)):
        return redirect("intake:help_now")
    return errors.bad_request(request, exception)


def beginning(request: HttpRequest) -> QueryDict:
    """Return the fields in the first bytes of a form that is too large; empty if they cannot be read.

    Reads up to ``DATA_UPLOAD_MAX_MEMORY_SIZE`` bytes.
    """
    found = QueryDict(mutable=True)
    limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0
    try:
        # With too many fields, Django has read the body already; with too many bytes, it has read nothing.
        read = vars(request).get("_body") or request.read(limit)
        for name, value in parse_qsl(read[:limit].decode(errors="replace")):
            found.appendlist(name, value)
    except Exception:
        logger.warning("the beginning of a form that is too large cannot be read")
    return found
