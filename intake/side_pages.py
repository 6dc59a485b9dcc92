"""Pages that somebody may open in the middle of filling in another one, such as "Privacy": what was typed is kept.

A page that is not stored by the browser comes back empty after a link and Back. So where something may be typed, these
links are buttons of the page's form.
"""

from functools import cache

from django.http import HttpRequest
from django.urls import reverse

GO = "go"
"""The name of the buttons. Their value is the address of the page to open."""

HELP = "intake:help_now"
NAMES = (
    HELP,
    "intake:check",
    "intake:share",
    "intake:privacy",
    "intake:staying_private",
    "intake:accessibility",
    "desk:delete",
    "recommend:compare",
    "recommend:about",
)
NUMBERED = "intake:where_to_get_help"


@cache
def addresses() -> frozenset[str]:
    """Return where the buttons may lead."""
    return frozenset([*map(reverse, NAMES), *(reverse(NUMBERED, args=[number]) for number in (1, 2, 3))])


def opened(request: HttpRequest) -> str:
    """Return the address of the page that a post opens on the way; "" for a post that does not."""
    address = request.POST.get(GO, "")
    return address if address in addresses() else ""


def opens_help(request: HttpRequest) -> bool:
    """Whether a post opens crisis help, which must come whatever else is wrong."""
    return request.POST.get(GO) == reverse(HELP)
