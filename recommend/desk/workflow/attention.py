"""Steps that say who looks after a case, and that somebody has seen it."""

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from recommend.desk.models import Case
from recommend.desk.staff.absence import present_workers
from recommend.desk.workflow.change import (
    TransitionNotAllowed,
    What,
    apply_change,
    check_open,
    history_line,
    looked_at,
)


@transaction.atomic
def assign(case: Case, by: User, to: User, reason: str = "") -> None:
    """Assign the case to a user who works on cases and is not away.

    Assigning it to oneself also acknowledges it. Assigning it to a colleague does not: they have not seen it yet.

    Args:
        case: the case.
        by: the user who assigns it.
        to: the user who gets it.
        reason: why it is taken from a colleague, stored encrypted; required if they are here.

    Raises:
        TransitionNotAllowed: the case is finished, the user is away or does not work on cases, or the reason is
            missing.
        EditConflict: the case has changed since the user saw it.
    """
    check_open(case, "who")
    if case.assignee_id != to.pk:
        if to != by and not present_workers(timezone.now()).filter(pk=to.pk).exists():
            raise TransitionNotAllowed(
                "assign_to", f"{to.get_username()} is away, or no longer works on cases."
            )
        check_may_take(case, by, reason)
        before = case.assignee.get_username() if case.assignee else ""
        line = history_line(case, by, What.ASSIGNEE, before, to.get_username(), reason.strip())
        apply_change(case, [line], assignee=to, assigned_at=timezone.now())
    if to == by:
        acknowledge(case, by)


def assign_to_self(case: Case, by: User, reason: str = "") -> None:
    """Assign the case to the user, which also acknowledges it; see :func:`assign`."""
    assign(case, by, by, reason)


@transaction.atomic
def unassign(case: Case, by: User, reason: str = "") -> None:
    """Remove the assignee of the case, if it has one.

    Raises:
        TransitionNotAllowed: the case is finished, or it is taken from a colleague without a reason.
        EditConflict: the case has changed since the user saw it.
    """
    check_open(case, "who")
    if case.assignee:
        check_may_take(case, by, reason)
        line = history_line(case, by, What.ASSIGNEE, case.assignee.get_username(), "", reason.strip())
        apply_change(case, [line], assignee=None, assigned_at=None)


def needs_reason(case: Case, by: User) -> bool:
    """Return whether taking the case from its assignee needs a reason: it is a colleague who is here."""
    if case.assignee_id in (None, by.pk):
        return False
    return present_workers(timezone.now()).filter(pk=case.assignee_id).exists()


def check_may_take(case: Case, by: User, reason: str) -> None:
    """Check that the user may take the case from its assignee.

    Raises:
        TransitionNotAllowed: it needs a reason, and there is none.
    """
    if not reason.strip() and case.assignee and needs_reason(case, by):
        name = case.assignee.get_username()
        raise TransitionNotAllowed("who_reason", f"{name} has this case. Say why it goes to somebody else.")


@transaction.atomic
def acknowledge(case: Case, by: User) -> None:
    """Record that the user has seen the case, if nobody has yet. A stale case without a chosen level stops being stale.

    Raises:
        EditConflict: the case has changed since the user saw it.
    """
    lines, fields = [], {}
    if not case.is_acknowledged:
        lines.append(history_line(case, by, What.ACKNOWLEDGED, "", by.get_username()))
        fields = {"acknowledged_by": by, "acknowledged_at": timezone.now()}
    if case.stale_since and not case.chosen:
        lines.append(looked_at(case, by))
        fields |= {"stale_since": None, "stale_because": ""}
    if lines:
        apply_change(case, lines, **fields)
