"""Delete what a person sent."""

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from intake.models import ContactDetails, Draft, Submission
from recommend.desk.models import Case, CaseOutcome, CaseStatus
from recommend.result.models import Recommendation


@transaction.atomic
def erase(submission: Submission) -> None:
    """Delete what a person sent, as they wish: answers, contact details, recommendation, messages to the team.

    An empty case stays, closed: its reference, when it came and when it was deleted, that the person agreed to send it,
    and who had it when. So nobody at the desk looks for a case that seems lost. What the desk wrote down about the
    person goes too. Erasing twice changes nothing.
    """
    case = Case.objects.select_for_update().get(reference=submission.reference)
    if case.erased_at:
        return
    sent = Submission.objects.filter(
        reference=case.reference
    )  # all of them, if it was changed and sent again
    Draft.objects.filter(replaces__in=sent).delete()
    ContactDetails.objects.filter(submission__in=sent).delete()
    Recommendation.objects.filter(submission__in=sent).delete()
    for belonging in (case.messages, case.contactattempts, case.notes, case.dispositions):
        belonging.all().delete()
    case.changes.filter(what__in=("disposition", "outcome")).delete()
    case.changes.filter(what__in=("resent", "contact")).update(before="", after="")  # levels, how a call went
    case.changes.update(reason="")
    sent.update(answers={}, crisis_given=[], crisis_change="", language="", open_until=None)
    now = timezone.now()
    Case.objects.filter(pk=case.pk).update(
        level="",
        chosen="",
        urgent=False,
        status=CaseStatus.CLOSED,
        outcome=CaseOutcome.ERASED,
        finished_at=case.finished_at or now,
        stale_since=None,
        stale_because="",
        erased_at=now,
        version=F("version") + 1,
    )
    case.changes.create(what="erased", after=CaseStatus.CLOSED)
