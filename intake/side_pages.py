"""Side pages, such as "Privacy", that a person can open from a form without losing what they typed there.

Browsers do not store our pages, so a form left by a link is empty after Back. On pages with a form, links to side pages
are therefore submit buttons of that form: the view stores what was typed, then redirects to the side page.
"""

from functools import cache

from django.http import HttpRequest
from django.urls import reverse

GO = "go"
"""The name of these buttons. Their value is the path of the page to open, such as "/privacy/"."""

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
    """Return the paths of all pages that these buttons may open."""
    return frozenset([*map(reverse, NAMES), *(reverse(NUMBERED, args=[number]) for number in (1, 2, 3))])


def opened(request: HttpRequest) -> str:
    """Return the path of the side page whose button was pressed; "" if it was another button."""
    address = request.POST.get(GO, "")
    return address if address in addresses() else ""


def opens_help(request: HttpRequest) -> bool:
    """Return whether the button for crisis help was pressed; callers show it even if the form is invalid."""
    return request.POST.get(GO) == reverse(HELP)
