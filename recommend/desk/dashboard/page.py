"""How the desk is doing, for the clinical lead: numbers of cases, none of them small enough to point at somebody.

Every count is shown as the step of five that it lies in, "<5", "5+", "10+" and so on, zero being "<5" too, and nothing
is added up. So a small count cannot be worked out from others: a total of up to four counts, or the same cases counted
another way in another table, always leaves two values at least (tests/desk/test_dashboard.py tries all of them).
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Count, DurationField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet
from django.db.models.functions import TruncDate
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.timesince import timesince
from django.views.decorators.http import require_safe

from carenav.plumbing.i18n.localized_text import LocalizedText
from intake.models import Submission
from recommend import content
from recommend.desk.audit.recorder import Verb, record
from recommend.desk.models import OPEN_STATUSES, Case, Disposition
from recommend.engine import Level
from recommend.levels.choices import LevelOfCare

STEP = 5
BATCH = 2_000
MOST_JUDGED = 20_000
"""So many decisions are looked at rule by rule, the newest: each stored reason is read, 1.6 s for so many."""
DAYS = 30
"""Of arrivals."""
WINDOWS = (90, 365)
"""Days that the rest may look back on, the first unless asked otherwise."""
AGES = (
    ("less than a day", timedelta(0), timedelta(days=1)),
    ("1 to 3 days", timedelta(days=1), timedelta(days=3)),
    ("3 to 7 days", timedelta(days=3), timedelta(days=7)),
    ("7 to 30 days", timedelta(days=7), timedelta(days=30)),
    ("30 days and more", timedelta(days=30), timedelta(days=100 * 365)),
)
NO_LEVEL = "No level"
NO_RULE = ""
"""In the place of a rule, where none asked for more than outpatient care."""


@require_safe
def dashboard(request: HttpRequest) -> HttpResponse:
    """The page; ``?days=`` chooses how far it looks back."""
    if not request.user.has_perm("desk.view_dashboard"):
        raise PermissionDenied
    record(request, Verb.DASHBOARD)
    asked = request.GET.get("days", "")
    days = next((days for days in WINDOWS if str(days) == asked), WINDOWS[0])
    now = timezone.now()
    since = now - timedelta(days=days)
    context = {
        **admin.site.each_context(request),
        "title": "Dashboard",
        "days": days,
        "windows": WINDOWS,
        "arrivals": Columns(arrivals(now)),
        "first_contact": first_contact(since),
        "open_by_age": Bars(open_by_age(now)),
        "levels": Bars(levels(since)),
        "matrix": matrix(since),
        "level_names": [level.label for level in LevelOfCare],
        "rules": Stacks(agreement_by_rule(since)),
        "most_judged": MOST_JUDGED,
    }
    return render(request, "staff/dashboard.html", context)


# ---- counts


@dataclass(frozen=True)
class Shown:
    """A count as it may be seen; the exact one does not leave this class."""

    at_least: int

    @classmethod
    def of(cls, count: int) -> "Shown":
        return cls(count - count % STEP)

    def __str__(self) -> str:
        return f"{self.at_least:,}+" if self.at_least else f"<{STEP}"


@dataclass(frozen=True)
class Line:
    """A count and what is counted."""

    label: str
    count: Shown


def arrivals(now: datetime) -> list[Line]:
    """What was sent on each of the last days, today last; what was changed and sent again is not counted again."""
    today = timezone.localdate(now)
    first = today - timedelta(days=DAYS - 1)
    start = timezone.make_aware(datetime.combine(first, datetime.min.time()))
    found: Counter[date] = Counter()
    sent = Submission.objects.filter(replaces__isnull=True, sent_at__gte=start)
    found.update(dict(sent.annotate(day=TruncDate("sent_at")).values_list("day").annotate(Count("pk"))))
    days = (first + timedelta(days=number) for number in range(DAYS))
    return [Line(f"{day:%b} {day.day}", Shown.of(found[day])) for day in days]


@dataclass(frozen=True)
class Waited:
    """How long people waited until somebody reached them, or left word; "–" where too few did to say.

    Args:
        median, p90: half of them, and nine of ten, waited no longer.
        without: cases that are open and still wait for it; they are in neither figure.
    """

    label: str
    contacted: Shown
    median: str
    p90: str
    without: Shown


def first_contact(since: datetime) -> list[Waited]:
    """Urgent cases and the others."""
    return [waited("Urgent", since, urgent=True), waited("Others", since, urgent=False)]


def waited(label: str, since: datetime, urgent: bool) -> Waited:
    cases = Case.objects.filter(opened_at__gte=since, urgent=urgent, erased_at__isnull=True)
    without = cases.filter(first_contact_at__isnull=True, status__in=OPEN_STATUSES).count()
    took = ExpressionWrapper(F("first_contact_at") - F("opened_at"), DurationField())
    contacted = cases.filter(first_contact_at__gte=F("opened_at")).annotate(took=took).order_by("took")
    count = contacted.count()
    durations = contacted.values_list("took", flat=True)
    return Waited(
        label,
        Shown.of(count),
        in_words(durations[(count - 1) // 2]) if count >= STEP else "–",
        in_words(durations[(count * 9 - 1) // 10]) if count >= 2 * STEP else "–",
        Shown.of(without),
    )


def in_words(duration: timedelta) -> str:
    """As a clock would say it: "3 hours"."""
    now = timezone.now()
    return timesince(now - duration, now, depth=1).replace("\xa0", " ")


def open_by_age(now: datetime) -> list[Line]:
    """How long the open cases have been waiting."""
    ages = {
        f"age_{number}": Count("pk", filter=Q(opened_at__lte=now - low, opened_at__gt=now - high))
        for number, (_, low, high) in enumerate(AGES)
    }
    found = Case.objects.filter(status__in=OPEN_STATUSES).aggregate(**ages)
    return [Line(label, Shown.of(found[f"age_{number}"])) for number, (label, _, _) in enumerate(AGES)]


def levels(since: datetime) -> list[Line]:
    """What was recommended."""
    cases = Case.objects.filter(opened_at__gte=since, erased_at__isnull=True)
    found = Counter(dict(cases.values_list("level").annotate(Count("pk")).order_by()))
    return [Line(str(label), Shown.of(found[level])) for level, label in rows_of_levels()]


def rows_of_levels() -> list[tuple[str, str]]:
    return [*((level.value, level.label) for level in LevelOfCare), ("", NO_LEVEL)]


# ---- recommended and decided


def latest_dispositions(since: datetime) -> QuerySet[Disposition]:
    """The disposition that counts, of each case that has one since then."""
    later = Disposition.objects.filter(case=OuterRef("case"), pk__gt=OuterRef("pk"))
    return Disposition.objects.filter(~Exists(later), at__gte=since, case__erased_at__isnull=True)


@dataclass(frozen=True)
class Row:
    """A recommended level, and how often each level was chosen then."""

    label: str
    chosen: list[Shown]


def matrix(since: datetime) -> list[Row]:
    """Recommended, down, against chosen, across."""
    pairs = latest_dispositions(since).values_list("recommended", "level").order_by()
    found: Counter[tuple[str, str]] = Counter()
    for recommended, level, count in pairs.annotate(Count("pk")):
        found[recommended, level] = count
    return [
        Row(str(label), [Shown.of(found[recommended, level]) for level in LevelOfCare])
        for recommended, label in rows_of_levels()
    ]


@dataclass(frozen=True)
class Agreement:
    """A rule that decided, and how often somebody then chose a lower level, the same, a higher one."""

    rule: str
    because: str
    lower: Shown
    same: Shown
    higher: Shown

    @property
    def overridden(self) -> int:
        return self.lower.at_least + self.higher.at_least


def agreement_by_rule(since: datetime) -> list[Agreement]:
    """For each rule that decided a case; the most overridden ones first. Where several decided, it counts for each."""
    found: Counter[tuple[str, int]] = Counter()
    for recommended, level, reasons in judged(since):
        direction = (Level.of(level) > Level.of(recommended)) - (Level.of(level) < Level.of(recommended))
        for rule in {reason["rule"] for reason in reasons or ()} or {NO_RULE}:
            found[rule, direction] += 1
    rules = {rule for rule, _ in found}
    rows = [
        Agreement(rule, because(rule), *(Shown.of(found[rule, direction]) for direction in (-1, 0, 1)))
        for rule in sorted(rules)
    ]
    return sorted(rows, key=lambda row: -row.overridden)


def judged(since: datetime) -> Iterator[tuple[Any, ...]]:
    """Level recommended, level chosen and reasons of each disposition that is about the answers of today."""
    made = "case__submission__recommendation__"
    about_these = (
        latest_dispositions(since).filter(**{f"{made}made_at__lte": F("at")}).exclude(recommended="")
    )
    rows = about_these.order_by("-pk").values_list("recommended", "level", f"{made}outcome__reasons")
    return rows[:MOST_JUDGED].iterator(BATCH)


def because(rule: str) -> str:
    """What the rule says to patients; its id where today's rule set has no such rule."""
    if rule == NO_RULE:
        return "No rule asks for more than outpatient care."
    known = {each.id: each for each in content.ruleset().rules}
    return str(LocalizedText(known[rule].because)) if rule in known else rule


# ---- pictures: of what is known, that is, of at least how many; the tables say the same

WIDTH = 600
LABELS = 150
ROW = 24
HEIGHT = 120


def scaled(size: float, largest: float, room: float) -> float:
    return round(size / largest * room, 1) if largest else 0


@dataclass(frozen=True)
class Mark:
    """A rectangle of a drawing."""

    x: float
    y: float
    width: float
    height: float
    kind: str = ""

    @property
    def text_y(self) -> float:
        """The line on which the words beside it stand."""
        return self.y + 13

    @property
    def end(self) -> float:
        """Where what follows it begins."""
        return round(self.x + self.width + 6, 1)


@dataclass(frozen=True)
class Columns:
    """A column for each line, side by side."""

    lines: list[Line]

    @property
    def marks(self) -> Iterator[Mark]:
        largest = max((line.count.at_least for line in self.lines), default=0)
        step = WIDTH / max(len(self.lines), 1)
        for number, line in enumerate(self.lines):
            height = scaled(line.count.at_least, largest, HEIGHT)
            yield Mark(round(number * step + 2, 1), HEIGHT - height, round(step - 4, 1), height)


@dataclass(frozen=True)
class Bars:
    """A bar for each line, one under the other."""

    lines: list[Line]

    @property
    def height(self) -> int:
        return ROW * len(self.lines)

    @property
    def marks(self) -> Iterator[tuple[Line, Mark]]:
        largest = max((line.count.at_least for line in self.lines), default=0)
        for number, line in enumerate(self.lines):
            width = scaled(line.count.at_least, largest, WIDTH - LABELS - 70)
            yield line, Mark(LABELS, number * ROW + 4, width, ROW - 8)


@dataclass(frozen=True)
class Stacks:
    """A bar for each rule: lower, same, higher, as parts of a whole."""

    lines: list[Agreement] = field(default_factory=list)

    @property
    def height(self) -> int:
        return ROW * len(self.lines)

    @property
    def marks(self) -> Iterator[tuple[Agreement, int, list[Mark]]]:
        for number, line in enumerate(self.lines):
            yield line, number * ROW + 17, list(self.parts(line, number * ROW + 4))

    def parts(self, line: Agreement, y: int) -> Iterable[Mark]:
        sizes = {name: getattr(line, name).at_least for name in ("lower", "same", "higher")}
        x = 260.0
        for kind, size in sizes.items():
            width = scaled(size, sum(sizes.values()), WIDTH - 260)
            yield Mark(round(x, 1), y, width, ROW - 8, kind)
            x += width
