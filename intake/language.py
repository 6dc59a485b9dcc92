"""The language of a page: the browser’s, or the one a person chose; changed without losing an answer."""

import os
from pathlib import Path
from tempfile import NamedTemporaryFile

from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language_from_request, to_locale
from django.views.decorators.http import require_GET

BUTTON = "switch_to"
"""The name of the buttons, in a page's own form, that change the language together with what is filled in."""


def for_staff(request: HttpRequest) -> bool:
    """Whether the page is one of the staff's, which are English."""
    return request.path_info.startswith(f"/{settings.STAFF_PATH}")


def switched(request: HttpRequest) -> str | None:
    """The language that a page was sent for, to be read in it, if it was sent for no more than that."""
    code = None if for_staff(request) else request.POST.get(BUTTON)
    return code if code in dict(settings.LANGUAGES) else None


def of(request: HttpRequest) -> str:
    """The language before anything posted is looked at: English for the staff, else chosen, or the browser's."""
    return settings.LANGUAGE_CODE if for_staff(request) else get_language_from_request(request)


def remember(response: HttpResponseBase, code: str) -> None:
    """Keep the choice for this browser session."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME, code, secure=settings.PRODUCTION, httponly=True, samesite="Strict"
    )


@require_GET
def change(request: HttpRequest, code: str) -> HttpResponse:
    """Show a page that holds nothing typed in another language."""
    to = request.GET.get("to", "/")
    if not (to.startswith("/") and url_has_allowed_host_and_scheme(to, allowed_hosts=None)):
        to = "/"
    response = redirect(to)
    if code in dict(settings.LANGUAGES):
        remember(response, code)
    return response


def make_catalogues() -> None:
    """Make what Django reads the words of the pages from, in each language, where its source is newer.

    Raises:
        ImproperlyConfigured: a source is missing or broken, or its folder cannot be written to.
    """
    for code, _name in settings.LANGUAGES:
        if code == settings.LANGUAGE_CODE:
            continue
        source = settings.LOCALE_PATHS[0] / to_locale(code) / "LC_MESSAGES" / "django.po"
        made = source.with_suffix(".mo")
        if not source.exists():
            raise ImproperlyConfigured(f"{source} is missing: the words of the pages, see docs/languages.md")
        if not made.exists() or made.stat().st_mtime < source.stat().st_mtime:
            try:
                make_catalogue(source, made)
            except (OSError, ValueError, PoFileError) as error:
                raise ImproperlyConfigured(f"{made} cannot be made out of {source.name}: {error}") from error


def make_catalogue(source: Path, made: Path) -> None:
    """Compile one; servers that start at once each put a whole file in its place."""
    with source.open("rb") as file:
        catalog = read_po(file, locale=source.parent.parent.name, abort_invalid=True)
    with NamedTemporaryFile(dir=made.parent, suffix=".mo", delete=False) as file:
        write_mo(file, catalog)
    os.chmod(file.name, 0o644)
    os.replace(file.name, made)
