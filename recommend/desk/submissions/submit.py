"""Sending: the one place where intake, recommendation and desk meet."""

import logging
from typing import Any

from django.db import transaction
from django.utils import timezone

from carenav.plumbing.codes import in_groups, random_letters
from carenav.plumbing.crypto import blind_index, hash_of_email, hash_of_phone, name_words
from intake import drafts
from intake.models import ContactDetails, ContactNameWord, Draft, Submission
from recommend import content
from recommend.desk.models import FINISHED_STATUSES, Case, CaseStatus, OutboxMessage, StaleReason
from recommend.result.models import Recommendation
from recommend.result.snapshot import Outcome, is_priority, safe_outcome

logger = logging.getLogger(__name__)


@transaction.atomic
def submit(draft: Draft, contact: dict[str, Any]) -> Submission:
    """Turn a draft into a case with all that belongs to it: everything is stored, or nothing.

    The draft is deleted; the person's token now finds the submission. Where they change what they sent before, the case
    stays theirs, and from now on it is about what they send now.

    Args:
        draft: its row is locked by the caller, and before it the case that it changes.
        contact: the cleaned contact form.
    """
    case = held_case(draft)
    submission = Submission.objects.create(
        key=draft.token_hash,
        reference=case.reference if case else new_reference(),
        replaces=case.submission if case else None,
        answers=draft.answers,
        questionnaire=draft.questionnaire,
        language=draft.language,
        consent=draft.consent,
        consented_at=draft.consented_at,
        crisis_given=draft.crisis_given,
        crisis_change=draft.crisis_change,
        sent_at=timezone.now(),
        shared_device=draft.shared_device,
        open_until=drafts.open_until(draft),
        erase_hash=draft.erase_hash,
    )
    keep_contact(submission, contact)
    outcome = safe_outcome(submission.answers, f"case {submission.reference}")
    Recommendation.objects.create(
        submission=submission,
        level=outcome["level"] or "",
        outcome=outcome,
        ruleset=content.ruleset().version,
        ruleset_digest=content.ruleset().digest,
        questionnaire=content.questionnaire().version,
        questionnaire_digest=content.questionnaire().digest,
        made_at=submission.sent_at,
    )
    if case:
        bring_back(case, submission, outcome)
    else:
        case = Case.objects.create(
            submission=submission,
            reference=submission.reference,
            level=outcome["level"] or "",
            urgent=is_urgent(outcome),
            opened_at=submission.sent_at,
        )
    kind = OutboxMessage.Kind.URGENT_CASE if case.urgent else OutboxMessage.Kind.CASE
    OutboxMessage.objects.create(kind=kind, case=case)
    draft.delete()
    return submission


def is_urgent(outcome: Outcome) -> bool:
    """Whether the case comes before others."""
    return is_priority(outcome["level"], outcome.get("crisis"), outcome.get("urgent"))


# ---- changed and sent again


def held_case(draft: Draft | None) -> Case | None:
    """The case that a draft changes, its row held until the end of the transaction; None where it begins a new one.

    A case is held before any draft that changes it, here and where it is deleted: so nobody waits in a circle.
    """
    if draft is None or draft.replaces_id is None:
        return None
    sent = Submission.objects.filter(pk=draft.replaces_id).values("reference")
    return Case.objects.select_for_update().filter(reference__in=sent, erased_at__isnull=True).first()


def begin_change(submission: Submission, language: str) -> tuple[Draft, str] | None:
    """A draft, and its token, to change what was sent: filled with it, for the person to check and to send again.

    Nothing at the desk changes until then. None where it was deleted or replaced at this moment, or answers other
    questions than those of today.
    """
    held = Case.objects.select_for_update().filter(submission=submission, erased_at__isnull=True)
    if submission.questionnaire != content.questionnaire().version or not held.exists():
        return None
    draft, token = drafts.create_from_submission(submission, language)
    draft.save()
    return draft, token


def bring_back(case: Case, submission: Submission, outcome: Outcome) -> None:
    """Bring a case back to the desk with what its person sends now. docs/decisions/0026 says why each part is so."""
    level, taken_up = outcome["level"] or "", is_taken_up(case)
    finished = case.status in FINISHED_STATUSES
    write = case.changes.create
    write(what="resent", before=case.level, after=level)
    Submission.objects.filter(pk=case.submission_id).update(open_until=None)
    case.submission, case.level, case.version = submission, level, case.version + 1
    # An open case that was urgent stays so: danger that is taken back is a reason to call, not to wait.
    case.urgent = is_urgent(outcome) or (case.urgent and not finished)
    if taken_up:
        write(what="stale", after=StaleReason.ANSWERS)
        case.stale_since, case.stale_because = submission.sent_at, StaleReason.ANSWERS
        # What nobody has looked at yet keeps its place in the queue; all else waits, and is late, from now on.
        case.opened_at, case.first_contact_at = submission.sent_at, None
    if finished:
        write(what="status", before=case.status, after=CaseStatus.NEW)
        case.status, case.outcome, case.finished_at = CaseStatus.NEW, "", None
    case.save()


def is_taken_up(case: Case) -> bool:
    """Whether anybody at the desk did anything with it."""
    return bool(
        case.status != CaseStatus.NEW
        or case.assignee_id
        or case.acknowledged_at
        or case.contactattempts.exists()
        or case.dispositions.exists()
    )


# ---- contact details


def keep_contact(submission: Submission, contact: dict[str, Any]) -> None:
    """Store contact details encrypted, with keyed hashes to find them by."""
    details = ContactDetails.objects.create(
        submission=submission,
        phone_hash=hash_of_phone(contact["phone"]),
        email_hash=hash_of_email(contact["email"]),
        **contact,
    )
    ContactNameWord.objects.bulk_create(
        ContactNameWord(contact=details, word_hash=blind_index("name", word))
        for word in name_words(contact["name"])
    )


# ---- deleted


def new_reference() -> str:
    """A reference to quote on the phone, such as ``K7QX-92MD``; it opens nothing."""
    return in_groups(random_letters(8))
