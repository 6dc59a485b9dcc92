"""Cases as rows of a list. They have no answers of patients, and no names but those of staff users, except in hits."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language_info

from carenav.plumbing.i18n.localized_text import FALLBACK
from recommend.desk import next_steps, tiers
from recommend.desk.models import Case, CaseStatus, ContactAttempt, Tier
from recommend.desk.queues import Viewer, age, late_marks
from recommend.desk.staff.absence import away_until
from recommend.levels.choices import LevelOfCare


@dataclass(frozen=True)
class Tries:
    """The contact attempts of a case: their number, and the latest one."""

    count: int
    last: ContactAttempt

    def in_words(self, now: datetime) -> str:
        """Return the attempts in words, such as "2 tries, last today 9:40 AM EST: No answer"."""
        many = "1 try" if self.count == 1 else f"{self.count} tries, last"
        outcome = ContactAttempt.Outcome(self.last.outcome).label
        return f"{many} {next_steps.moment(self.last.at, now)}: {outcome}"


@dataclass(frozen=True)
class Row:
    """One line of a list, in words.

    Level and status are stored in words because ``get_..._display`` hashes all choices at each call, which took an
    eighth of the time of a page.

    Attributes:
        level: the recommended level.
        tier: the tier; "" for the tier Routine.
        why: why it is urgent; "" if it is not.
        marks: whether it is overdue, stale or one of many that came at once.
        escalated: whether it needs the lead.
        tried: the contact attempts; "" if there are none.
        language: the person's language; "" for English.
        whose: the assignee.
        next: the next step; "" for a finished case.
        waits: how long it has waited, or how long ago it was finished.
        person: who it is, only among the hits of a search; else "".
    """

    case: Case
    level: str
    urgent: bool
    tier: str
    why: str
    marks: list[str]
    escalated: bool
    status: str
    tried: str
    language: str
    whose: str
    next: str
    waits: str
    person: str = ""


def row(case: Case, viewer: Viewer, now: datetime, tries: Tries | None = None) -> Row:
    return Row(
        case=case,
        level=level(case),
        urgent=case.urgent,
        tier="" if case.tier == Tier.ROUTINE else str(Tier(case.tier).label),
        why=tiers.reasons_in_words(case),
        marks=marks(case, now),
        escalated=case.is_escalated(now),
        status=str(CaseStatus(case.status).label),
        tried=tries.in_words(now) if tries else "",
        language=language(case),
        whose=whose(case, viewer, now),
        next=next_steps.in_words(case.next_action, case.next_action_at, now),
        waits=waits(case, now),
    )


def rows_of(cases: Iterable[Case], viewer: Viewer, now: datetime) -> list[Row]:
    """Return the rows of these cases; reads all contact attempts with one query."""
    cases = list(cases)
    tried = tries_of(cases)
    return [row(case, viewer, now, tried.get(case.pk)) for case in cases]


def tries_of(cases: list[Case]) -> dict[int, Tries]:
    """Return the contact attempts since each case was last sent, keyed by case id; cases without any are left out."""
    found: dict[int, Tries] = {}
    opened = {case.pk: case.attempts_count_from for case in cases}
    attempts = (
        ContactAttempt.objects.counted()
        .filter(case__in=opened)
        .only("case_id", "at", "outcome")
        .order_by("at", "pk")
    )
    for attempt in attempts:
        if attempt.at >= opened[attempt.case_id]:
            before = found.get(attempt.case_id)
            found[attempt.case_id] = Tries(before.count + 1 if before else 1, attempt)
    return found


def level(case: Case) -> str:
    if case.erased_at:
        return "Deleted by the person"
    return str(LevelOfCare(case.level).label) if case.level else "Needs review"


def language(case: Case) -> str:
    """Return the language in which the person answered, in English; "" for English."""
    code = case.language.partition("-")[0]
    return "" if code in ("", FALLBACK) else str(get_language_info(code)["name"])


def marks(case: Case, now: datetime) -> list[str]:
    """Return the marks of a case in words: overdue, stale, or one of many that came at once."""
    again = [f"Look again: {case.get_stale_because_display()}"] if case.stale_since else []
    return [*late_marks(case, now), *again, *([f"Many at once ({case.flood})"] if case.flood else [])]


def whose(case: Case, viewer: Viewer, now: datetime) -> str:
    if case.assignee is None:
        return "Unassigned"
    if case.assignee_id == viewer.pk:
        return "You"
    name = named(case.assignee.get_username(), case.assignee.is_active)
    until = away_until(case.assignee, timezone.localdate(now))
    return f"{name} (away until {date_format(until)})" if until else name


def named(username: str, is_active: bool) -> str:
    """Return a user name, marked if the user is no longer active."""
    return username if is_active else f"{username} (not active)"


def waits(case: Case, now: datetime) -> str:
    """Return how long a case has waited, such as "3 hours", or how long ago it was finished."""
    if case.finished_at and case.is_followed_up:
        return f"placed {age(case.finished_at, now)} ago"
    if case.finished_at:
        return f"done {age(case.finished_at, now)} ago"
    return age(case.opened_at, now)
