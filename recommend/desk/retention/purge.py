"""Delete finished cases whose retention period is over, with everything that was stored about the person.

A run deletes cases in batches, each in one transaction, so that it takes the same memory for any number of cases, holds
no lock for long, and can be killed at any time: the next run goes on with the rest. The ledger of deletions gets each
case, so that a restored backup deletes them again.
"""

from collections.abc import Callable, Iterable
from datetime import datetime

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from intake.models import Submission
from recommend.desk.models import Case, CaseStatus, LegalHold, Removal, in_force
from recommend.desk.recovery import removals

BATCH = 200


def due(now: datetime) -> QuerySet[Case]:
    """Return the finished cases whose period is over, without those on legal hold and those to be looked at again.

    A merged case is part of the case that stays, and is deleted with it: it is neither due nor on hold by itself.
    """
    over = Q(pk=None)
    for outcome, period in settings.RETENTION.items():
        if period is not None:
            over |= of_outcome(outcome) & Q(finished_at__lte=now - period)
    of_person = Q(case=OuterRef("pk")) | Q(case__merged_into=OuterRef("pk"))
    held = LegalHold.objects.filter(in_force(timezone.localdate(now)), of_person)
    finished = Case.objects.filter(stale_since__isnull=True, merged_into__isnull=True)
    return finished.filter(over, ~Exists(held))


def of_outcome(outcome: str) -> Q:
    """Return a condition for the finished cases of an outcome in the setting RETENTION."""
    if outcome == CaseStatus.PLACED:
        return Q(status=CaseStatus.PLACED)
    return Q(status=CaseStatus.CLOSED, outcome=outcome)


def counts(now: datetime) -> dict[str, int]:
    """Return how many cases a run would delete now, keyed by outcome."""
    found = due(now).values_list("status", "outcome").annotate(count=Count("pk")).order_by()
    return {outcome or status: count for status, outcome, count in found}


def purge(now: datetime, progress: Callable[[int], None] = lambda deleted: None) -> int:
    """Delete all cases that are due; return how many.

    Args:
        now: the current time.
        progress: called after each batch with the number of cases deleted so far.
    """
    deleted = 0
    while count := purge_batch(now):
        deleted += count
        progress(deleted)
    return deleted


@transaction.atomic
def purge_batch(now: datetime) -> int:
    """Delete up to ``BATCH`` due cases, locked against a person who sends or deletes just then; return how many."""
    skip_locked = connection.features.has_select_for_update_skip_locked
    found = due(now).order_by("pk").select_for_update(skip_locked=skip_locked, of=("self",))
    locked = [case.pk for case in found.only("pk")[:BATCH]]
    # A hold may have come between the look and the lock: from here on none can.
    references = list(due(now).filter(pk__in=locked).values_list("reference", flat=True))
    delete(references)
    return len(references)


@transaction.atomic
def delete(references: Iterable[str], from_ledger: bool = False) -> None:
    """Delete cases, those merged into them, and all that refers to them. Only the access log keeps their references.

    Args:
        references: the references of the cases.
        from_ledger: whether the ledger of deletions has them already.
    """
    references = with_merged(references)
    sent = Submission.objects.filter(reference__in=references)
    if not from_ledger:
        removals.note(sent.values_list("key", flat=True), Removal.Why.PURGED)
    # A case protects those merged into it, so these go first.
    while leaves := list(
        Case.objects.filter(reference__in=references, merged=None).values_list("pk", flat=True)
    ):
        Case.objects.filter(pk__in=leaves).delete()
    # A submission protects the one that it replaces, so the newest of each case goes first.
    while newest := list(sent.filter(replaced_by__isnull=True).values_list("pk", flat=True)):
        Submission.objects.filter(pk__in=newest).delete()


def with_merged(references: Iterable[str]) -> set[str]:
    """Return these references and those of all cases merged into them."""
    found, newest = set(), {*references}
    while newest:
        found |= newest
        merged = Case.objects.filter(merged_into__reference__in=newest).exclude(reference__in=found)
        newest = {*merged.values_list("reference", flat=True)}
    return found
