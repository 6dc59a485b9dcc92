"""How a step changes a case: at the version that the user saw, with a line in the history. And why it is refused."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.models import User
from django.db.models import F
from django.utils import timezone

from recommend.desk.models import Case, CaseChange, ContactAttempt, Placement

What = CaseChange.ChangeType


class EditConflict(Exception):
    """The case has changed since the user saw it. Nothing was saved.

    Args:
        case: the id of the case.
        seen: the version that the user saw.
    """

    def __init__(self, case: int, seen: int) -> None:
        super().__init__(f"case {case} is no longer at version {seen}")
        self.case = case
        self.seen = seen


class TransitionNotAllowed(Exception):
    """The workflow does not allow the step. Nothing was saved.

    Args:
        field: the name of the field in ``CaseForm`` to which the message belongs.
        words: the error message for the coordinator.
    """

    def __init__(self, field: str, words: str) -> None:
        super().__init__(words)
        self.field = field
        self.words = words


class NeedsConfirmation(TransitionNotAllowed):
    """A contact contradicts how the person wants to be reached. The user can confirm that to log it all the same."""


Transition = Callable[[Case, User], None]
"""A step of the workflow, called with the case and the user who takes it."""


def at_version(pk: int, version: int) -> Case:
    """Return the case with this id, to take steps on it.

    Args:
        pk: the id of the case.
        version: the version that the user saw.

    Raises:
        EditConflict: the case has another version by now, or was deleted by the person.
        Case.DoesNotExist: there is no case with this id.
    """
    case = Case.objects.get(pk=pk)
    if case.version != version or case.erased_at:
        raise EditConflict(pk, version)
    return case


def has_attempt(case: Case) -> bool:
    """Return whether there was a contact attempt since the case was last sent."""
    return ContactAttempt.objects.that_count_for(case).exists()


def has_been_reached(case: Case) -> bool:
    """Return whether the person was reached since the case was last sent."""
    return ContactAttempt.objects.that_count_for(case).filter(outcome=ContactAttempt.Outcome.REACHED).exists()


def check_open(case: Case, field: str) -> None:
    """Check that the case is open, or placed and followed up, for a step that needs that.

    Raises:
        TransitionNotAllowed: the case is finished.
    """
    if not case.has_next_step:
        raise TransitionNotAllowed(field, "This case is closed. Reopen it first.")


def check_may_end(case: Case, field: str) -> None:
    """Check that the case may be placed or closed: an urgent case needs a contact attempt.

    Raises:
        TransitionNotAllowed: the case is urgent and has no attempt.
    """
    if case.urgent and not has_attempt(case):
        raise TransitionNotAllowed(field, "Log a contact attempt before you close or place an urgent case.")


def history_line(case: Case, by: User, what: str, before: str, after: str, reason: str = "") -> CaseChange:
    return CaseChange(case=case, by=by, what=what, before=before, after=after, reason=reason)


def looked_at(case: Case, by: User) -> CaseChange:
    return history_line(case, by, What.STALE, case.stale_because, "")


def apply_change(case: Case, lines: list[CaseChange], **fields: Any) -> None:
    """Update fields of the case in the database and on the instance, increase its version, and store the changes.

    Raises:
        EditConflict: the row has another version than the instance, or the case was deleted. The caller's transaction
            is rolled back.
    """
    same = Case.objects.filter(pk=case.pk, version=case.version, erased_at__isnull=True)
    if not same.update(version=F("version") + 1, **fields):
        raise EditConflict(case.pk, case.version)
    CaseChange.objects.bulk_create(lines)
    case.version += 1
    for name, value in fields.items():
        setattr(case, name, value)


def mark_wrong(wrong: ContactAttempt | Placement, by: User, reason: str) -> None:
    """Mark a contact attempt or a placement as entered in error: it stays in the history and counts nowhere.

    Args:
        wrong: the attempt or the placement.
        by: the user who corrects it.
        reason: why it is wrong, stored encrypted.

    Raises:
        TransitionNotAllowed: the reason is missing.
    """
    if not reason.strip():
        raise TransitionNotAllowed("wrong_reason", "Say what was wrong with it.")
    wrong.error_at, wrong.error_by, wrong.error_reason = timezone.now(), by, reason.strip()
    wrong.save()
