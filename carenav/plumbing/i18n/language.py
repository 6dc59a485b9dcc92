"""The language of a page: English for staff; for patients the one they chose, or else their browser's.

Changing the language keeps what is filled in on a form.
"""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language_from_request, pgettext
from django.views.decorators.http import require_GET

from carenav.plumbing import cookies
from carenav.plumbing.i18n.names import translated_name

BUTTON = "switch_to"
"""The name of the submit buttons of a form that change the language and send what is filled in."""


def is_staff_page(request: HttpRequest) -> bool:
    """Return whether the URL is that of a staff page. Staff pages are in English."""
    return request.path_info.startswith(f"/{settings.STAFF_PATH}")


def switched(request: HttpRequest) -> str | None:
    """Return the code of the language that a POST switches to; None if it does not switch the language."""
    code = None if is_staff_page(request) else request.POST.get(BUTTON)
    return code if code in dict(settings.LANGUAGES) else None


def language_of(request: HttpRequest) -> str:
    """Return the language of a request without reading POST data: English for staff, else chosen or the browser's."""
    return settings.LANGUAGE_CODE if is_staff_page(request) else get_language_from_request(request)


def name_of(code: str) -> str:
    """Return the name of a language in the active language, with a small first letter if that is usual in sentences."""
    name = translated_name(code)
    # Translators: "small" where names of languages begin with a small letter within a sentence, else "capital".
    spelling = pgettext("how names of languages begin", "capital")
    return name[:1].lower() + name[1:] if spelling == "small" else name


def set_cookie(response: HttpResponseBase, code: str) -> None:
    """Store the chosen language in a cookie for this browser session."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        code,
        secure=settings.PRODUCTION,
        httponly=True,
        samesite=cookies.SAMESITE,
    )


@require_GET
def change(request: HttpRequest, code: str) -> HttpResponse:
    """Store the chosen language in a cookie, and redirect to the page given as ``?to=``, or to the start page.

    For pages without a form. Pages with one have a submit button instead; see ``BUTTON``.
    """
    to = request.GET.get("to", "/")
    if not (to.startswith("/") and url_has_allowed_host_and_scheme(to, allowed_hosts=None)):
        to = "/"
    response = redirect(to)
    if code in dict(settings.LANGUAGES):
        set_cookie(response, code)
    return response
