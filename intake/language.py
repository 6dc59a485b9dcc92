"""The language of a page: the browser’s, or the one a person chose; changed without losing an answer."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET

BUTTON = "switch_to"
"""The name of the buttons, in a page's own form, that change the language together with what is filled in."""


def languages() -> list[tuple[str, str]]:
    """The languages of patients' pages by their own names."""
    return list(settings.LANGUAGES)


def switched(request: HttpRequest) -> str | None:
    """The language that a page was sent for, to be read in it, if it was sent for no more than that."""
    code = request.POST.get(BUTTON)
    return code if code in dict(settings.LANGUAGES) else None


def remember(response: HttpResponseBase, code: str) -> None:
    """Keep the choice for this browser session."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME, code, secure=settings.PRODUCTION, httponly=True, samesite="Strict"
    )


@require_GET
def change(request: HttpRequest, code: str) -> HttpResponse:
    """Show a page that holds nothing typed in another language."""
    to = request.GET.get("to", "/")
    if not url_has_allowed_host_and_scheme(to, allowed_hosts=None):
        to = "/"
    response = redirect(to)
    if code in dict(settings.LANGUAGES):
        remember(response, code)
    return response
