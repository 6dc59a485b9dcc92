"""Store what a user types on a case page until they save it, discard it, or it expires.

Only this user can see it, and it is not part of the case. The form has a signed field that says whose form it is, so
that nothing is lost if it is sent after the session has ended, and nobody saves it under another name.
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

from carenav.accounts.current import FormOfAnother
from recommend.desk.models import Case, CaseChange, UnsavedWork

SIGNED = "whose"
"""The form field with the signed ids of the user and the case, and when the page was shown."""

NOT_WORK = {
    "csrfmiddlewaretoken",
    "save",
    "next",
    "quick",
    "offer",
    "place",
    "placed",
    "reveal",
    "discard",
    "confirm_contact",
    "message",
}
"""Fields that are not stored: buttons, tokens, and confirmations, which the user must give again at each saving."""

STATE = {"version", "since"}
"""Fields that say which state of the case the user had seen when they typed. Both are numbers."""

SEEN = {*STATE, SIGNED}
"""Fields that the page filled in: the state of the case, and whose page it was."""

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
    """Return the unsaved work of a user on a case; None if there is none, or it has expired or cannot be read."""
    found = UnsavedWork.objects.alive().filter(case=case, by=by).first()
    left = Kept(json.loads(found.typed), found.kept_at) if found else None
    return left if left and has_state(left.typed) else None


def keep(pk: int, by: User, posted: Mapping[str, str]) -> bool:
    """Store unsaved work in place of earlier unsaved work; an empty form deletes it.

    Nothing is stored if the form is too long or lacks the state of the case that the user had seen, the case was
    deleted, or the user saved the form a moment ago.

    Args:
        pk: the id of the case.
        by: the user who typed.
        posted: the POST data of the form.

    Returns:
        whether something was stored.
    """
    typed = typed_of(posted)
    if not typed.keys() - SEEN:
        discard(pk, by)
        return False
    return store(pk, by, typed)


def typed_of(posted: Mapping[str, str]) -> dict[str, str]:
    """Return the fields of a form that are stored."""
    return {name: value for name, value in posted.items() if value and name not in NOT_WORK}


@transaction.atomic
def store(pk: int, by: User, typed: Mapping[str, str], over_later: bool = True) -> bool:
    """Store unsaved work, if :func:`keep` may; return whether it was stored.

    Locks the case, so that no unsaved work remains if the person deletes the case at the same time.

    Args:
        pk: the id of the case.
        by: the user who typed.
        typed: the fields to store.
        over_later: whether to replace unsaved work from a page that was shown later than this one.
    """
    text = json.dumps(typed)
    case = Case.objects.select_for_update().filter(pk=pk, erased_at__isnull=True).only("pk").first()
    if case is None or len(text) > LONGEST or not has_state(typed) or is_saved_already(case, by, typed):
        return False
    if not over_later and is_later(kept(case, by), typed):
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


def has_state(typed: Mapping[str, str]) -> bool:
    """Return whether a form says which state of the case the user had seen."""
    return all(is_number(typed.get(name, "")) for name in STATE)


def is_number(value: str) -> bool:
    """Return whether a hidden field is a number that the database can take."""
    return value.isascii() and value.isdecimal() and len(value) <= 18


def is_saved_already(case: Case, by: User, typed: Mapping[str, str]) -> bool:
    """Return whether the same user changed the case within ``JUST_SAVED``, after the state that this form had seen."""
    recent = CaseChange.objects.filter(case=case, by=by, pk__gt=int(typed["since"]))
    return recent.filter(at__gt=timezone.now() - JUST_SAVED).exists()


def discard(pk: int, by: User) -> None:
    """Delete the unsaved work of a user on a case."""
    UnsavedWork.objects.filter(case=pk, by=by).delete()


# ---- whose form it is


@dataclass(frozen=True)
class Page:
    """The page that a form came from.

    Attributes:
        by: the id of the user who was signed in.
        case: the id of the case.
        at: when it was shown, in seconds.
    """

    by: int
    case: int
    at: float


def signed(case: Case, by: User) -> str:
    """Return the signed ids of the user and the case, and the time, for the field ``SIGNED``."""
    return signing.dumps([by.pk, case.pk, timezone.now().timestamp()], salt=__name__)


def page_of(posted: Mapping[str, str], max_age: timedelta | None = None) -> Page | None:
    """Return the page that a form came from; None if the signed field is missing, invalid or older than ``max_age``."""
    try:
        return Page(*signing.loads(str(posted.get(SIGNED, "")), salt=__name__, max_age=max_age))
    except (signing.BadSignature, TypeError):
        return None


def check_is_own(posted: Mapping[str, str], by: User) -> None:
    """Refuse the form of another user, who was signed in in the same browser before.

    Raises:
        FormOfAnother: the page was shown to another user.
    """
    page = page_of(posted)
    if page and page.by != by.pk:
        raise FormOfAnother


def is_later(left: Kept | None, typed: Mapping[str, str]) -> bool:
    """Return whether unsaved work came from a page that was shown later than the one of this form."""
    if left is None:
        return False
    before, now = page_of(left.typed), page_of(typed)
    return before is None or now is None or before.at > now.at


def keep_signed(posted: QueryDict) -> bool:
    """Store a form that was sent after the session had ended as unsaved work of the user whose form it was.

    It only adds: an empty form deletes nothing, and unsaved work from a page that was shown later stays.

    Returns:
        whether it was stored: False also if the signed field is missing, invalid or too old, or if the user may no
            longer change cases.
    """
    page = page_of(posted, timedelta(hours=settings.UNSAVED_WORK_HOURS))
    typed = typed_of(fields_of(posted))
    if page is None or not typed.keys() - SEEN:
        return False
    by = User.objects.filter(pk=page.by).first()  # an account that was disabled has no permission
    return bool(by and by.has_perm("desk.change_case") and store(page.case, by, typed, over_later=False))
