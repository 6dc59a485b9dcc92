"""Error pages of the desk, with the crisis lines: they say what happened, what to do and what was typed.

They need no database and no session.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest
from django.template.loader import render_to_string

from carenav.plumbing.own_pages import sent_from_elsewhere

SECRET = re.compile(r"pass|code|secret|token|^again$|^username$", re.IGNORECASE)
"""Names of fields that an error page must not show: credentials, and tokens of the page that failed.

What says whose form it is (recommend/desk/unsaved.py) is sent again, so that nobody saves the form of another.
"""


@dataclass(frozen=True)
class Words:
    """The words of one error page.

    Attributes:
        title: what happened.
        todo: what to do about it.
        again: the words beside the button that sends the same form again; "" for no button, if that cannot help.
    """

    title: str
    todo: str
    again: str = ""


WORDS: Mapping[str, Words] = {
    "400": Words(
        "This page could not read what your browser sent",
        "Nothing was saved. Go back and try again. If it happens again, tell your administrator.",
    ),
    "403": Words(
        "You don’t have access to this page",
        "Your role does not include it. If you need it for your work, ask your administrator.",
    ),
    "another": Words(
        "Somebody else was signed in on this page",
        "Nothing was saved: it would have been saved under your name. Copy what you need, then open the case again.",
    ),
    "404": Words("Page not found", "The address may be mistyped, or the page is gone."),
    "409": Words(
        "Somebody else changed this first",
        "Nothing of yours was saved. Open it again, look at what changed, and save yours.",
    ),
    "429": Words("Too many tries", "Wait a few minutes, then try again.", "You can send it from here."),
    "500": Words(
        "Something went wrong on our side",
        "Before you send it again, open the case: its timeline shows what was saved.",
        "Then you can send it from here.",
    ),
    "503": Words(
        "The desk is not working right now",
        "Nothing was saved. Wait a minute, then try again. Print what you need before you leave this page.",
        "You can send it from here.",
    ),
    "csrf": Words(
        "This page was open for too long",
        "Nothing was saved. You may have signed in again in another tab.",
        "Send it again from here.",
    ),
}


def staff_page(request: HttpRequest, name: str, context: Mapping[str, object]) -> str:
    """Render an error page of the desk.

    Args:
        request: the request to a staff page.
        name: a key of ``WORDS``.
        context: more template context, such as ``when`` to try again.

    Raises:
        KeyError: ``WORDS`` has no such name.
    """
    words = WORDS[name]
    typed = typed_in(request)
    shown = {
        **context,
        "staff_path": settings.STAFF_PATH,
        "words": words,
        "typed": typed,
        "again": words.again if typed else "",
    }
    return render_to_string("errors/staff.html", shown | {"readable": readable(typed)}, request)


def typed_in(request: HttpRequest) -> list[tuple[str, str]]:
    """Return the posted fields as pairs of name and value, without secrets.

    Empty for requests other than POST, for a sign-in form, for a body that cannot be read, and for a form from another
    site.
    """
    if request.method != "POST" or sent_from_elsewhere(request):
        return []
    try:
        sent = [(name, value) for name, values in request.POST.lists() for value in values]
    except Exception:  # a body that cannot be read
        return []
    return [] if signs_in(sent) else [(name, value) for name, value in sent if not SECRET.search(name)]


def signs_in(sent: list[tuple[str, str]]) -> bool:
    """Return whether a form has a password field, so that none of it may be shown again."""
    return any("password" in name for name, _ in sent)


def readable(typed: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return pairs of a readable field name and the value, for the user to copy the texts that they typed.

    Only values of several words: values without a blank are ids and choices that the page filled in.
    """
    return [(name.replace("_", " ").capitalize(), value) for name, value in typed if " " in value.strip()]
