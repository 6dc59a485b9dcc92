"""Sending: the one place where intake, recommendation and desk meet."""

import logging
import secrets
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from intake import drafts
from intake.crypto import keyed_hash, name_words, normal_email, normal_phone
from intake.models import ContactDetails, ContactNameWord, Draft, Submission
from recommend import content
from recommend.engine import Level
from recommend.models import Case, CaseOutcome, CaseStatus, OutboxMessage, Recommendation
from recommend.outcomes import A_PERSON_MUST_LOOK, Outcome, outcome_of

logger = logging.getLogger(__name__)

# No letter or digit that can be mistaken for another when it is read out on the phone.
REFERENCE_ALPHABET = "ACDEFHJKLMNPQRTUVWXY34679"


@transaction.atomic
def submit(draft: Draft, contact: dict[str, Any]) -> Submission:
    """Turn a draft into a case with all that belongs to it: everything is stored, or nothing.

    The draft is deleted; the person's token now finds the submission.

    Args:
        draft: its row is locked by the caller.
        contact: the cleaned contact form.
    """
    submission = Submission.objects.create(
        key=draft.token_hash,
        reference=new_reference(),
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
    outcome = safe_outcome(submission)
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


def safe_outcome(submission: Submission) -> Outcome:
    """The outcome; where the engine fails, a case without a level that a person must look at."""
    try:
        return outcome_of(content.ruleset(), submission.answers)
    except Exception:
        logger.exception("the engine failed for case %s: a person must look", submission.reference)
        return A_PERSON_MUST_LOOK


def is_urgent(outcome: Outcome) -> bool:
    """Whether the case comes before others: a crisis or urgent mark, care today without either, or no level at all."""
    return outcome["level"] in (None, Level.INPATIENT.id) or bool(outcome["crisis"] or outcome["urgent"])


def keep_contact(submission: Submission, contact: dict[str, Any]) -> None:
    """Store contact details encrypted, with keyed hashes to find them by."""
    phone, email = normal_phone(contact["phone"]), normal_email(contact["email"])
    details = ContactDetails.objects.create(
        submission=submission,
        phone_hash=keyed_hash("phone", phone) if phone else "",
        email_hash=keyed_hash("email", email) if email else "",
        **contact,
    )
    ContactNameWord.objects.bulk_create(
        ContactNameWord(contact=details, word_hash=keyed_hash("name", word))
        for word in name_words(contact["name"])
    )


@transaction.atomic
def erase(submission: Submission) -> None:
    """Delete what a person sent, as they wish: answers, contact details, recommendation, messages to the team.

    An empty case stays, closed: its reference, when it came and when it was deleted, that the person agreed to send it,
    and who had it when. So nobody at the desk looks for a case that seems lost. What the desk wrote down about the
    person goes too. Erasing twice changes nothing.
    """
    case = Case.objects.select_for_update().get(submission=submission)
    if case.erased_at:
        return
    ContactDetails.objects.filter(submission=submission).delete()
    Recommendation.objects.filter(submission=submission).delete()
    for belonging in (case.messages, case.contactattempts, case.notes, case.dispositions):
        belonging.all().delete()
    case.changes.filter(what="disposition").delete()
    case.changes.update(reason="")
    Submission.objects.filter(pk=submission.pk).update(
        answers={}, crisis_given=[], crisis_change="", language="", open_until=None
    )
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


def new_reference() -> str:
    """A reference to quote on the phone, such as ``K7QX-92MD``; it opens nothing."""
    letters = "".join(secrets.choice(REFERENCE_ALPHABET) for _ in range(8))
    return f"{letters[:4]}-{letters[4:]}"
