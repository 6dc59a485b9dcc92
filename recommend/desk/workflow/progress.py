"""Steps that move a case on: its level, its status, its end and its reopening."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from recommend.desk import next_steps, reaching
from recommend.desk.models import FINISHED_STATUSES, Case, CaseOutcome, CaseStatus, Disposition, NextAction
from recommend.desk.next_steps import NextStep
from recommend.desk.workflow.change import (
    TransitionNotAllowed,
    What,
    apply_change,
    check_may_end,
    has_attempt,
    history_line,
    looked_at,
)
from recommend.desk.workflow.merging import undone
from recommend.desk.workflow.next_step import NOTHING_NEXT, planned_fields
from recommend.desk.workflow.placement import end_unfinished

NEXT: Mapping[CaseStatus, tuple[CaseStatus, ...]] = {
    CaseStatus.NEW: (CaseStatus.IN_CONTACT, CaseStatus.CLOSED),
    CaseStatus.IN_CONTACT: (CaseStatus.ASSESSED, CaseStatus.CLOSED),
    CaseStatus.ASSESSED: (CaseStatus.IN_CONTACT, CaseStatus.PLACED, CaseStatus.CLOSED),
    CaseStatus.PLACED: (),
    CaseStatus.CLOSED: (),
}
"""The statuses to which each status can be changed. Placed and closed cases can only be reopened, with a reason."""

OUTCOMES = [choice for choice in CaseOutcome.choices if choice[0] != CaseOutcome.ERASED]
"""The outcomes with which staff can close a case: all except "Deleted by the person"."""

LEAD = "desk.lead_case"
"""The permission of a clinical lead."""


@dataclass(frozen=True)
class Effect:
    """What the recommendation did for the clinician, as they say; see ``Disposition``. None for what they leave out."""

    changed_decision: bool | None = None
    minutes_saved: int | None = None


@transaction.atomic
def record_disposition(
    case: Case,
    by: User,
    level: str,
    reason: str = "",
    text: str = "",
    then: NextStep | None = None,
    effect: Effect = Effect(),
) -> None:
    """Store the level that a clinician chose, and set the next step of an open case.

    A case In contact changes to Assessed, and a stale case is no longer stale.

    Args:
        case: the case.
        by: the user who chose it.
        level: a value of ``LevelOfCare``.
        reason: a value of ``Disposition.Reason``; required if the level differs from the recommended one.
        text: the reason in words; required in the same case.
        then: the next step of an open case; None for the usual one.
        effect: what the recommendation did for the clinician.

    Raises:
        TransitionNotAllowed: the case is new, or finished and not stale; a required reason or text is missing; or the
            next step is in the past or too far ahead.
        EditConflict: the case has changed since the user saw it.
    """
    if case.status == CaseStatus.NEW:
        raise TransitionNotAllowed(
            "level", "Log a contact first. The level is set after you’ve spoken with the person."
        )
    if not case.is_open and not case.stale_since:
        raise TransitionNotAllowed("level", "This case is closed. Reopen it first.")
    if case.level and level != case.level and not reason:
        raise TransitionNotAllowed("reason", "This differs from the recommendation. Choose a reason.")
    if case.level and level != case.level and not text.strip():
        raise TransitionNotAllowed("text", "This differs from the recommendation. Explain it briefly.")
    lines = [history_line(case, by, What.DISPOSITION, case.chosen, level)]
    fields: dict[str, Any] = {"chosen": level}
    if case.is_open:
        fields |= planned_fields(
            case, by, then or next_steps.after_level(timezone.now()), lines, reached=True
        )
    if case.status == CaseStatus.IN_CONTACT:
        lines.append(history_line(case, by, What.STATUS, case.status, CaseStatus.ASSESSED))
        fields["status"] = CaseStatus.ASSESSED
    if case.stale_since:
        lines.append(looked_at(case, by))
        fields |= {"stale_since": None, "stale_because": ""}
    apply_change(case, lines, **fields)
    chosen = {"level": level, "reason": reason, "text": text.strip() or None, **vars(effect)}
    Disposition.objects.create(case=case, by=by, recommended=case.level, **chosen)


@transaction.atomic
def set_status(case: Case, by: User, to: CaseStatus) -> None:
    """Change the status of an open case. Use :func:`close` to close it and :func:`record_placement` to place it.

    Raises:
        TransitionNotAllowed: ``NEXT`` does not allow the change, or a contact attempt is missing.
        EditConflict: the case has changed since the user saw it.
    """
    if to == CaseStatus.CLOSED or to not in NEXT[CaseStatus(case.status)]:
        raise TransitionNotAllowed(
            "status", f"{CaseStatus(case.status).label} does not lead to {CaseStatus(to).label}."
        )
    if to == CaseStatus.IN_CONTACT and not has_attempt(case):
        raise TransitionNotAllowed("status", "Log the contact. That moves the case to In contact.")
    if to == CaseStatus.PLACED:
        raise TransitionNotAllowed("program", "Say where the person is placed, and when they start.")
    apply_change(case, [history_line(case, by, What.STATUS, case.status, to)], status=to)


@transaction.atomic
def close(case: Case, by: User, outcome: str) -> None:
    """Close the case without a placement. A stale case is no longer stale, and an offer that is still open is declined.

    Raises:
        TransitionNotAllowed: the case is finished; the outcome is not one of ``OUTCOMES``; the case is urgent and has
            no contact attempt; or the outcome is "not reached" and :func:`check_may_give_up` refuses it.
        EditConflict: the case has changed since the user saw it.
    """
    if CaseStatus.CLOSED not in NEXT[CaseStatus(case.status)]:
        raise TransitionNotAllowed("status", "This case is closed already.")
    if outcome not in dict(OUTCOMES):
        raise TransitionNotAllowed("outcome", "Choose a reason for closing.")
    check_may_end(case, "status")
    if outcome == CaseOutcome.NOT_REACHED:
        check_may_give_up(case, by)
    end_unfinished(case, by)
    lines = [
        history_line(case, by, What.STATUS, case.status, CaseStatus.CLOSED),
        history_line(case, by, What.OUTCOME, "", outcome),
    ]
    if case.stale_since:
        lines.append(looked_at(case, by))
    apply_change(
        case,
        lines,
        status=CaseStatus.CLOSED,
        outcome=outcome,
        finished_at=timezone.now(),
        stale_since=None,
        stale_because="",
        **NOTHING_NEXT,
    )


@transaction.atomic
def reopen(case: Case, by: User, reason: str) -> None:
    """Reopen a finished case, which also undoes a merge. Its next step is due at once.

    Its waiting time still counts from when it was sent.

    Raises:
        TransitionNotAllowed: the case is open, or the reason is missing.
        EditConflict: the case has changed since the user saw it.
    """
    if case.status not in FINISHED_STATUSES:
        raise TransitionNotAllowed("status", "This case is open.")
    if not reason.strip():
        raise TransitionNotAllowed("reopen_reason", "Give a reason for reopening.")
    to = CaseStatus.IN_CONTACT if has_attempt(case) else CaseStatus.NEW
    lines = [history_line(case, by, What.STATUS, case.status, to, reason.strip())]
    if case.outcome:
        lines.append(history_line(case, by, What.OUTCOME, case.outcome, ""))
    lines += undone(case, by, reason.strip())
    action = NextAction.REVIEW if to == CaseStatus.IN_CONTACT else NextAction.FIRST_CONTACT
    apply_change(
        case,
        lines,
        status=to,
        outcome="",
        merged_into=None,
        finished_at=None,
        next_action=action,
        next_action_at=timezone.now(),
        contact_by=reaching.contact_by(case.tier, timezone.now()),
    )


def check_may_give_up(case: Case, by: User) -> None:
    """Check that the user may close the case as not reached: the contact policy is met.

    Only a clinical lead may do so for an urgent case.

    Raises:
        TransitionNotAllowed: attempts are missing, or the case is urgent and the user is not a lead.
    """
    if missing := reaching.shortfall(case).words:
        raise TransitionNotAllowed("outcome", missing)
    if case.urgent and not by.has_perm(LEAD):
        raise TransitionNotAllowed(
            "outcome",
            "Only a clinical lead may close an urgent case as not reached. Set the next step to “Lead to review”.",
        )


def close_one_of_many(case: Case, by: User, outcome: str) -> None:
    """Close a case in a bulk action, which is not allowed for urgent cases.

    Raises:
        TransitionNotAllowed: the case is urgent, or see :func:`close`.
        EditConflict: the case has changed since the user saw it.
    """
    if case.urgent:
        raise TransitionNotAllowed("status", "Urgent cases are closed one at a time, on their own page.")
    close(case, by, outcome)
