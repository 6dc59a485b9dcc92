"""Steps that say who looks after a case, and that somebody has seen it."""

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from recommend.desk.models import Case
from recommend.desk.workflow.change import What, apply_change, check_open, history_line, looked_at


@transaction.atomic
def assign_to_self(case: Case, by: User) -> None:
    """Assign the case to the user, which also acknowledges it.

    Raises:
        TransitionNotAllowed: the case is finished.
        EditConflict: the case has changed since the user saw it.
    """
    check_open(case, "who")
    if case.assignee_id != by.pk:
        before = case.assignee.get_username() if case.assignee else ""
        line = history_line(case, by, What.ASSIGNEE, before, by.get_username())
        apply_change(case, [line], assignee=by, assigned_at=timezone.now())
    acknowledge(case, by)


@transaction.atomic
def unassign(case: Case, by: User) -> None:
    """Remove the assignee of the case, if it has one.

    Raises:
        TransitionNotAllowed: the case is finished.
        EditConflict: the case has changed since the user saw it.
    """
    check_open(case, "who")
    if case.assignee:
        line = history_line(case, by, What.ASSIGNEE, case.assignee.get_username(), "")
        apply_change(case, [line], assignee=None, assigned_at=None)


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
