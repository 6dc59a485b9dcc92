"""What a page was sent with and could not take, kept until the page is shown again.

Every page that is sent is answered by a redirect, so that the browser's Back never asks to send it once more. The page
that follows works out the errors again, from this. It is kept with the draft; where there is none, in a cookie of its
own, encrypted.
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
"""The cookie has the same length whatever it holds."""


@dataclass(frozen=True)
class Held:
    """What is kept for one page.

    Attributes:
        page: which page; "" for none.
        values: what was chosen and is not among the answers, by question. Only options that are offered.
        questions: the questions that were on the page.
        unusable: the questions with a value that nobody can choose; it is left out.
        told: whether the page says what is wrong; if not, it is only filled in again.
        changed: the questions whose answers changed, for the page that shows all answers.
        elsewhere: whether they changed behind that page, as in another tab.
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
        """Read what was stored; from another version of this code: nothing is held."""
        try:
            return cls(**raw)
        except TypeError:
            return cls()

    def to_json(self) -> dict[str, Any]:
        return asdict(self) if self.page else {}


NOTHING = Held()


def of_form(page: str, form: QuestionsForm, told: bool, only_errors: bool) -> Held:
    """Keep what was chosen on a page of questions.

    Args:
        page: which page.
        form: as it was sent.
        told: whether the page is to say what is wrong.
        only_errors: whether the valid answers are stored elsewhere.
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


# ---- the cookie, where there is no draft


def cookie_name(page: str = "") -> str:
    """Return the name of the cookie of a page; those on the way share one. Another page must not overwrite theirs."""
    return f"{settings.HELD_COOKIE_NAME}-{page}" if page else settings.HELD_COOKIE_NAME


def in_cookie(request: HttpRequest, page: str = "") -> Held:
    """Return what the browser keeps for a page.

    Args:
        request: the request.
        page: the page, where it has a cookie of its own.
    """
    try:
        kept = json.loads(decrypt(request.COOKIES[cookie_name(page)]))
        return Held.read(kept["held"]) if kept["until"] > time.time() else NOTHING
    except (KeyError, CannotDecrypt, ValueError):
        return NOTHING


def set_cookie(response: HttpResponseBase, held: Held, page: str = "") -> None:
    """Have the browser keep it for a quarter of an hour, unreadable to anybody else."""
    kept = json.dumps({"held": held.to_json(), "until": time.time() + COOKIE_SECONDS}, ensure_ascii=False)
    response.set_cookie(
        cookie_name(page),
        encrypt(kept + " " * (COOKIE_SIZE - len(kept.encode()))),
        secure=settings.PRODUCTION,
        httponly=True,
        samesite=cookies.SAMESITE,
    )


def drop_cookie(request: HttpRequest, response: HttpResponseBase, page: str = "") -> None:
    """Have the browser forget it."""
    if cookie_name(page) in request.COOKIES:
        response.delete_cookie(cookie_name(page), samesite=cookies.SAMESITE)
