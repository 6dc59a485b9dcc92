"""Merge two cases of one person: one keeps its number, the other is closed as a duplicate and points to it."""

from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from recommend.desk.models import Case, CaseChange, CaseOutcome, CaseStatus
from recommend.desk.workflow.attention import acknowledge
from recommend.desk.workflow.change import (
    TransitionNotAllowed,
    What,
    apply_change,
    check_open,
    history_line,
    looked_at,
)
from recommend.desk.workflow.next_step import NOTHING_NEXT

KEEP = "keep"
"""The field of the form on the page of a merge that says which case stays."""


@transaction.atomic
def merge(case: Case, by: User, into: Case) -> None:
    """Close a case as a duplicate of another one. The other one takes over what is more urgent of the two.

    Nothing is moved or deleted: the timeline of the case that stays shows that of the duplicate as well.

    Args:
        case: the duplicate.
        by: the user, who has seen both cases.
        into: the case that stays.

    Raises:
        TransitionNotAllowed: they are one case, one is placed or finished, or the duplicate has duplicates of its own.
        EditConflict: one of them has changed since the user saw it.
    """
    if case.pk == into.pk:
        raise TransitionNotAllowed(KEEP, "This is the same case.")
    for each in (case, into):
        check_open(each, KEEP)
        if each.is_followed_up:
            raise TransitionNotAllowed(KEEP, f"{each.reference} is placed. Say first how it went there.")
    if Case.objects.filter(merged_into=case).exists():
        raise TransitionNotAllowed(KEEP, "Others are merged into this one. Keep this one instead.")
    acknowledge(into, by)
    apply_change(into, [history_line(into, by, What.MERGED, "", case.reference)], **taken_over(case, into))
    lines = [
        history_line(case, by, What.STATUS, case.status, CaseStatus.CLOSED),
        history_line(case, by, What.MERGED, "", into.reference),
    ]
    if case.stale_since:
        lines.append(looked_at(case, by))
    closed = {"status": CaseStatus.CLOSED, "outcome": CaseOutcome.DUPLICATE, "finished_at": timezone.now()}
    fresh = {"stale_since": None, "stale_because": "", "merged_into": into}
    apply_change(case, lines, **closed, **fresh, **NOTHING_NEXT)


def taken_over(case: Case, into: Case) -> dict[str, Any]:
    """Return the fields of the case that stays: the higher urgency, the earlier times, and the first contact."""
    fields: dict[str, Any] = {"contact_by": min(case.contact_by, into.contact_by)}
    if case.tier < into.tier:
        fields |= {"tier": case.tier, "urgent": case.urgent, "urgent_because": case.urgent_because}
    if case.next_action_at and into.next_action_at and case.next_action_at < into.next_action_at:
        fields |= {"next_action": case.next_action, "next_action_at": case.next_action_at}
    if case.first_contact_at and not into.first_contact_at:
        fields["first_contact_at"] = max(case.first_contact_at, into.opened_at)
    return fields


def undone(case: Case, by: User, reason: str) -> list[CaseChange]:
    """Return the change of a merged case that is reopened, and note it on the case that stayed; [] if it is not merged.

    That case keeps the urgency that it took over, which is the safe side.
    """
    if case.merged_into is None:
        return []
    kept = case.merged_into
    Case.objects.filter(pk=kept.pk).update(version=F("version") + 1)
    CaseChange.objects.create(case=kept, by=by, what=What.MERGED, before=case.reference, reason=reason)
    return [history_line(case, by, What.MERGED, kept.reference, "", reason)]
