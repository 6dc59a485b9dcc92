"""A case as one row of a list: no answer, nobody's name but the team's."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from recommend.desk import next_steps
from recommend.desk.models import Case, CaseStatus
from recommend.desk.queues import Viewer, age, late_marks
from recommend.levels.choices import LevelOfCare


@dataclass(frozen=True)
class Row:
    """One line of a list, in words.

    The words of level and status are looked up here: ``get_..._display`` hashes all choices each time it is asked, an
    eighth of the time of a page.
    """

    case: Case
    level: str
    urgent: bool
    marks: list[str]
    status: str
    whose: str
    next: str
    waits: str


def row(case: Case, viewer: Viewer, now: datetime) -> Row:
    status = str(CaseStatus(case.status).label)
    return Row(
        case,
        level(case),
        case.urgent,
        marks(case, now),
        status,
        whose(case, viewer),
        next_steps.in_words(case.next_action, case.next_action_at, now),
        waits(case, now),
    )


def rows_of(cases: Iterable[Case], viewer: Viewer, now: datetime) -> list[Row]:
    return [row(case, viewer, now) for case in cases]


def level(case: Case) -> str:
    if case.erased_at:
        return "Deleted by the person"
    return str(LevelOfCare(case.level).label) if case.level else "A person must look"


def marks(case: Case, now: datetime) -> list[str]:
    """Return what marks a case in a list: overdue, or stale."""
    again = [f"Look again: {case.get_stale_because_display()}"] if case.stale_since else []
    return [*late_marks(case, now), *again]


def whose(case: Case, viewer: Viewer) -> str:
    if case.assignee is None:
        return "Nobody"
    if case.assignee_id == viewer.pk:
        return "You"
    return named(case.assignee.get_username(), case.assignee.is_active)


def named(username: str, is_active: bool) -> str:
    """Return a user name, marked if the user is no longer active."""
    return username if is_active else f"{username} (not active)"


def waits(case: Case, now: datetime) -> str:
    """Return how long it waits, or how long ago it was done."""
    if case.finished_at:
        return f"done {age(case.finished_at, now)} ago"
    return age(case.opened_at, now)
