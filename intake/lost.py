"""Rescue what a person typed on a page whose draft had expired: the page is filled in with it when they start over.

The browser keeps it for an hour in an encrypted cookie, but never on a shared device. "Leave this site" and deleting
the answers delete the cookie too.
"""

from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect

from intake import held
from intake.forms import ContactForm
from intake.held import NOTHING, Held
from intake.journey import sent
from intake.pages_file import Page
from intake.responses import expired

LOST = "lost"
"""The suffix of the cookie's name."""

OWN_DEVICE = "own_device"
"""The name of a hidden field that a page has unless its draft is on a shared device."""

SECONDS = 60 * 60
SIZE = 2600
"""The size of the cookie in bytes before encryption, so that the encrypted value fits the limit of browsers."""


def gone(request: HttpRequest, page: str, values: Mapping[str, list[str]]) -> HttpResponse:
    """Redirect to the page "your answers expired", with a cookie of what was sent, unless the device is shared.

    Args:
        request: the POST request.
        page: the name of the page that was sent.
        values: what was sent, keyed by field. If it does not fit, fields are left out, the last ones first.
    """
    response = redirect("intake:gone")
    is_own = OWN_DEVICE in request.POST and "shared_device" not in request.POST
    if is_own and expired(request):
        kept = Held(page, values)
        while held.size_of(kept) > SIZE:
            kept = Held(page, dict([*kept.values.items()][:-1]))
        held.set_cookie(response, kept, LOST, SECONDS, SIZE)
    return response


def answers_of(request: HttpRequest, here: Page) -> dict[str, list[str]]:
    """Return the options that were posted for a page and that it offers, keyed by question id."""
    offered = {wording.id: wording.options for wording in here.wordings}
    found = sent(here, request.POST)
    return {id: [each for each in values if each in offered[id]] for id, values in found.items()}


def contact_of(request: HttpRequest) -> dict[str, list[str]]:
    """Return the posted contact details, as lists of one string keyed by field; empty fields are left out."""
    return {name: [str(request.POST[name])] for name in ContactForm.base_fields if request.POST.get(name)}


def of_page(request: HttpRequest, page: str) -> Held:
    """Return what the browser keeps for this page from an expired draft; ``NOTHING`` if there is nothing."""
    kept = held.in_cookie(request, LOST)
    return kept if kept.page == page else NOTHING


def is_kept(request: HttpRequest) -> bool:
    """Return whether the browser keeps anything from an expired draft."""
    return bool(held.in_cookie(request, LOST).page)


def forget(request: HttpRequest, response: HttpResponseBase) -> None:
    """Delete the cookie with the response."""
    held.drop_cookie(request, response, LOST)
