"""The conditions behind the numbers of the dashboard, by name, so that each number opens exactly the cases it counts.

A name has the days that are looked back, the kind of figure and its values, separated by dots: "90.level.iop". The
filter ``FigureFilter`` of the list reads it from the address. Names hold codes only, never an answer.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.db.models import Count, Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.dateparse import parse_date

from intake.models import Submission
from recommend.desk.dashboard.decisions import cases_by_rule, latest_dispositions
from recommend.desk.models import (
    OPEN_STATUSES,
    WITH_A_START,
    Case,
    CaseStatus,
    ContactAttempt,
    Placement,
    PlacementState,
    Tier,
)
from recommend.levels.choices import LevelOfCare

WINDOWS = (90, 365)
"""For how many past days the figures can be shown; the first is the default."""

NONE = "none"
"""Written for an empty code in a name, such as that of a case without a level."""

AGES = (
    ("less than a day", timedelta(0), timedelta(days=1)),
    ("1 to 3 days", timedelta(days=1), timedelta(days=3)),
    ("3 to 7 days", timedelta(days=3), timedelta(days=7)),
    ("7 to 30 days", timedelta(days=7), timedelta(days=30)),
    ("30 days and more", timedelta(days=30), timedelta(days=100 * 365)),
)
STAGES = {
    "sent": "Sent",
    "reached": "Reached",
    "assessed": "Assessed",
    "placed": "Placed",
    "arrived": "Arrived",
}
"""How far a case has come, each stage with those after it."""

ARRIVED = (PlacementState.ARRIVED, PlacementState.FINISHED)
AT_PROGRAM = {
    "offered": ("Offered", tuple(PlacementState)),
    "start": ("Start date set", WITH_A_START),
    "arrived": ("Arrived", ARRIVED),
    "no_show": ("Did not arrive", (PlacementState.NO_SHOW,)),
    "declined": ("Declined", (PlacementState.DECLINED,)),
}
"""What became of placements in one program: a label, and the states that count."""

GROUPS = {"urgent": Q(urgent=True), "others": Q(urgent=False)}


def since(days: int, now: datetime) -> datetime:
    return now - timedelta(days=days)


def opened(days: int, now: datetime) -> Q:
    """Return a condition for cases that were opened in the window and not deleted by the person."""
    return Q(opened_at__gte=since(days, now), erased_at__isnull=True)


def first_sent(first: date, last: date) -> Q:
    """Return a condition for cases first sent from one day to another, both included, in the clinic's time zone."""
    start, end = (
        timezone.make_aware(datetime.combine(day, datetime.min.time()))
        for day in (first, last + timedelta(days=1))
    )
    sent = Submission.objects.filter(replaces__isnull=True, sent_at__gte=start, sent_at__lt=end)
    return Q(reference__in=sent.values("reference"))


def sent_on(days: int, now: datetime, day: str) -> Q:
    """Return a condition for cases first sent on a day.

    Raises:
        ValueError: the day is not a date.
    """
    on = parse_date(day)
    if on is None:
        raise ValueError(day)
    return first_sent(on, on)


def contacted(days: int, now: datetime, group: str) -> Q:
    return opened(days, now) & GROUPS[group] & Q(first_contact_at__gte=F("opened_at"))


def uncontacted(days: int, now: datetime, group: str) -> Q:
    """Return a condition for open cases that still wait for a first contact."""
    return opened(days, now) & GROUPS[group] & Q(first_contact_at__isnull=True, status__in=OPEN_STATUSES)


def open_for(days: int, now: datetime, number: str) -> Q:
    """Return a condition for open cases in one of ``AGES``."""
    _label, low, high = AGES[int(number)]
    return Q(status__in=OPEN_STATUSES, opened_at__lte=now - low, opened_at__gt=now - high)


def with_level(days: int, now: datetime, level: str) -> Q:
    return opened(days, now) & Q(level=code(level))


def chosen(days: int, now: datetime, recommended: str, level: str) -> Q:
    """Return a condition for cases for which ``recommended`` was recommended and ``level`` chosen last."""
    made = latest_dispositions(since(days, now)).filter(recommended=code(recommended), level=level)
    return Q(pk__in=made.values("case"))


CHANGED = {"yes": Q(changed_decision=True), "no": Q(changed_decision=False)}


def changed(days: int, now: datetime, answer: str) -> Q:
    """Return a condition for cases of which the clinician says that the recommendation changed the decision, or not."""
    made = latest_dispositions(since(days, now)).filter(CHANGED[answer])
    return Q(pk__in=made.values("case"))


def timed(days: int, now: datetime) -> Q:
    """Return a condition for cases of which the clinician says how many minutes the recommendation saved."""
    made = latest_dispositions(since(days, now)).filter(minutes_saved__isnull=False)
    return Q(pk__in=made.values("case"))


def decided_by(days: int, now: datetime, rule: str, direction: str) -> Q:
    """Return a condition for cases that a rule decided, by how the level chosen compares: lower, same or higher."""
    return Q(pk__in=cases_by_rule(since(days, now)).get((code(rule), direction), []))


def came_to(days: int, now: datetime, stage: str, tier: str) -> Q:
    """Return a condition for cases of a tier that came at least to this stage."""
    arrived = Q(Exists(Placement.objects.counted().filter(case=OuterRef("pk"), state__in=ARRIVED)))
    placed = arrived | Q(status=CaseStatus.PLACED)
    assessed = placed | ~Q(chosen="")
    attempts = ContactAttempt.objects.counted().filter(
        case=OuterRef("pk"), outcome=ContactAttempt.Outcome.REACHED
    )
    reached = assessed | Q(Exists(attempts))
    stages = {"sent": Q(), "reached": reached, "assessed": assessed, "placed": placed, "arrived": arrived}
    return opened(days, now) & Q(tier=Tier(int(tier))) & stages[stage]


def at_program(days: int, now: datetime, program: str, what: str) -> Q:
    """Return a condition for cases with a placement in a program of which this became.

    Args:
        days: how many days are looked back.
        now: the current time.
        program: the key of the program; ``NONE`` for places outside the list.
        what: a key of ``AT_PROGRAM``.
    """
    where = Q(program__isnull=True) if program == NONE else Q(program=int(program))
    placements = Placement.objects.counted().filter(where, case=OuterRef("pk"), state__in=AT_PROGRAM[what][1])
    return opened(days, now) & Q(Exists(placements))


def code(value: str) -> str:
    return "" if value == NONE else value


CONDITIONS: Mapping[str, Callable[..., Q]] = {
    "sent": sent_on,
    "contacted": contacted,
    "uncontacted": uncontacted,
    "open": open_for,
    "level": with_level,
    "chosen": chosen,
    "changed": changed,
    "timed": timed,
    "rule": decided_by,
    "funnel": came_to,
    "program": at_program,
}


def name_of(days: int, kind: str, *values: str) -> str:
    """Return the name of a figure, for a link to its cases."""
    return ".".join([str(days), kind, *(value or NONE for value in values)])


def condition_of(name: str, now: datetime) -> Q | None:
    """Return the condition of a figure; None if there is none of this name."""
    days, _, rest = name.partition(".")
    kind, *values = rest.split(".")
    if days not in map(str, WINDOWS) or kind not in CONDITIONS:
        return None
    try:
        return CONDITIONS[kind](int(days), now, *values)
    except (TypeError, ValueError, LookupError, OverflowError, ValidationError):
        return None  # an address that somebody changed by hand


def counted(conditions: Iterable[Q]) -> list[int]:
    """Return how many cases each condition matches, with one query."""
    named = {f"figure_{number}": Count("pk", filter=each) for number, each in enumerate(conditions)}
    found = Case.objects.aggregate(**named)
    return [found[name] for name in named]


def level_labels() -> list[tuple[str, str]]:
    """Return pairs of value and label for each level and, last, for no level ("")."""
    return [*((level.value, str(level.label)) for level in LevelOfCare), ("", "No level")]
