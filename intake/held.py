"""Store input that a page could not accept until the page is shown again.

Every POST is answered by a redirect, so that Back in the browser never asks to send a form again. The page that follows
works out the errors again from the stored input. It is stored in the draft; without a draft, in an encrypted cookie.
"""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from carenav.plumbing import cookies
from carenav.plumbing.crypto import CannotDecrypt, decrypt, encrypt
from intake.forms import QuestionsForm

COOKIE_SECONDS = 15 * 60
COOKIE_SIZE = 1024
"""The size of the cookie in bytes before encryption. Shorter input is padded, so that the length reveals nothing."""


@dataclass(frozen=True)
class Held:
    """Input stored for one page.

    Attributes:
        page: the name of the page; "" if nothing is stored.
        values: the input that is not stored as an answer, keyed by field or question id. On pages of questions, only
            options that are offered.
        questions: the ids of the questions that were on the page.
        unusable: the ids of questions with a posted value that is not an option; the value is not stored.
        told: whether the page shows errors; if not, it is only filled in again.
        changed: the ids of questions whose answers changed, for the page that shows all answers.
        elsewhere: whether they changed after that page was shown, such as in another tab.
    """

    page: str = ""
    values: Mapping[str, Sequence[str]] = field(default_factory=dict)
    questions: Sequence[str] = ()
    unusable: Sequence[str] = ()
    told: bool = False
    changed: Sequence[str] = ()
    elsewhere: bool = False

    @classmethod
    def read(cls, raw: Mapping[str, Any]) -> "Held":
        """Build it from what ``to_json`` returned; empty if that was written by another version of this code."""
        try:
            return cls(**raw)
        except TypeError:
            return cls()

    def to_json(self) -> dict[str, Any]:
        return asdict(self) if self.page else {}


NOTHING = Held()


def of_form(page: str, form: QuestionsForm, told: bool, only_errors: bool) -> Held:
    """Return the input of a page of questions, to be held.

    Args:
        page: the name of the page.
        form: the bound form.
        told: whether the page is to show errors.
        only_errors: whether to leave out valid answers, because they are stored as answers.
    """
    values: dict[str, list[str]] = {}
    unusable = []
    for id in form.errors if only_errors else form.fields:
        sent = form.data.get(id) or []
        chosen = [sent] if isinstance(sent, str) else list(sent)
        offered = form.fields[id].choices  # type: ignore[attr-defined]  # every field of it has choices
        values[id] = [option for option, _label in offered if option in chosen]
        if not {*chosen} <= {option for option, _label in offered}:
            unusable.append(id)
    return Held(page, values, tuple(form.fields), tuple(unusable), told)


# ---- the cookie, used if there is no draft


def cookie_name(page: str = "") -> str:
    """Return the name of the cookie for a page.

    Args:
        page: the name of a page with a cookie of its own; "" for the pages of questions, which share one.
    """
    return f"{settings.HELD_COOKIE_NAME}-{page}" if page else settings.HELD_COOKIE_NAME


def in_cookie(request: HttpRequest, page: str = "") -> Held:
    """Return the input in the browser's cookie; ``NOTHING`` if it is missing, expired or unreadable.

    Args:
        request: the request.
        page: as for :func:`cookie_name`.
    """
    try:
        kept = json.loads(decrypt(request.COOKIES[cookie_name(page)]))
        return Held.read(kept["held"]) if kept["until"] > time.time() else NOTHING
    except (KeyError, CannotDecrypt, ValueError):
        return NOTHING


def set_cookie(
    response: HttpResponseBase,
    held: Held,
    page: str = "",
    seconds: int = COOKIE_SECONDS,
    size: int = COOKIE_SIZE,
) -> None:
    """Set the encrypted cookie with the input of a page.

    Args:
        response: the response that sets it.
        held: the input.
        page: as for :func:`cookie_name`.
        seconds: how long the input counts.
        size: the bytes to which the input is padded before encryption.
    """
    kept = _text(held, time.time() + seconds)
    response.set_cookie(
        cookie_name(page),
        encrypt(kept + " " * (size - len(kept.encode()))),
        secure=settings.PRODUCTION,
        httponly=True,
        samesite=cookies.SAMESITE,
    )


def size_of(held: Held) -> int:
    """Return the bytes that the input takes in a cookie, before padding and encryption."""
    return len(_text(held, time.time()).encode())


def _text(held: Held, until: float) -> str:
    return json.dumps({"held": held.to_json(), "until": until}, ensure_ascii=False)


def drop_cookie(request: HttpRequest, response: HttpResponseBase, page: str = "") -> None:
    """Delete the cookie with the response, if the browser sent it.

    Args:
        request: the request.
        response: the response.
        page: as for :func:`cookie_name`.
    """
    if cookie_name(page) in request.COOKIES:
        response.delete_cookie(cookie_name(page), samesite=cookies.SAMESITE)
