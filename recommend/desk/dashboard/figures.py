"""The figures of the dashboard: exact, for those who may open every case. What leaves the building is masked.

Each figure is counted by the condition that its link opens (conditions.py).
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, DurationField, ExpressionWrapper, F, Sum
from django.db.models.functions import TruncDate
from django.utils import timezone
from django.utils.timesince import timesince

from intake.models import Submission
from recommend.desk.dashboard.conditions import (
    AGES,
    AT_PROGRAM,
    NONE,
    STAGES,
    condition_of,
    contacted,
    counted,
    level_labels,
    name_of,
    since,
)
from recommend.desk.dashboard.decisions import latest_dispositions
from recommend.desk.models import Case, Placement, Tier
from recommend.levels.choices import LevelOfCare

ARRIVAL_DAYS = 30


@dataclass(frozen=True)
class Figure:
    """A count of cases with a label.

    Attributes:
        label: the label.
        count: the exact count.
        name: the name of its condition, by which the list shows the cases.
    """

    label: str
    count: int
    name: str = ""


@dataclass(frozen=True)
class FigureRow:
    """A labeled row of figures."""

    label: str
    figures: list[Figure]


def figures_of(labels: list[tuple[str, str]], now: datetime) -> list[Figure]:
    """Count the cases of named conditions with one query.

    Args:
        labels: a label and the name of a condition for each.
        now: the current time.
    """
    conditions = [condition_of(name, now) for _label, name in labels]
    counts = counted(each for each in conditions if each is not None)
    return [Figure(label, count, name) for (label, name), count in zip(labels, counts, strict=True)]


def arrivals(days: int, now: datetime) -> list[Figure]:
    """Count the first submissions of each of the last ``ARRIVAL_DAYS`` days, today last.

    Submissions that replace an earlier one are not counted. Days are those of the clinic's time zone.
    """
    today = timezone.localdate(now)
    first = today - timedelta(days=ARRIVAL_DAYS - 1)
    start = timezone.make_aware(datetime.combine(first, datetime.min.time()))
    found: Counter[date] = Counter()
    sent = Submission.objects.filter(replaces__isnull=True, sent_at__gte=start)
    found.update(dict(sent.annotate(day=TruncDate("sent_at")).values_list("day").annotate(Count("pk"))))
    each_day = (first + timedelta(days=number) for number in range(ARRIVAL_DAYS))
    return [
        Figure(f"{day:%b} {day.day}", found[day], name_of(days, "sent", day.isoformat())) for day in each_day
    ]


@dataclass(frozen=True)
class FirstContactTimes:
    """How long people waited until the desk reached them or left a message.

    Attributes:
        label: which cases, such as "Urgent".
        contacted: the number of cases with a first contact.
        median: the time within which half of them had it, such as "3 hours"; "–" if nobody had.
        p90: the time within which nine of ten had it; "–" if nobody had.
        without: the number of open cases that still wait for a first contact; they do not count in the times.
    """

    label: str
    contacted: Figure
    median: str
    p90: str
    without: Figure


def first_contact(days: int, now: datetime) -> list[FirstContactTimes]:
    """Return the times until first contact for urgent and for other cases."""
    groups = {"urgent": "Urgent", "others": "Others"}
    kinds = ("contacted", "uncontacted")
    found = figures_of([(kind, name_of(days, kind, group)) for group in groups for kind in kinds], now)
    rows = []
    for number, (group, label) in enumerate(groups.items()):
        with_contact, without = found[2 * number : 2 * number + 2]
        median, p90 = times_of(group, with_contact.count, days, now)
        rows.append(FirstContactTimes(label, with_contact, median, p90, without))
    return rows


def times_of(group: str, count: int, days: int, now: datetime) -> tuple[str, str]:
    """Return the times within which half and nine of ten of a group had their first contact, in words."""
    if not count:
        return "–", "–"
    took = ExpressionWrapper(F("first_contact_at") - F("opened_at"), DurationField())
    durations = (
        Case.objects.filter(contacted(days, now, group))
        .annotate(took=took)
        .order_by("took")
        .values_list("took", flat=True)
    )
    return duration_text(durations[(count - 1) // 2]), duration_text(durations[(count * 9 - 1) // 10])


def duration_text(duration: timedelta) -> str:
    """Return a duration in words, in its largest unit, such as "3 hours"."""
    now = timezone.now()
    return timesince(now - duration, now, depth=1).replace("\xa0", " ")


def open_by_age(days: int, now: datetime) -> list[Figure]:
    """Count open cases by how long ago they were opened, for each range in ``AGES``."""
    labels = [(label, name_of(days, "open", str(number))) for number, (label, _, _) in enumerate(AGES)]
    return figures_of(labels, now)


def levels(days: int, now: datetime) -> list[Figure]:
    """Count the cases opened in the window by recommended level."""
    return figures_of([(label, name_of(days, "level", level)) for level, label in level_labels()], now)


def matrix(days: int, now: datetime) -> list[FigureRow]:
    """Return the cross table of recommended levels (rows) and chosen levels (columns) in the window."""
    pairs = latest_dispositions(since(days, now)).values_list("recommended", "level").order_by()
    found: Counter[tuple[str, str]] = Counter()
    for recommended, level, count in pairs.annotate(Count("pk")):
        found[recommended, level] = count
    return [
        FigureRow(
            label,
            [
                Figure(
                    str(each.label),
                    found[recommended, each],
                    name_of(days, "chosen", recommended, each.value),
                )
                for each in LevelOfCare
            ],
        )
        for recommended, label in level_labels()
    ]


@dataclass(frozen=True)
class Effects:
    """What clinicians say that the recommendation did for them.

    Attributes:
        changed: the cases in which it changed the decision.
        unchanged: the cases in which it did not.
        timed: the cases for which they say how many minutes it saved.
        minutes: the minutes that it saved in these.
    """

    changed: Figure
    unchanged: Figure
    timed: Figure
    minutes: int

    @property
    def average(self) -> str:
        """The minutes saved for a case on average; "–" if nobody said."""
        return str(round(self.minutes / self.timed.count)) if self.timed.count else "–"


def effects(days: int, now: datetime) -> Effects:
    """Return what clinicians say about the recommendations of the window, by the latest disposition of each case."""
    labels = {
        "It changed the decision": ("changed", "yes"),
        "It did not": ("changed", "no"),
        "Minutes": ("timed",),
    }
    yes, no, timed = figures_of([(label, name_of(days, *kind)) for label, kind in labels.items()], now)
    total = latest_dispositions(since(days, now)).aggregate(Sum("minutes_saved"))["minutes_saved__sum"]
    return Effects(yes, no, timed, total or 0)


def funnel(days: int, now: datetime) -> list[FigureRow]:
    """Return how far the cases of each tier came, tier by tier; each stage has those who came farther."""
    named = [
        (STAGES[stage], name_of(days, "funnel", stage, str(tier.value))) for tier in Tier for stage in STAGES
    ]
    found = figures_of(named, now)
    width = len(STAGES)
    return [
        FigureRow(str(tier.label), found[number * width : (number + 1) * width])
        for number, tier in enumerate(Tier)
    ]


def by_program(days: int, now: datetime) -> list[FigureRow]:
    """Return what became of placements in each program, those with the most first; places outside the list are last.

    A case with two placements in one program counts once in each column that holds.
    """
    seen = Placement.objects.counted().filter(case__opened_at__gte=since(days, now))
    programs = seen.values("program", "program__name").annotate(many=Count("case", distinct=True))
    ordered = sorted(
        programs, key=lambda each: (each["program"] is None, -each["many"], each["program__name"])
    )
    named = [
        (label, name_of(days, "program", str(each["program"] or NONE), what))
        for each in ordered
        for what, (label, _states) in AT_PROGRAM.items()
    ]
    found, width = figures_of(named, now), len(AT_PROGRAM)
    return [
        FigureRow(each["program__name"] or "Outside the list", found[number * width : (number + 1) * width])
        for number, each in enumerate(ordered)
    ]
