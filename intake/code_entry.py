"""Pages where a code is typed: each post is answered by a redirect, and the page that follows says what was wrong.

There is no draft to keep it in, so the browser keeps it, encrypted, in a cookie of the page (intake/held.py).
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
"""Characters kept of each field. No code and no reference is as long, and the cookie has room for two."""

UNKNOWN, SLOWED = "unknown", "slowed"
"""What was wrong that the form alone cannot see."""

Form = TypeVar("Form", bound=CodeForm)


def ask_again(request: HttpRequest, url: str, page: str, form: CodeForm, fault: str = "") -> HttpResponse:
    """Redirect to the page, to be shown as it was sent and with what was wrong.

    What was typed stays for a quarter of an hour, as answers do on a device that is not the person's own.

    Args:
        request: the post.
        url: of the page.
        page: its name, for what is kept for it.
        form: as it was sent; with nothing wrong, the page is only filled in again.
        fault: what was wrong beside what the form says.
    """
    told = bool(fault or form.errors)
    response = redirect(url)
    held.set_cookie(response, Held(page, typed(request.POST, form) | {"fault": [fault]}, told=told), page)
    return response


def typed(post: QueryDict, form: CodeForm) -> dict[str, list[str]]:
    """Return what was typed into the fields of a form, as much of it as is kept."""
    return {name: [str(post[name])[:MOST_KEPT]] for name in form.fields if post.get(name)}


def form_of(request: HttpRequest, page: str, make: type[Form], unknown: str) -> Form:
    """Build the form of a page: as it was sent before, if it was.

    Args:
        request: the request for the page.
        page: its name.
        make: the form.
        unknown: what to say of a code that nobody has.
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
    """Say when to try again."""
    said = _("There were too many wrong codes. Wait %(when)s, then try again. What you saved is not lost.")
    return said % {"when": wait_in_words(max(1, limits.seconds_left(request)))}
