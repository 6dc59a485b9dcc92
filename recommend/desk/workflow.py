"""The workflow of a case: all steps that staff can take, from new to placed or closed.

Each step is a transaction: it checks the rules, changes the case unless its version has changed since the user saw it,
and records the change in the history. To take several steps together, open a transaction around them.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from recommend.desk import next_steps, reaching, safe_contact
from recommend.desk.models import (
    FINISHED_STATUSES,
    CallAnswer,
    Case,
    CaseChange,
    CaseOutcome,
    CaseStatus,
    ContactAttempt,
    Disposition,
    NextAction,
    Note,
)
from recommend.desk.next_steps import NextStep
from recommend.desk.person_messages import mail
from recommend.desk.person_messages.templates import find_message

NEXT: Mapping[CaseStatus, tuple[CaseStatus, ...]] = {
    CaseStatus.NEW: (CaseStatus.IN_CONTACT, CaseStatus.CLOSED),
    CaseStatus.IN_CONTACT: (CaseStatus.ASSESSED, CaseStatus.CLOSED),
    CaseStatus.ASSESSED: (CaseStatus.IN_CONTACT, CaseStatus.PLACED, CaseStatus.CLOSED),
    CaseStatus.PLACED: (),
    CaseStatus.CLOSED: (),
}
"""The statuses to which each status can be changed. Placed and closed cases can only be reopened, with a reason."""

HEARD_FROM_US = (ContactAttempt.Outcome.REACHED, ContactAttempt.Outcome.MESSAGE)
"""The outcomes of an attempt that count as first contact, because the person knows that the team tries to help."""

OUTCOMES = [choice for choice in CaseOutcome.choices if choice[0] != CaseOutcome.ERASED]
"""The outcomes with which staff can close a case: all except "Deleted by the person"."""

LEAD = "desk.lead_case"
"""The permission of a clinical lead."""

What = CaseChange.ChangeType


class EditConflict(Exception):
    """The case has changed since the user saw it. Nothing was saved.

    Args:
        case: the id of the case.
        seen: the version that the user saw.
    """

    def __init__(self, case: int, seen: int) -> None:
        super().__init__(f"case {case} is no longer at version {seen}")
        self.case = case
        self.seen = seen


class TransitionNotAllowed(Exception):
    """The workflow does not allow the step. Nothing was saved.

    Args:
        field: the name of the field in ``CaseForm`` to which the message belongs.
        words: the error message for the coordinator.
    """

    def __init__(self, field: str, words: str) -> None:
        super().__init__(words)
        self.field = field
        self.words = words


class NeedsConfirmation(TransitionNotAllowed):
    """A contact contradicts how the person wants to be reached. The user can confirm that to log it all the same."""


Transition = Callable[[Case, User], None]
"""A step of the workflow, called with the case and the user who takes it."""


def at_version(pk: int, version: int) -> Case:
    """Return the case with this id, to take steps on it.

    Args:
        pk: the id of the case.
        version: the version that the user saw.

    Raises:
        EditConflict: the case has another version by now, or was deleted by the person.
        Case.DoesNotExist: there is no case with this id.
    """
    case = Case.objects.get(pk=pk)
    if case.version != version or case.erased_at:
        raise EditConflict(pk, version)
    return case


# ---- facts about a case


def has_attempt(case: Case) -> bool:
    """Return whether there was a contact attempt since the case was last sent."""
    return ContactAttempt.objects.that_count_for(case).exists()


def has_been_reached(case: Case) -> bool:
    """Return whether the person was reached since the case was last sent."""
    return ContactAttempt.objects.that_count_for(case).filter(outcome=ContactAttempt.Outcome.REACHED).exists()


def _only_open(case: Case, field: str) -> None:
    """Check that the case is open, for a step that needs that.

    Raises:
        TransitionNotAllowed: the case is finished.
    """
    if not case.is_open:
        raise TransitionNotAllowed(field, "This case is closed. Reopen it first.")


# ---- steps


@transaction.atomic
def assign_to_self(case: Case, by: User) -> None:
    """Assign the case to the user, which also acknowledges it.

    Raises:
        TransitionNotAllowed: the case is finished.
        EditConflict: the case has changed since the user saw it.
    """
    _only_open(case, "who")
    if case.assignee_id != by.pk:
        before = case.assignee.get_username() if case.assignee else ""
        line = _line(case, by, What.ASSIGNEE, before, by.get_username())
        _change(case, [line], assignee=by, assigned_at=timezone.now())
    acknowledge(case, by)


@transaction.atomic
def unassign(case: Case, by: User) -> None:
    """Remove the assignee of the case, if it has one.

    Raises:
        TransitionNotAllowed: the case is finished.
        EditConflict: the case has changed since the user saw it.
    """
    _only_open(case, "who")
    if case.assignee:
        line = _line(case, by, What.ASSIGNEE, case.assignee.get_username(), "")
        _change(case, [line], assignee=None, assigned_at=None)


@transaction.atomic
def acknowledge(case: Case, by: User) -> None:
    """Record that the user has seen the case, if nobody has yet. A stale case without a chosen level stops being stale.

    Raises:
        EditConflict: the case has changed since the user saw it.
    """
    lines, fields = [], {}
    if not case.is_acknowledged:
        lines.append(_line(case, by, What.ACKNOWLEDGED, "", by.get_username()))
        fields = {"acknowledged_by": by, "acknowledged_at": timezone.now()}
    if case.stale_since and not case.chosen:
        lines.append(_looked_at(case, by))
        fields |= {"stale_since": None, "stale_because": ""}
    if lines:
        _change(case, lines, **fields)


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
    _only_open(case, "how")
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
    lines = [_line(case, by, What.CONTACT, "", str(attempt))]
    reached = outcome == ContactAttempt.Outcome.REACHED or has_been_reached(case)
    then = then or next_steps.after_contact(case, outcome, timezone.now())
    fields = _planned(case, by, then, lines, reached)
    if case.status == CaseStatus.NEW:
        lines.append(_line(case, by, What.STATUS, case.status, CaseStatus.IN_CONTACT))
        fields["status"] = CaseStatus.IN_CONTACT
    if outcome in HEARD_FROM_US:
        heard = max(attempt.at, case.opened_at)  # forms give times to the minute, so it may seem earlier
        fields["first_contact_at"] = min(case.first_contact_at or heard, heard)
    _change(case, lines, **fields)
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
    if not reason.strip():
        raise TransitionNotAllowed("wrong_reason", "Say what was wrong with it.")
    wrong.error_at, wrong.error_by, wrong.error_reason = timezone.now(), by, reason.strip()
    wrong.save()
    lines = [_line(case, by, What.CORRECTED, str(wrong), "")]
    heard = ContactAttempt.objects.that_count_for(case).filter(outcome__in=HEARD_FROM_US)
    first = heard.order_by("at").values_list("at", flat=True).first()
    fields: dict[str, Any] = {"first_contact_at": max(first, case.opened_at) if first else None}
    if case.status == CaseStatus.IN_CONTACT and not has_attempt(case):
        lines.append(_line(case, by, What.STATUS, case.status, CaseStatus.NEW))
        fields["status"] = CaseStatus.NEW
    if case.is_open:
        action = NextAction.REVIEW if has_attempt(case) else NextAction.FIRST_CONTACT
        fields |= {"next_action": action, "next_action_at": timezone.now()}
    _change(case, lines, **fields)


@transaction.atomic
def plan(case: Case, by: User, then: NextStep) -> None:
    """Set the next step of an open case, which also acknowledges it.

    Raises:
        TransitionNotAllowed: the case is finished, or the time is in the past or too far ahead.
        EditConflict: the case has changed since the user saw it.
    """
    _only_open(case, "next_when")
    acknowledge(case, by)
    lines: list[CaseChange] = []
    fields = _planned(case, by, then, lines, has_been_reached(case))
    if lines:
        _change(case, lines, **fields)


@transaction.atomic
def add_note(case: Case, by: User, text: str) -> None:
    """Add a note to an open or finished case.

    Raises:
        EditConflict: the case has changed since the user saw it.
    """
    _change(case, [_line(case, by, What.NOTE, "", "")])
    Note.objects.create(case=case, by=by, text=text)


@dataclass(frozen=True)
class Learned:
    """A question that was asked on a call.

    Attributes:
        question: the id of the item in the call guide.
        asked: its English wording.
        learned: the answer in a few words; "" if it was only marked as asked.
    """

    question: str
    asked: str
    learned: str = ""


@transaction.atomic
def add_call_answers(case: Case, by: User, answers: Iterable[Learned]) -> None:
    """Store what was learned on a call, without changing the person's own answers.

    Args:
        case: the case.
        by: the user who asked.
        answers: the questions asked; at least one.

    Raises:
        EditConflict: the case has changed since the user saw it.
    """
    _change(case, [_line(case, by, What.LEARNED, "", "")])
    now = timezone.now()  # the same time for all, so that the history shows them as one call
    CallAnswer.objects.bulk_create(CallAnswer(case=case, by=by, at=now, **vars(each)) for each in answers)


@transaction.atomic
def record_disposition(
    case: Case, by: User, level: str, reason: str = "", text: str = "", then: NextStep | None = None
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
    lines = [_line(case, by, What.DISPOSITION, case.chosen, level)]
    fields: dict[str, Any] = {"chosen": level}
    if case.is_open:
        fields |= _planned(case, by, then or next_steps.after_level(timezone.now()), lines, reached=True)
    if case.status == CaseStatus.IN_CONTACT:
        lines.append(_line(case, by, What.STATUS, case.status, CaseStatus.ASSESSED))
        fields["status"] = CaseStatus.ASSESSED
    if case.stale_since:
        lines.append(_looked_at(case, by))
        fields |= {"stale_since": None, "stale_because": ""}
    _change(case, lines, **fields)
    Disposition.objects.create(
        case=case, by=by, recommended=case.level, level=level, reason=reason, text=text.strip() or None
    )


@transaction.atomic
def set_status(case: Case, by: User, to: CaseStatus) -> None:
    """Change the status of the case. Use :func:`close` to close it.

    Raises:
        TransitionNotAllowed: ``NEXT`` does not allow the change, or a contact attempt or a level chosen for the current
            answers is missing.
        EditConflict: the case has changed since the user saw it.
    """
    if to == CaseStatus.CLOSED or to not in NEXT[CaseStatus(case.status)]:
        raise TransitionNotAllowed(
            "status", f"{CaseStatus(case.status).label} does not lead to {CaseStatus(to).label}."
        )
    if to == CaseStatus.IN_CONTACT and not has_attempt(case):
        raise TransitionNotAllowed("status", "Log the contact. That moves the case to In contact.")
    fields: dict[str, Any] = {"status": to}
    if to == CaseStatus.PLACED:
        _may_end(case, "status")
        if not case.chosen:
            raise TransitionNotAllowed("level", "Choose the level before you place the case.")
        if case.stale_since:
            raise TransitionNotAllowed(
                "level", f"{case.get_stale_because_display()}. Choose the level again first."
            )
        fields |= {"finished_at": timezone.now(), **NOTHING_NEXT}
    _change(case, [_line(case, by, What.STATUS, case.status, to)], **fields)


@transaction.atomic
def close(case: Case, by: User, outcome: str) -> None:
    """Close the case without a placement. A stale case is no longer stale.

    Raises:
        TransitionNotAllowed: the case is finished; the outcome is not one of ``OUTCOMES``; the case is urgent and has
            no contact attempt; or the outcome is "not reached" and :func:`_may_give_up` refuses it.
        EditConflict: the case has changed since the user saw it.
    """
    if CaseStatus.CLOSED not in NEXT[CaseStatus(case.status)]:
        raise TransitionNotAllowed("status", "This case is closed already.")
    if outcome not in dict(OUTCOMES):
        raise TransitionNotAllowed("outcome", "Choose a reason for closing.")
    _may_end(case, "status")
    if outcome == CaseOutcome.NOT_REACHED:
        _may_give_up(case, by)
    lines = [
        _line(case, by, What.STATUS, case.status, CaseStatus.CLOSED),
        _line(case, by, What.OUTCOME, "", outcome),
    ]
    if case.stale_since:
        lines.append(_looked_at(case, by))
    _change(
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
    """Reopen a finished case. Its next step is due at once; its waiting time still counts from when it was sent.

    Raises:
        TransitionNotAllowed: the case is open, or the reason is missing.
        EditConflict: the case has changed since the user saw it.
    """
    if case.status not in FINISHED_STATUSES:
        raise TransitionNotAllowed("status", "This case is open.")
    if not reason.strip():
        raise TransitionNotAllowed("reopen_reason", "Give a reason for reopening.")
    to = CaseStatus.IN_CONTACT if has_attempt(case) else CaseStatus.NEW
    lines = [_line(case, by, What.STATUS, case.status, to, reason.strip())]
    if case.outcome:
        lines.append(_line(case, by, What.OUTCOME, case.outcome, ""))
    action = NextAction.REVIEW if to == CaseStatus.IN_CONTACT else NextAction.FIRST_CONTACT
    _change(
        case,
        lines,
        status=to,
        outcome="",
        finished_at=None,
        next_action=action,
        next_action_at=timezone.now(),
        contact_by=reaching.contact_by(case.tier, timezone.now()),
    )


def _may_give_up(case: Case, by: User) -> None:
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


def _may_end(case: Case, field: str) -> None:
    """Check that the case may be placed or closed: an urgent case needs a contact attempt.

    Raises:
        TransitionNotAllowed: the case is urgent and has no attempt.
    """
    if case.urgent and not has_attempt(case):
        raise TransitionNotAllowed(field, "Log a contact attempt before you close or place an urgent case.")


# ---- the next step

NOTHING_NEXT: Mapping[str, Any] = {"next_action": "", "next_action_at": None}
"""The fields of the next step of a finished case."""


def _planned(case: Case, by: User, then: NextStep, lines: list[CaseChange], reached: bool) -> dict[str, Any]:
    """Return the fields of the case that a next step sets, and append the change for the history to ``lines``.

    Args:
        case: the case.
        by: the user who sets it.
        then: the next step.
        lines: the list to which the change is appended, if there is one.
        reached: whether the person was reached; if not, the time must be within ``reaching.latest_step``.

    Raises:
        TransitionNotAllowed: the time is in the past or too far ahead.
    """
    now = timezone.now()
    if then.at <= now:
        raise TransitionNotAllowed("next_at", "That time is past. Choose a later one.")
    if then.at > now + next_steps.FARTHEST:
        days = next_steps.FARTHEST.days
        raise TransitionNotAllowed("next_at", f"Choose a time in the next {days} days.")
    latest = reaching.latest_step(case.tier, now)
    if not reached and then.at > latest:
        said = next_steps.moment(latest, now)
        raise TransitionNotAllowed("next_at", f"Nobody has reached this person yet. Choose a time by {said}.")
    before, after = (
        stored_step(case.next_action, case.next_action_at),
        stored_step(then.action, then.at),
    )
    if before != after:
        lines.append(_line(case, by, What.NEXT, before, after))
    return {"next_action": then.action, "next_action_at": then.at}


def stored_step(action: str, at: datetime | None) -> str:
    """Return a next step as the history stores it: its action and its time, separated by a blank."""
    return f"{action} {at.isoformat(timespec='minutes')}" if at else action


# ---- the change itself


def _line(case: Case, by: User, what: str, before: str, after: str, reason: str = "") -> CaseChange:
    return CaseChange(case=case, by=by, what=what, before=before, after=after, reason=reason)


def _looked_at(case: Case, by: User) -> CaseChange:
    return _line(case, by, What.STALE, case.stale_because, "")


def _change(case: Case, lines: list[CaseChange], **fields: Any) -> None:
    """Update fields of the case in the database and on the instance, increase its version, and store the changes.

    Raises:
        EditConflict: the row has another version than the instance, or the case was deleted. The caller's transaction
            is rolled back.
    """
    same = Case.objects.filter(pk=case.pk, version=case.version, erased_at__isnull=True)
    if not same.update(version=F("version") + 1, **fields):
        raise EditConflict(case.pk, case.version)
    CaseChange.objects.bulk_create(lines)
    case.version += 1
    for name, value in fields.items():
        setattr(case, name, value)
