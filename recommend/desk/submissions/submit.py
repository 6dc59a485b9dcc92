"""Turn a draft into a new case, or into the newest submission of an existing case."""

from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from carenav.plumbing.codes import in_groups, random_letters
from carenav.plumbing.crypto import blind_index, hash_of_email, hash_of_phone
from carenav.plumbing.spelling import name_words
from intake import drafts, search_keys
from intake.models import ContactDetails, ContactNameWord, Draft, Submission
from recommend import content
from recommend.desk import workflow
from recommend.desk.models import (
    FINISHED_STATUSES,
    Case,
    CaseChange,
    CaseStatus,
    ContactAttempt,
    Disposition,
    NextAction,
    OutboxMessage,
    StaleReason,
)
from recommend.desk.reaching import contact_by
from recommend.desk.tiers import classify
from recommend.result.models import Recommendation
from recommend.result.snapshot import safe_outcome
from recommend.result.stored_snapshot import RecommendationSnapshot

ChangeType = CaseChange.ChangeType


@transaction.atomic
def submit(draft: Draft, contact: dict[str, Any]) -> Submission:
    """Store a draft as a submission of a new case, or of the case that it changes, and delete the draft.

    After that, the browser's token finds the submission. Also makes the recommendation, and a message to the team.

    Args:
        draft: the draft, locked by the caller after the case that it changes (see :func:`held_case`).
        contact: the cleaned data of the contact form.

    Returns:
        the submission.
    """
    case = held_case(draft)
    submission = create_submission(draft, case)
    store_contact(submission, contact)
    snapshot = store_recommendation(submission)
    if case:
        update_case(case, submission, snapshot)
    else:
        case = Case(
            submission=submission,
            reference=submission.reference,
            level=snapshot.level_id,
            language=submission.language,
            opened_at=submission.sent_at,
            next_action_at=submission.sent_at,
        )
        classify(case, snapshot, submission.answers, content.ruleset())
        case.save()
    kind = OutboxMessage.Kind.URGENT_CASE if case.urgent else OutboxMessage.Kind.CASE
    OutboxMessage.objects.create(kind=kind, case=case)
    if draft.taken_by:
        note_taken(case, draft.taken_by)
    draft.delete()
    return submission


def note_taken(case: Case, by: User) -> None:
    """Record in the history who filled in the answers, which also acknowledges the case."""
    told = case.submission
    after = f"{told.get_told_by_display()}, {told.get_told_how_display().lower()}"
    CaseChange.objects.create(case=case, by=by, what=ChangeType.TAKEN, after=after)
    workflow.acknowledge(case, by)


def create_submission(draft: Draft, case: Case | None) -> Submission:
    """Store the answers of a draft as a submission and return it.

    Args:
        draft: the draft.
        case: the case that the draft changes; None for a new case.
    """
    return Submission.objects.create(
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
        open_until=None if draft.is_taken else drafts.open_until(draft),
        erase_hash=draft.erase_hash,
        taken_by=draft.taken_by,
        told_by=draft.told_by,
        told_how=draft.told_how,
    )


def new_reference() -> str:
    """Return a random reference to quote on the phone, such as "K7QX-97MD". It gives access to nothing."""
    return in_groups(random_letters(8))


def store_contact(submission: Submission, contact: dict[str, Any]) -> None:
    """Store contact details, encrypted, with blind indexes for searches.

    Args:
        submission: the submission.
        contact: the cleaned data of the contact form.
    """
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
    search_keys.store(details, submission.reference)


def store_recommendation(submission: Submission) -> RecommendationSnapshot:
    """Make the recommendation for a submission with today's rule set, store it with all versions, and return it.

    If the engine fails, a recommendation without a level is stored; see :func:`safe_outcome`.
    """
    snapshot = safe_outcome(submission.answers, f"case {submission.reference}")
    Recommendation.objects.create(
        submission=submission,
        level=snapshot.level_id,
        outcome=snapshot.to_json(),
        ruleset=content.ruleset().version,
        ruleset_digest=content.ruleset().digest,
        questionnaire=content.questionnaire().version,
        questionnaire_digest=content.questionnaire().digest,
        safety_digest=content.safety_texts().digest,
        made_at=submission.sent_at,
    )
    return snapshot


# ---- answers that are changed and sent again


def held_case(draft: Draft | None) -> Case | None:
    """Return the case that a draft changes, locked until the end of the transaction; None if it changes none.

    Always lock the case before a draft that changes it, as deletion does too, to avoid deadlocks.
    """
    if draft is None or draft.replaces_id is None:
        return None
    sent = Submission.objects.filter(pk=draft.replaces_id).values("reference")
    return Case.objects.select_for_update().filter(reference__in=sent, erased_at__isnull=True).first()


def begin_change(submission: Submission, language: str) -> tuple[Draft, str] | None:
    """Create a draft with the answers of a submission, for the person to change them and send them again.

    Locks the case. Nothing changes at the desk until the draft is sent.

    Args:
        submission: the latest submission of the case.
        language: the language of the page, such as "en".

    Returns:
        the draft and its token; None if the submission has just been deleted or replaced, or if it answers an earlier
            questionnaire.
    """
    held = Case.objects.select_for_update().filter(submission=submission, erased_at__isnull=True)
    if submission.questionnaire != content.questionnaire().version or not held.exists():
        return None
    draft, token = drafts.create_from_submission(submission, language)
    draft.save()
    return draft, token


def update_case(case: Case, submission: Submission, snapshot: RecommendationSnapshot) -> None:
    """Update and save a case for a new submission: answers, level, urgency, status and next step.

    A decision record (docs/adr) on changing what was sent gives the reasons.

    Args:
        case: the case, locked by the caller.
        submission: the new submission.
        snapshot: the recommendation for it.
    """
    level, taken_up = snapshot.level_id, is_taken_up(case)
    finished = case.status in FINISHED_STATUSES
    changes = [CaseChange(case=case, what=ChangeType.RESENT, before=case.level, after=level)]
    Submission.objects.filter(pk=case.submission_id).update(open_until=None)
    case.submission, case.level, case.version = submission, level, case.version + 1
    case.language = submission.language
    before = case.tier, case.urgent, case.urgent_because
    classify(case, snapshot, submission.answers, content.ruleset())
    # An open urgent case stays urgent: if a person takes back a danger, staff should call them all the same.
    if not finished and before[0] < case.tier:
        case.tier, case.urgent, case.urgent_because = before
    if taken_up:
        changes.append(CaseChange(case=case, what=ChangeType.STALE, after=StaleReason.ANSWERS))
        case.stale_since, case.stale_because = submission.sent_at, StaleReason.ANSWERS
        # The waiting time starts again, unless nobody has worked on the case yet.
        case.opened_at, case.first_contact_at = submission.sent_at, None
        case.next_action, case.next_action_at = NextAction.REVIEW, submission.sent_at
    case.contact_by = contact_by(case.tier, case.opened_at)
    if finished:
        changes.append(
            CaseChange(case=case, what=ChangeType.STATUS, before=case.status, after=CaseStatus.NEW)
        )
        case.status, case.outcome, case.finished_at, case.merged_into = CaseStatus.NEW, "", None, None
    for change in changes:
        change.save()
    case.save()


def is_taken_up(case: Case) -> bool:
    """Return whether staff have begun to work on the case."""
    return bool(
        case.status != CaseStatus.NEW
        or case.assignee_id
        or case.acknowledged_at
        or ContactAttempt.objects.filter(case=case).exists()
        or Disposition.objects.filter(case=case).exists()
    )
