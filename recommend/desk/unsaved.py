"""Store what a user types on a case page until they save it, discard it, or it expires.

Only this user can see it, and it is not part of the case. The form has a signed field that says whose form it is, so
that nothing is lost if it is sent after the session has ended.
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
"""The form field with the signed ids of the user and the case."""

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
"""Fields that are not stored: buttons, tokens, and confirmations, which the user must give again at each saving."""

SEEN = {"version", "since"}
"""Fields that say which state of the case the user had seen when they typed."""

LONGEST = 64_000
"""The most characters that are stored. A form filled to its limits has a third of that."""

JUST_SAVED = timedelta(seconds=5)
"""How long after saving unsaved work of the same form is refused: a script may have sent it just before saving."""


@dataclass(frozen=True)
class Kept:
    """The unsaved work of one user on one case.

    Attributes:
        typed: the values keyed by field, with the version of the case that the user had seen.
        at: when it was last stored.
    """

    typed: Mapping[str, str]
    at: datetime


def kept(case: Case, by: User) -> Kept | None:
    """Return the unsaved work of a user on a case; None if there is none or it has expired."""
    found = UnsavedWork.objects.alive().filter(case=case, by=by).first()
    return Kept(json.loads(found.typed), found.kept_at) if found else None


@transaction.atomic
def keep(pk: int, by: User, posted: Mapping[str, str]) -> bool:
    """Store unsaved work in place of earlier unsaved work; an empty form deletes it.

    Nothing is stored if the form is too long, the case was deleted, or the user saved the form a moment ago. Locks the
    case, so that no unsaved work remains if the person deletes the case at the same time.

    Args:
        pk: the id of the case.
        by: the user who typed.
        posted: the POST data of the form.

    Returns:
        whether something was stored.
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
    """Return the POST data of a form as a dict; of a field with several values, the last one."""
    return {name: str(value) for name, value in posted.items()}


def is_saved_already(case: Case, by: User, typed: Mapping[str, str]) -> bool:
    """Return whether the same user changed the case within ``JUST_SAVED``, after the state that this form had seen."""
    since = typed.get("since", "")
    if not (since.isascii() and since.isdecimal() and len(since) <= 18):
        return False
    recent = CaseChange.objects.filter(case=case, by=by, pk__gt=int(since))
    return recent.filter(at__gt=timezone.now() - JUST_SAVED).exists()


def discard(pk: int, by: User) -> None:
    """Delete the unsaved work of a user on a case."""
    UnsavedWork.objects.filter(case=pk, by=by).delete()


# ---- after the session has ended


def signed(case: Case, by: User) -> str:
    """Return the signed ids of the user and the case, for the field ``SIGNED``."""
    return signing.dumps([by.pk, case.pk], salt=__name__)


def keep_signed(posted: QueryDict) -> bool:
    """Store a form that was sent after the session had ended as unsaved work of the user whose form it was.

    Returns:
        whether it was stored: False if the signed field is missing, invalid or too old, or if the user may no longer
            change cases.
    """
    try:
        age = timedelta(hours=settings.UNSAVED_WORK_HOURS)
        user, case = signing.loads(str(posted.get(SIGNED, "")), salt=__name__, max_age=age)
    except (signing.BadSignature, ValueError):
        return False
    by = User.objects.filter(pk=user).first()  # an account that was disabled has no permission
    return bool(by and by.has_perm("desk.change_case") and keep(case, by, fields_of(posted)))
