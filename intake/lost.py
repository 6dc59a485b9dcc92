"""What a page was sent with after its answers were over: it fills in the same page again, for whoever gets there anew.

The browser keeps it, encrypted, for an hour: never on a device that is not the person's own, and not once somebody has
left the site or deleted their answers there, as both take the cookies away.
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
"""The name of what is kept."""

OWN_DEVICE = "own_device"
"""The name of the hidden value that a page has where its draft is not on a shared device."""

SECONDS = 60 * 60
SIZE = 2600
"""Bytes: encrypted, it still fits a cookie."""


def gone(request: HttpRequest, page: str, values: Mapping[str, list[str]]) -> HttpResponse:
    """Redirect to the page that says that the answers are over, and have the browser keep what was sent.

    Args:
        request: the post.
        page: the name of the page.
        values: what was sent, by field; what finds no room is left out, the last fields first.
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
    """Return the options that a page of questions was sent with, as far as it offers them."""
    offered = {wording.id: wording.options for wording in here.wordings}
    found = sent(here, request.POST)
    return {id: [each for each in values if each in offered[id]] for id, values in found.items()}


def contact_of(request: HttpRequest) -> dict[str, list[str]]:
    """Return the contact details that a page was sent with."""
    return {name: [str(request.POST[name])] for name in ContactForm.base_fields if request.POST.get(name)}


def of_page(request: HttpRequest, page: str) -> Held:
    """Return what the browser keeps for a page from before."""
    kept = held.in_cookie(request, LOST)
    return kept if kept.page == page else NOTHING


def is_kept(request: HttpRequest) -> bool:
    """Whether the browser keeps anything from before."""
    return bool(held.in_cookie(request, LOST).page)


def forget(request: HttpRequest, response: HttpResponseBase) -> None:
    """Have the browser forget it."""
    held.drop_cookie(request, response, LOST)
