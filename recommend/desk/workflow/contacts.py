"""Steps about contacts with the person: attempts, messages, corrections."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from recommend.desk import next_steps, safe_contact
from recommend.desk.models import Case, CaseStatus, ContactAttempt, NextAction
from recommend.desk.next_steps import NextStep
from recommend.desk.person_messages import mail
from recommend.desk.person_messages.templates import find_message
from recommend.desk.workflow.attention import acknowledge
from recommend.desk.workflow.change import (
    NeedsConfirmation,
    TransitionNotAllowed,
    What,
    apply_change,
    check_open,
    has_attempt,
    has_been_reached,
    history_line,
    mark_wrong,
)
from recommend.desk.workflow.next_step import planned_fields

HEARD_FROM_US = (ContactAttempt.Outcome.REACHED, ContactAttempt.Outcome.MESSAGE)
"""The outcomes of an attempt that count as first contact, because the person knows that the team tries to help."""


@transaction.atomic
def note_attempt(
    case: Case,
    by: User,
    how: str,
    outcome: str,
    at: datetime | None = None,
    note: str = "",
    then: NextStep | None = None,
    confirmed: bool = False,
    template: str = "",
) -> None:
    """Log a contact attempt, set the next step, and acknowledge the case. A new case changes to In contact.

    Args:
        case: the case.
        by: the user who tried.
        how: a value of ``ContactAttempt.How``.
        outcome: a value of ``ContactAttempt.Outcome``.
        at: when it was; None for now.
        note: a free text, stored encrypted.
        then: the next step; None for the usual one after this outcome.
        confirmed: whether to log it even if it contradicts how the person wants to be reached.
        template: the id of the message that was sent; "" for none.

    Raises:
        NeedsConfirmation: it contradicts how the person wants to be reached, and ``confirmed`` is False.
        TransitionNotAllowed: the case is finished, or the next step is in the past or too far ahead.
        EditConflict: the case has changed since the user saw it.
    """
    check_open(case, "how")
    warnings = safe_contact.warnings(case, how, outcome)
    if warnings and not confirmed:
        raise NeedsConfirmation("confirm_contact", " ".join(warnings))
    acknowledge(case, by)
    attempt = ContactAttempt(
        case=case,
        by=by,
        how=how,
        outcome=outcome,
        at=at or timezone.now(),
        note=note,
        template=template,
        against_wishes=bool(warnings),
    )
    lines = [history_line(case, by, What.CONTACT, "", str(attempt))]
    reached = outcome == ContactAttempt.Outcome.REACHED or has_been_reached(case)
    then = then or next_steps.after_contact(case, outcome, timezone.now())
    fields = planned_fields(case, by, then, lines, reached)
    if case.status == CaseStatus.NEW:
        lines.append(history_line(case, by, What.STATUS, case.status, CaseStatus.IN_CONTACT))
        fields["status"] = CaseStatus.IN_CONTACT
    if outcome in HEARD_FROM_US:
        heard = max(attempt.at, case.opened_at)  # forms give times to the minute, so it may seem earlier
        fields["first_contact_at"] = min(case.first_contact_at or heard, heard)
    apply_change(case, lines, **fields)
    attempt.save()


@transaction.atomic
def send_message(case: Case, by: User, key: str, then: NextStep | None = None) -> None:
    """Log a message to the person as a contact attempt, and put it into the outbox if it is an e-mail.

    Staff send text messages themselves.

    Args:
        case: the case.
        by: the user who sends it.
        key: the key of the message, see ``Message.key``.
        then: the next step; None for the usual one after a message.

    Raises:
        TransitionNotAllowed: the message may not be sent to this person, no mail server is set up, or see
            :func:`note_attempt`.
        EditConflict: the case has changed since the user saw it.
    """
    message = find_message(case, key)
    if message is None:
        raise TransitionNotAllowed("message", "This message can’t go to this person. Nothing was sent.")
    note_attempt(
        case, by, message.how, ContactAttempt.Outcome.MESSAGE, then=then, template=message.template.id
    )
    if message.how == ContactAttempt.How.EMAIL:
        if not settings.EMAIL_HOST:
            raise TransitionNotAllowed("message", "No mail server is set up. Nothing was sent.")
        mail.queue(ContactAttempt.objects.filter(case=case, by=by).latest("pk"))


@transaction.atomic
def mark_entered_in_error(case: Case, by: User, attempt: int, reason: str) -> None:
    """Mark a contact attempt as entered in error, so that it stays in the history but no longer counts.

    The time of the first contact is worked out again, a case without other attempts changes back from In contact to
    New, and the next step of an open case is due now.

    Args:
        case: the case of the attempt.
        by: the user who corrects it.
        attempt: the id of the attempt.
        reason: why it is wrong, stored encrypted.

    Raises:
        TransitionNotAllowed: the case has no such attempt, it is marked already, or the reason is missing.
        EditConflict: the case has changed since the user saw it.
    """
    wrong = ContactAttempt.objects.counted().filter(case=case, pk=attempt).first()
    if wrong is None:
        raise TransitionNotAllowed("wrong", "This contact is marked already.")
    mark_wrong(wrong, by, reason)
    lines = [history_line(case, by, What.CORRECTED, str(wrong), "")]
    heard = ContactAttempt.objects.that_count_for(case).filter(outcome__in=HEARD_FROM_US)
    first = heard.order_by("at").values_list("at", flat=True).first()
    fields: dict[str, Any] = {"first_contact_at": max(first, case.opened_at) if first else None}
    if case.status == CaseStatus.IN_CONTACT and not has_attempt(case):
        lines.append(history_line(case, by, What.STATUS, case.status, CaseStatus.NEW))
        fields["status"] = CaseStatus.NEW
    if case.is_open:
        action = NextAction.REVIEW if has_attempt(case) else NextAction.FIRST_CONTACT
        fields |= {"next_action": action, "next_action_at": timezone.now()}
    apply_change(case, lines, **fields)
