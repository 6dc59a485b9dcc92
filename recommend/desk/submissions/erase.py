"""Erase a case: the person's answers and contact details, and what the desk wrote about them."""

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from intake.models import ContactDetails, Draft, Submission
from recommend.desk.models import (
    CallAnswer,
    Case,
    CaseChange,
    CaseOutcome,
    CaseStatus,
    ContactAttempt,
    Disposition,
    LegalHold,
    Note,
    OutboxMessage,
    Placement,
    Presence,
    Removal,
    Tier,
    UnsavedWork,
)
from recommend.desk.recovery import removals
from recommend.result.models import Recommendation

ChangeType = CaseChange.ChangeType

WORK = (
    OutboxMessage,
    Presence,
    ContactAttempt,
    CallAnswer,
    Note,
    Disposition,
    Placement,
    UnsavedWork,
    LegalHold,
)
"""The models of what the desk wrote. The steps of a placement go with it."""


NAMED = (
    *(ChangeType.RESENT, ChangeType.TAKEN, ChangeType.CONTACT),
    *(ChangeType.CORRECTED, ChangeType.NEXT, ChangeType.PLACEMENT),
)
"""The changes whose values name levels, outcomes of calls, next steps, or how a placement went."""


@transaction.atomic
def erase(submission: Submission, from_ledger: bool = False) -> None:
    """Delete a person's answers and contact details, and what the desk wrote about them. Locks the case.

    The case remains, closed and empty, so that nobody at the desk searches for it. It keeps its reference, the times
    when it was sent and deleted, the person's consent, and who was assigned to it and when. Does nothing to a case that
    is erased already.

    Args:
        submission: any submission of the case; all submissions of the case are emptied.
        from_ledger: whether the ledger of deletions has it already, as when a restored backup is brought up to date.

    Raises:
        Case.DoesNotExist: the submission has no case.
    """
    case = Case.objects.select_for_update().get(reference=submission.reference)
    if case.erased_at:
        return
    # There are several if the person changed their answers and sent them again.
    sent = Submission.objects.filter(reference=case.reference)
    Draft.objects.filter(replaces__in=sent).delete()
    ContactDetails.objects.filter(submission__in=sent).delete()
    Recommendation.objects.filter(submission__in=sent).delete()
    delete_work(case)
    sent.update(
        told_by="", told_how="", answers={}, crisis_given=[], crisis_change="", language="", open_until=None
    )
    now = timezone.now()
    Case.objects.filter(pk=case.pk).update(
        level="",
        chosen="",
        tier=Tier.ROUTINE,
        urgent=False,
        urgent_because="",
        flood="",
        language="",
        status=CaseStatus.CLOSED,
        outcome=CaseOutcome.ERASED,
        merged_into=None,
        finished_at=case.finished_at or now,
        next_action="",
        next_action_at=None,
        stale_since=None,
        stale_because="",
        erased_at=now,
        version=F("version") + 1,
    )
    CaseChange.objects.create(case=case, what=ChangeType.ERASED, after=CaseStatus.CLOSED)
    if not from_ledger:
        removals.note(sent.values_list("key", flat=True), Removal.Why.ERASED)


def delete_work(case: Case) -> None:
    """Delete what the desk wrote about the person. Of the history, only who did what and when is kept."""
    for model in WORK:
        model.objects.filter(case=case).delete()
    history = CaseChange.objects.filter(case=case)
    history.filter(what__in=(ChangeType.DISPOSITION, ChangeType.OUTCOME)).delete()
    history.filter(what__in=NAMED).update(before="", after="")
    history.update(reason="")
