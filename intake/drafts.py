"""The draft of the person who asks: found by the token in their cookie, made, changed under a lock, and ended."""

import hashlib
import secrets

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone

from intake.models import DRAFT_LIFE, Draft, Submission

CONSENT = "2026-11"
"""The version of the consent on the start page; change it together with the words there."""


def token_hash(request: HttpRequest) -> str | None:
    """The hash of the caller's token, under which a draft or a submission is stored; None without a cookie."""
    token = request.COOKIES.get(settings.DRAFT_COOKIE_NAME)
    return hash_of(token) if token else None


def hash_of(token: str) -> str:
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


def find(request: HttpRequest, lock: bool = False) -> Draft | None:
    """The caller's draft, if it is alive. It also tells the page where the person is, for the right crisis lines.

    Args:
        lock: hold its row until the end of the transaction, so that two pages sent at once both count.
    """
    if not (key := token_hash(request)):
        return None
    # answers to another version of the questions cannot be gone on with
    drafts = Draft.objects.alive().filter(token_hash=key, questionnaire=settings.QUESTIONNAIRE.stem)
    draft = (drafts.select_for_update() if lock else drafts).first()
    if draft:
        request.carenav_place = draft.answers.get("place")
    return draft


def sent(request: HttpRequest) -> bool:
    """Whether the caller's browser sent its answers a short while ago."""
    if not (key := token_hash(request)):
        return False
    return Submission.objects.filter(key=key, sent_at__gte=timezone.now() - DRAFT_LIFE).exists()


def begin(language: str) -> tuple[Draft, str]:
    """A new draft, not saved yet, and the token that finds it. Drafts that have run out are deleted on the way."""
    Draft.objects.gone().delete()
    token = secrets.token_urlsafe(32)
    draft = Draft(
        token_hash=hash_of(token),
        questionnaire=settings.QUESTIONNAIRE.stem,
        language=language,
        consent=CONSENT,
        consented_at=timezone.now(),
    )
    return draft, token


def remember(response: HttpResponseBase, token: str) -> None:
    """Give the browser the token: for this browser session, unreadable to scripts, never sent from another site."""
    response.set_cookie(
        settings.DRAFT_COOKIE_NAME, token, secure=settings.PRODUCTION, httponly=True, samesite="Strict"
    )


def end(request: HttpRequest) -> None:
    """Delete the caller's draft, if there is one."""
    if key := token_hash(request):
        Draft.objects.filter(token_hash=key).delete()
