"""Show what was typed, with its errors, again on pages where a person types a code.

Each POST is answered by a redirect, and the page that follows shows the errors. These pages have no draft to store what
was typed, so it goes into an encrypted cookie of the page (intake/held.py).
"""

from typing import TypeVar

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from carenav.plumbing.throttle import limits
from carenav.plumbing.throttle.answers import wait_in_words
from intake import held
from intake.forms import CodeForm
from intake.held import Held

MOST_KEPT = 60
"""Characters stored of each field: more than any code or reference has, and few enough for two in the cookie."""

UNKNOWN, SLOWED = "unknown", "slowed"
"""Faults that the form alone cannot find: no such code exists, or the person has to wait after wrong codes."""

Form = TypeVar("Form", bound=CodeForm)


def ask_again(request: HttpRequest, url: str, page: str, form: CodeForm, fault: str = "") -> HttpResponse:
    """Redirect to the page, and set a cookie with what was typed so that the page shows it again with its errors.

    The cookie is valid for 15 minutes, as long as answers are on a shared device.

    Args:
        request: the POST request.
        url: the URL of the page.
        page: the name of the page, for its cookie.
        form: the bound form. If it has no errors and there is no fault, the page is filled in again without errors.
        fault: ``UNKNOWN`` or ``SLOWED``; "" if the code was not looked up.
    """
    told = bool(fault or form.errors)
    response = redirect(url)
    held.set_cookie(response, Held(page, typed(request.POST, form) | {"fault": [fault]}, told=told), page)
    return response


def typed(post: QueryDict, form: CodeForm) -> dict[str, list[str]]:
    """Return what was typed into the fields of a form, cut to ``MOST_KEPT`` characters each; empty fields are left out.

    The values are lists of one string, as ``Held.values`` needs them.
    """
    return {name: [str(post[name])[:MOST_KEPT]] for name in form.fields if post.get(name)}


def form_of(request: HttpRequest, page: str, make: type[Form], unknown: str) -> Form:
    """Build the form of a page, with what was typed before and its errors if the browser has a cookie for the page.

    Args:
        request: the request for the page.
        page: the name of the page, for its cookie.
        make: the class of the form.
        unknown: the error message for a code that does not exist.
    """
    kept = held.in_cookie(request, page)
    values = {name: "".join(value) for name, value in kept.values.items() if name in make.base_fields}
    if not kept.told:
        return make(initial=values)
    form = make(values)
    fault = "".join(kept.values.get("fault", ()))
    if fault == UNKNOWN:
        form.add_error("code", unknown)
    if fault == SLOWED:
        form.add_error("code", too_many(request))
    return form


def too_many(request: HttpRequest) -> str:
    """Return the error message after too many wrong codes, with the time to wait."""
    said = _("There were too many wrong codes. Wait %(when)s, then try again. What you saved is not lost.")
    return said % {"when": wait_in_words(max(1, limits.seconds_left(request)))}
