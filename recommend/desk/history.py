"""The history of a case, newest first: changes, contact attempts, notes, call answers and dispositions."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import groupby

from django.contrib.auth.models import User
from django.db import models
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format

from intake.models import Submission
from recommend.desk import next_steps
from recommend.desk.audit import recorder
from recommend.desk.models import (
    AccessEvent,
    CallAnswer,
    Case,
    CaseChange,
    CaseOutcome,
    CaseStatus,
    ContactAttempt,
    Disposition,
    Note,
    Placement,
    PlacementState,
    PlacementStep,
    StaleReason,
)
from recommend.desk.person_messages.templates import title_of
from recommend.levels.choices import LevelOfCare

MOST = 200
"""The most entries of each kind that are loaded, the newest first."""

READS = 20

What = CaseChange.ChangeType
Verb = AccessEvent.Verb

WORDS: Mapping[str, type[models.TextChoices]] = {
    What.STATUS: CaseStatus,
    What.OUTCOME: CaseOutcome,
    What.DISPOSITION: LevelOfCare,
    What.STALE: StaleReason,
    What.RESENT: LevelOfCare,
    What.PLACEMENT: PlacementState,
}
SHOWN_SEPARATELY = (What.CONTACT, What.NOTE, What.LEARNED, What.DISPOSITION, What.PLACEMENT)
"""Types of changes that are also stored in another model, from which the history shows more details."""


@dataclass(frozen=True)
class Entry:
    """One line of the history.

    Attributes:
        at: when it happened.
        by: the staff user; None if the person or the system did it.
        what: what happened, in words.
        text: a note, a reason or answers; "" for none.
        error: who marked it as entered in error and why; the line is then struck through. "" if nobody did.
        kind: a value of ``CaseChange.ChangeType``.
    """

    at: datetime
    by: User | None
    what: str
    text: str = ""
    error: str = ""
    kind: str = ""


@dataclass(frozen=True)
class Day:
    """The entries of one day, newest first."""

    date: date
    entries: list[Entry]


@dataclass(frozen=True)
class History:
    """The history of a case by kind, each newest first. ``reads`` are events of the access log."""

    changes: list[CaseChange]
    attempts: list[ContactAttempt]
    notes: list[Note]
    answers: list[CallAnswer]
    dispositions: list[Disposition]
    placements: list[PlacementStep]
    reads: list[AccessEvent]

    @property
    def last(self) -> int:
        """The id of the newest change; 0 if there is none."""
        return max((change.pk for change in self.changes), default=0)

    @property
    def disposition(self) -> Disposition | None:
        """The latest disposition, which is the valid one; None if there is none."""
        return self.dispositions[0] if self.dispositions else None

    @property
    def tries(self) -> list[Placement]:
        """The placements, the newest first."""
        return list({step.placement_id: step.placement for step in self.placements}.values())

    @property
    def placement(self) -> Placement | None:
        """The placement that has not ended; None if there is none."""
        return next((each for each in self.tries if each.is_current), None)

    @property
    def entries(self) -> list[Entry]:
        changes = [change for change in self.changes if change.what not in SHOWN_SEPARATELY]
        return sorted(
            [
                *(Entry(each.at, each.by, in_words(each), each.reason, kind=each.what) for each in changes),
                *(
                    Entry(each.at, each.by, tried(each), each.note, error(each), What.CONTACT)
                    for each in self.attempts
                ),
                *(Entry(each.at, each.by, "Note", each.text, kind=What.NOTE) for each in self.notes),
                *calls(self.answers),
                *(
                    Entry(each.at, each.by, decision(each), each.text or "", kind=What.DISPOSITION)
                    for each in self.dispositions
                ),
                *map(step_of_placement, self.placements),
            ],
            key=lambda entry: entry.at,
            reverse=True,
        )

    def days(self, first_sent: datetime, merged: Iterable[Entry] = ()) -> list[Day]:
        """Return the entries grouped by day, newest first, with one for the first sending.

        Args:
            first_sent: when the person first sent their answers.
            merged: the entries of cases that are merged into this one.
        """
        own = [*self.entries, Entry(first_sent, None, "Sent by the person", kind=What.RESENT)]
        entries = sorted([*own, *merged], key=lambda entry: entry.at, reverse=True)
        by_day = groupby(entries, key=lambda entry: timezone.localtime(entry.at).date())
        return [Day(day, list(of_day)) for day, of_day in by_day]


def history_of(case: Case) -> History:
    """Load the history of a case, with one query for each kind."""
    return History(
        changes=list(CaseChange.objects.filter(case=case).select_related("by")[:MOST]),
        attempts=list(
            ContactAttempt.objects.filter(case=case).select_related("by", "error_by", "mail")[:MOST]
        ),
        answers=list(CallAnswer.objects.filter(case=case).select_related("by")[:MOST]),
        notes=list(Note.objects.filter(case=case).select_related("by")[:MOST]),
        dispositions=list(Disposition.objects.filter(case=case).select_related("by")[:MOST]),
        placements=list(
            PlacementStep.objects.filter(case=case).select_related("by", "placement__error_by")[:MOST]
        ),
        reads=reads_of(case),
    )


def merged_entries(case: Case) -> list[Entry]:
    """Return the entries of the cases that are merged into this one, each with the reference of its case."""
    found = []
    for each in Case.objects.filter(merged_into=case).select_related("submission"):
        sent = Entry(first_sent(each.submission), None, "Sent by the person", kind=What.RESENT)
        found += [
            replace(entry, what=f"{each.reference}: {entry.what}")
            for entry in [*history_of(each).entries, sent]
        ]
    return found


def first_sent(submission: Submission) -> datetime:
    """Return when the person first sent their answers, which may have been replaced by later submissions."""
    if submission.replaces_id is None:
        return submission.sent_at
    same = Submission.objects.filter(reference=submission.reference).order_by("sent_at")
    return same.values_list("sent_at", flat=True)[0]


def reads_of(case: Case) -> list[AccessEvent]:
    """Return the newest ``READS`` access events about a case, newest first. The page of the log has all of them.

    ``CHANGE`` events are included because the case is shown again if its form is refused.
    """
    verbs = [Verb.READ, Verb.REVEAL, Verb.PRINT, Verb.EXPORT, Verb.CHANGE]
    looked = AccessEvent.objects.filter(what__in=recorder.audit_keys(case.reference), verb__in=verbs)
    return list(looked.select_related("who")[:READS])


def value_in_words(what: str, value: str) -> str:
    """Return the stored value of a change in words.

    Args:
        what: the type of the change.
        value: ``CaseChange.before`` or ``CaseChange.after``.
    """
    if what == What.ASSIGNEE and not value:
        return "nobody"
    if what == What.NEXT and value:
        action, _, at = value.partition(" ")
        return next_steps.in_words(action, parse_datetime(at), timezone.now())
    words = WORDS.get(what)
    return str(words(value).label) if words and value in words.values else value or "–"


def in_words(change: CaseChange) -> str:
    """Return a change in words, such as "Status: New to In contact"."""
    label = change.get_what_display()
    if change.what in (What.STATUS, What.ASSIGNEE):
        before, after = (value_in_words(change.what, value) for value in (change.before, change.after))
        return f"{label}: {before} to {after}"
    if change.what == What.CORRECTED:
        return f"Marked as entered in error: {change.before}"
    if change.what == What.STALE:
        because = value_in_words(change.what, change.before or change.after)
        return f"Looked at again: {because}" if change.before else f"{label}: {because}"
    if change.what == What.MERGED:
        return f"Merged: {change.after}" if change.after else f"Merge undone: {change.before}"
    if change.what == What.TAKEN:
        return f"{label}: {change.after}" if change.after else label
    if change.what in (What.OUTCOME, What.NEXT, What.HOLD):
        return f"{label}: {value_in_words(change.what, change.after)}"
    return label


def tried(attempt: ContactAttempt) -> str:
    """Return a contact attempt in words: way, outcome, message, and whether it was against the person's wishes."""
    against = " (against the person’s wishes, confirmed)" if attempt.against_wishes else ""
    return f"{attempt}{sent(attempt)}{against}"


def sent(attempt: ContactAttempt) -> str:
    """Return the title of the message of a contact attempt, and whether its e-mail still waits; "" without one."""
    if not attempt.template:
        return ""
    mail = getattr(attempt, "mail", None)
    waits = ", waiting to be sent" if mail and not mail.sent_at else ""
    return f" (“{title_of(attempt.template)}”{waits})"


def error(made: ContactAttempt | Placement) -> str:
    """Return who marked a contact attempt or placement as entered in error and why; "" if nobody did."""
    if made.error_by is None:
        return ""
    return f"Entered in error, marked by {made.error_by}: {made.error_reason}"


def step_of_placement(step: PlacementStep) -> Entry:
    """Return a line such as "Harbor: Start date set, Dec. 3, 2026"."""
    made, day = step.placement, f", {date_format(step.day, 'DATE_FORMAT')}" if step.day else ""
    what = f"{made.where}: {step.get_state_display()}{day}"
    return Entry(step.at, step.by, what, step.get_reason_display(), error(made), What.PLACEMENT)


def calls(answers: Iterable[CallAnswer]) -> Iterator[Entry]:
    """Yield one entry for each call, with one line of text for each question and its answer."""
    for (at, by), group in groupby(answers, key=lambda each: (each.at, each.by)):
        asked = sorted(group, key=lambda each: each.pk)
        said = "\n".join(f"{each.asked} – {each.learned}" if each.learned else each.asked for each in asked)
        yield Entry(at, by, "Asked on a call", said, kind=What.LEARNED)


def decision(made: Disposition) -> str:
    words = f"Level chosen: {made.get_level_display()}"
    if made.differs:
        words += f", recommended was {made.get_recommended_display()}"
    return f"{words} ({made.get_reason_display()})" if made.reason else words


# ---- what changed since a user opened the case


@dataclass(frozen=True)
class Difference:
    """A change that another user made while this user had the case open.

    Attributes:
        what: what changed, such as "Status".
        seen: the value that the user saw.
        now: the current value.
        wanted: the value that the user tried to save; "" if they did not change it.
        by: who changed it; None for the person or the system.
        at: when.
    """

    what: str
    seen: str
    now: str
    wanted: str
    by: User | None
    at: datetime


def differences(changes: Iterable[CaseChange], since: int, wanted: Mapping[str, str]) -> list[Difference]:
    """Return one difference for each type of change made after a user opened the case.

    Args:
        changes: the changes of the case, newest first.
        since: the id of the last change that the user saw.
        wanted: the values that the user tried to save, in words, keyed by type of change.
    """
    lines: dict[str, list[CaseChange]] = {}
    for change in changes:
        if change.pk > since:
            lines.setdefault(change.what, []).append(change)
    return [
        Difference(
            what=newest.get_what_display(),
            seen=value_in_words(what, oldest.before),
            now="one more, in the history"
            if what in (What.NOTE, What.LEARNED)
            else value_in_words(what, newest.after),
            wanted=wanted.get(what, ""),
            by=newest.by,
            at=newest.at,
        )
        for what, (newest, *_rest, oldest) in ((what, [*each, each[-1]]) for what, each in lines.items())
    ]
