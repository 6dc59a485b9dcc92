"""The workflow of a case: every step the desk may take, from new to placed or closed.

Each step is one transaction: it checks the rules, changes the case only if it is still as it was seen, and writes what
changed into the case's history. A caller that takes several steps in one save opens a transaction around them.
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
"""Where a case may go from where it stands; out of the last two only by opening it again, with a reason."""

HEARD_FROM_US = (ContactAttempt.Outcome.REACHED, ContactAttempt.Outcome.MESSAGE)
"""What counts as a contact: the person knows that somebody is there. Not answering the phone does not."""

OUTCOMES = [choice for choice in CaseOutcome.choices if choice[0] != CaseOutcome.ERASED]
"""Why the desk may close a case; that its person deleted it only the person can bring about."""

LEAD = "desk.lead_case"
"""The permission of a clinical lead."""

What = CaseChange.ChangeType


class EditConflict(Exception):
    """Somebody else changed the case since it was seen. Nothing was changed.

    Args:
        case: its id.
        seen: the version that was seen.
    """

    def __init__(self, case: int, seen: int) -> None:
        super().__init__(f"case {case} is no longer at version {seen}")
        self.case = case
        self.seen = seen


class TransitionNotAllowed(Exception):
    """The workflow does not allow the step. Nothing was changed.

    Args:
        field: the field of the case's form that the words belong to.
        words: what is missing, for the coordinator.
    """

    def __init__(self, field: str, words: str) -> None:
        super().__init__(words)
        self.field = field
        self.words = words


class NeedsConfirmation(TransitionNotAllowed):
    """A contact contradicts how the person wants to be reached. It is logged once the user confirms that."""


Transition = Callable[[Case, User], None]


def at_version(pk: int, version: int) -> Case:
    """Return the case to change.

    Raises:
        EditConflict: it is no longer as it was seen.
        Case.DoesNotExist: there is none with this id.
    """
    case = Case.objects.get(pk=pk)
    if case.version != version or case.erased_at:
        raise EditConflict(pk, version)
    return case


# ---- what is asked of a case


def has_attempt(case: Case) -> bool:
    """Return whether anybody tried to reach the person, since it was last sent."""
    return ContactAttempt.objects.that_count_for(case).exists()


def has_been_reached(case: Case) -> bool:
    """Return whether somebody has spoken with the person, since it was last sent."""
    return ContactAttempt.objects.that_count_for(case).filter(outcome=ContactAttempt.Outcome.REACHED).exists()


def _only_open(case: Case, field: str) -> None:
    """Refuse a step on a finished case.

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
        EditConflict: the case is no longer as it was seen.
    """
    _only_open(case, "who")
    if case.assignee_id != by.pk:
        before = case.assignee.get_username() if case.assignee else ""
        line = _line(case, by, What.ASSIGNEE, before, by.get_username())
        _change(case, [line], assignee=by, assigned_at=timezone.now())
    acknowledge(case, by)


@transaction.atomic
def unassign(case: Case, by: User) -> None:
    """Take the case from its assignee, so that it waits for one again.

    Raises:
        TransitionNotAllowed: the case is finished.
        EditConflict: the case is no longer as it was seen.
    """
    _only_open(case, "who")
    if case.assignee:
        line = _line(case, by, What.ASSIGNEE, case.assignee.get_username(), "")
        _change(case, [line], assignee=None, assigned_at=None)


@transaction.atomic
def acknowledge(case: Case, by: User) -> None:
    """Record that the user has seen the case. This also settles a stale case for which no level was chosen yet.

    Raises:
        EditConflict: the case is no longer as it was seen.
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
    """Log a try to reach the person, and what comes next.

    The first one moves a new case to In contact and acknowledges it.

    Args:
        case: the case that the person sent
        by: who tried
        how: a value of ``ContactAttempt.How``
        outcome: a value of ``ContactAttempt.Outcome``
        at: when it was tried, None for now.
        note: free text, stored encrypted.
        then: the next step, None for what usually follows.
        confirmed: log it even if it contradicts how the person wants to be reached.
        template: the id of the message that was sent, "" for none.

    Raises:
        NeedsConfirmation: it does, and that was not confirmed.
        TransitionNotAllowed: the case is finished, or the next step is in the past or too far ahead.
        EditConflict: the case is no longer as it was seen.
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
        heard = max(attempt.at, case.opened_at)  # a form tells the time to the minute
        fields["first_contact_at"] = min(case.first_contact_at or heard, heard)
    _change(case, lines, **fields)
    attempt.save()


@transaction.atomic
def send_message(case: Case, by: User, key: str, then: NextStep | None = None) -> None:
    """Log that a message went to the person, by a template; an e-mail is put into the outbox.

    Args:
        case: the case that the person sent
        by: who sends it
        key: which message, as :attr:`Message.key`.
        then: the next step, None for what usually follows.

    Raises:
        TransitionNotAllowed: the message may not go to this person, or see :func:`note_attempt`.
        EditConflict: the case is no longer as it was seen.
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
    """Mark a contact attempt as entered in error: it stays in the history, and no longer counts.

    The case is as if it had not been logged: the first contact is worked out again, and an open case is due now.

    Args:
        case: the case of the attempt.
        by: who corrects it.
        attempt: its id.
        reason: why, stored encrypted.

    Raises:
        TransitionNotAllowed: the case has no such attempt that counts, or the reason is missing.
        EditConflict: the case is no longer as it was seen.
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
        EditConflict: the case is no longer as it was seen.
    """
    _only_open(case, "next_when")
    acknowledge(case, by)
    lines: list[CaseChange] = []
    fields = _planned(case, by, then, lines, has_been_reached(case))
    if lines:
        _change(case, lines, **fields)


@transaction.atomic
def add_note(case: Case, by: User, text: str) -> None:
    """Add a note, to a finished case too.

    Raises:
        EditConflict: the case is no longer as it was seen.
    """
    _change(case, [_line(case, by, What.NOTE, "", "")])
    Note.objects.create(case=case, by=by, text=text)


@dataclass(frozen=True)
class Learned:
    """A question that was asked on a call, and what was learned; "" if it was only asked."""

    question: str
    asked: str
    learned: str = ""


@transaction.atomic
def add_call_answers(case: Case, by: User, answers: Iterable[Learned]) -> None:
    """Keep what was learned on a call, beside the answers of the person.

    Args:
        case: the case that the person sent
        by: who asked
        answers: at least one.

    Raises:
        EditConflict: the case is no longer as it was seen.
    """
    _change(case, [_line(case, by, What.LEARNED, "", "")])
    now = timezone.now()  # one time for all: the history shows them together
    CallAnswer.objects.bulk_create(CallAnswer(case=case, by=by, at=now, **vars(each)) for each in answers)


@transaction.atomic
def record_disposition(
    case: Case, by: User, level: str, reason: str = "", text: str = "", then: NextStep | None = None
) -> None:
    """Choose a level, beside the one recommended. Choosing again settles a stale case.

    Args:
        case: the case that the person sent
        by: who chose it
        level: a value of ``LevelOfCare``
        reason: a value of ``Disposition.Reason``
        text: the reason in words
        then: the next step of an open case, None for what usually follows.

    Raises:
        TransitionNotAllowed: the case is new, it is finished and not stale, the level is not the recommended one and
            the reason or the text is missing, or the next step is in the past or too far ahead.
        EditConflict: the case is no longer as it was seen.
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
    """Move the case to the next status. Closing takes an outcome: see :func:`close`.

    Raises:
        TransitionNotAllowed: the status does not lead there, or a contact attempt or an up-to-date level is missing.
        EditConflict: the case is no longer as it was seen.
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
    """Close the case without a placement. This also settles a stale case.

    Raises:
        TransitionNotAllowed: the case is finished, the desk may not give this outcome, the case is urgent and nobody
            tried to reach the person, or "not reached" is too early, or is the lead's to say.
        EditConflict: the case is no longer as it was seen.
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
    """Open a finished case again, due at once. Its wait still counts from when it was sent, not from now.

    Raises:
        TransitionNotAllowed: the case is open, or the reason is missing.
        EditConflict: the case is no longer as it was seen.
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
    """Refuse to close a case as not reached before the contact policy is met; an urgent one, without the lead.

    Raises:
        TransitionNotAllowed: an attempt is missing, or the case is urgent and the user is no lead.
    """
    if missing := reaching.shortfall(case).words:
        raise TransitionNotAllowed("outcome", missing)
    if case.urgent and not by.has_perm(LEAD):
        raise TransitionNotAllowed(
            "outcome",
            "Only a clinical lead may close an urgent case as not reached. Set the next step to “Lead to review”.",
        )


def close_one_of_many(case: Case, by: User, outcome: str) -> None:
    """Close a case together with others. Urgent cases are closed one at a time, each on its own page.

    Raises:
        TransitionNotAllowed: the case is urgent; else see :func:`close`.
        EditConflict: the case is no longer as it was seen.
    """
    if case.urgent:
        raise TransitionNotAllowed("status", "Urgent cases are closed one at a time, on their own page.")
    close(case, by, outcome)


def _may_end(case: Case, field: str) -> None:
    """Refuse to finish an urgent case without a contact attempt.

    Raises:
        TransitionNotAllowed: the case is urgent and has none.
    """
    if case.urgent and not has_attempt(case):
        raise TransitionNotAllowed(field, "Log a contact attempt before you close or place an urgent case.")


# ---- the next step

NOTHING_NEXT: Mapping[str, Any] = {"next_action": "", "next_action_at": None}
"""What a finished case has."""


def _planned(case: Case, by: User, then: NextStep, lines: list[CaseChange], reached: bool) -> dict[str, Any]:
    """Return the fields of a next step, and add its line to the history.

    Args:
        case: the case.
        by: who plans.
        then: the next step.
        lines: where its line is added.
        reached: whether somebody has spoken with the person; a level is only set after that.

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
    """Return a next step as the history keeps it: its kind and its time."""
    return f"{action} {at.isoformat(timespec='minutes')}" if at else action


# ---- the change itself


def _line(case: Case, by: User, what: str, before: str, after: str, reason: str = "") -> CaseChange:
    return CaseChange(case=case, by=by, what=what, before=before, after=after, reason=reason)


def _looked_at(case: Case, by: User) -> CaseChange:
    return _line(case, by, What.STALE, case.stale_because, "")


def _change(case: Case, lines: list[CaseChange], **fields: Any) -> None:
    """Change the row, if it is still as it was seen, and write down what changed.

    Raises:
        EditConflict: it is not; the transaction is undone.
    """
    same = Case.objects.filter(pk=case.pk, version=case.version, erased_at__isnull=True)
    if not same.update(version=F("version") + 1, **fields):
        raise EditConflict(case.pk, case.version)
    CaseChange.objects.bulk_create(lines)
    case.version += 1
    for name, value in fields.items():
        setattr(case, name, value)
