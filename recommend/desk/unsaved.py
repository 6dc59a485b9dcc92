"""Keep what somebody types on a case page until they save it, throw it away, or it expires.

It is theirs alone: nobody else sees it, and it is no part of the case. A form that is sent after its session has ended
carries a signed note of who was signed in, so that even then nothing is lost.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.core import signing
from django.db import transaction
from django.http import QueryDict
from django.utils import timezone

from recommend.desk.models import Case, CaseChange, UnsavedWork

SIGNED = "whose"
"""The form field that says, signed, whose form it is and of which case."""

NOT_WORK = {
    "csrfmiddlewaretoken",
    "save",
    "next",
    "quick",
    "reveal",
    "discard",
    "confirm_contact",
    "message",
    SIGNED,
}
"""Fields that are not kept. A confirmation is given in the moment of saving, and never comes back by itself."""

SEEN = {"version", "since"}
"""What the person had seen of the case when they typed."""

LONGEST = 64_000
"""Characters; a form filled to its limits is a third of it."""

JUST_SAVED = timedelta(seconds=5)
"""A page that is saved may have sent what was typed a moment before; that must not come back as unsaved."""


@dataclass(frozen=True)
class Kept:
    """What one person left on a case page.

    Attributes:
        typed: fields and values, with the version of the case that they had seen.
        at: when it was kept last.
    """

    typed: Mapping[str, str]
    at: datetime


def kept(case: Case, by: User) -> Kept | None:
    """Return what this person left on the page of a case; None if there is nothing, or it has expired."""
    found = UnsavedWork.objects.alive().filter(case=case, by=by).first()
    return Kept(json.loads(found.typed), found.kept_at) if found else None


@transaction.atomic
def keep(pk: int, by: User, posted: Mapping[str, str]) -> bool:
    """Keep what was typed instead of what was kept before; an empty form leaves nothing.

    Locks the case, so that nothing is left of one that its person deletes at this moment.

    Args:
        pk: of the case.
        by: who typed.
        posted: the form as it was sent.

    Returns:
        Whether something is kept.
    """
    typed = {name: value for name, value in posted.items() if value and name not in NOT_WORK}
    if not typed.keys() - SEEN:
        discard(pk, by)
        return False
    text = json.dumps(typed)
    case = Case.objects.select_for_update().filter(pk=pk, erased_at__isnull=True).only("pk").first()
    if case is None or len(text) > LONGEST or is_saved_already(case, by, typed):
        return False
    _row, made = UnsavedWork.objects.update_or_create(
        case=case, by=by, defaults={"typed": text, "kept_at": timezone.now()}
    )
    if made:
        UnsavedWork.objects.gone().delete()
    return True


def fields_of(posted: QueryDict) -> dict[str, str]:
    """Return the fields of a form; none has several values."""
    return {name: str(value) for name, value in posted.items()}


def is_saved_already(case: Case, by: User, typed: Mapping[str, str]) -> bool:
    """Return whether the same person changed the case a moment ago, after what this form had seen."""
    since = typed.get("since", "")
    if not (since.isascii() and since.isdecimal() and len(since) <= 18):
        return False
    recent = CaseChange.objects.filter(case=case, by=by, pk__gt=int(since))
    return recent.filter(at__gt=timezone.now() - JUST_SAVED).exists()


def discard(pk: int, by: User) -> None:
    """Delete what this person left on the page of a case."""
    UnsavedWork.objects.filter(case=pk, by=by).delete()


# ---- after the session has ended


def signed(case: Case, by: User) -> str:
    """Return who fills in the form of a case, signed."""
    return signing.dumps([by.pk, case.pk], salt=__name__)


def keep_signed(posted: QueryDict) -> bool:
    """Keep a form that arrives with nobody signed in, for the person whose page it was.

    Returns:
        Whether it is kept: not if nobody signed it, it is too old, or they may no longer change cases.
    """
    try:
        age = timedelta(hours=settings.UNSAVED_WORK_HOURS)
        user, case = signing.loads(str(posted.get(SIGNED, "")), salt=__name__, max_age=age)
    except (signing.BadSignature, ValueError):
        return False
    by = User.objects.filter(pk=user).first()  # an account that was disabled has no permission
    return bool(by and by.has_perm("desk.change_case") and keep(case, by, fields_of(posted)))
