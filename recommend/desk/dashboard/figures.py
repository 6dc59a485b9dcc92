"""The figures of the dashboard. All counts of cases are masked (masking.py); no exact count is returned."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, DurationField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet
from django.db.models.functions import TruncDate
from django.utils import timezone
from django.utils.timesince import timesince

from carenav.plumbing.i18n.localized_text import LocalizedText
from intake.models import Submission
from recommend import content
from recommend.desk.dashboard.masking import STEP, MaskedCount
from recommend.desk.models import OPEN_STATUSES, Case, Disposition
from recommend.engine import Level
from recommend.levels.choices import LevelOfCare
from recommend.result.stored_snapshot import rules_in

BATCH = 2_000
MAX_DISPOSITIONS = 20_000
"""How many of the newest dispositions are compared rule by rule. Reading the reasons of so many takes 1.6 s."""
ARRIVAL_DAYS = 30
AGES = (
    ("less than a day", timedelta(0), timedelta(days=1)),
    ("1 to 3 days", timedelta(days=1), timedelta(days=3)),
    ("3 to 7 days", timedelta(days=3), timedelta(days=7)),
    ("7 to 30 days", timedelta(days=7), timedelta(days=30)),
    ("30 days and more", timedelta(days=30), timedelta(days=100 * 365)),
)
NO_LEVEL = "No level"
NO_RULE = ""
"""Used in place of the id of a rule if no rule asked for more than outpatient care."""


@dataclass(frozen=True)
class Figure:
    """A masked count with a label."""

    label: str
    count: MaskedCount


def arrivals(now: datetime) -> list[Figure]:
    """Count the first submissions of each of the last ``ARRIVAL_DAYS`` days, today last.

    Submissions that replace an earlier one are not counted. Days are those of the clinic's time zone.

    Args:
        now: the current time.
    """
    today = timezone.localdate(now)
    first = today - timedelta(days=ARRIVAL_DAYS - 1)
    start = timezone.make_aware(datetime.combine(first, datetime.min.time()))
    found: Counter[date] = Counter()
    sent = Submission.objects.filter(replaces__isnull=True, sent_at__gte=start)
    found.update(dict(sent.annotate(day=TruncDate("sent_at")).values_list("day").annotate(Count("pk"))))
    days = (first + timedelta(days=number) for number in range(ARRIVAL_DAYS))
    return [Figure(f"{day:%b} {day.day}", MaskedCount.of(found[day])) for day in days]


@dataclass(frozen=True)
class FirstContactTimes:
    """How long people waited until the desk reached them or left a message.

    Attributes:
        label: which cases, such as "Urgent".
        contacted: the number of cases with a first contact.
        median: the time within which half of them had it, such as "3 hours"; "–" if there are too few.
        p90: the time within which nine of ten had it; "–" if there are too few.
        without: the number of open cases that still wait for a first contact; they do not count in the times.
    """

    label: str
    contacted: MaskedCount
    median: str
    p90: str
    without: MaskedCount


def first_contact(since: datetime) -> list[FirstContactTimes]:
    """Return the times until first contact for urgent and for other cases that were opened since then."""
    return [
        first_contact_times("Urgent", since, urgent=True),
        first_contact_times("Others", since, urgent=False),
    ]


def first_contact_times(label: str, since: datetime, urgent: bool) -> FirstContactTimes:
    """Return the times until first contact for urgent or for other cases.

    Args:
        label: the label on the page.
        since: cases opened earlier are left out.
        urgent: whether to return the times of urgent cases.
    """
    cases = Case.objects.filter(opened_at__gte=since, urgent=urgent, erased_at__isnull=True)
    without = cases.filter(first_contact_at__isnull=True, status__in=OPEN_STATUSES).count()
    took = ExpressionWrapper(F("first_contact_at") - F("opened_at"), DurationField())
    contacted = cases.filter(first_contact_at__gte=F("opened_at")).annotate(took=took).order_by("took")
    count = contacted.count()
    durations = contacted.values_list("took", flat=True)
    return FirstContactTimes(
        label,
        MaskedCount.of(count),
        duration_text(durations[(count - 1) // 2]) if count >= STEP else "–",
        duration_text(durations[(count * 9 - 1) // 10]) if count >= 2 * STEP else "–",
        MaskedCount.of(without),
    )


def duration_text(duration: timedelta) -> str:
    """Return a duration in words, in its largest unit, such as "3 hours"."""
    now = timezone.now()
    return timesince(now - duration, now, depth=1).replace("\xa0", " ")


def open_by_age(now: datetime) -> list[Figure]:
    """Count open cases by how long ago they were opened, for each range in ``AGES``."""
    ages = {
        f"age_{number}": Count("pk", filter=Q(opened_at__lte=now - low, opened_at__gt=now - high))
        for number, (_, low, high) in enumerate(AGES)
    }
    found = Case.objects.filter(status__in=OPEN_STATUSES).aggregate(**ages)
    return [
        Figure(label, MaskedCount.of(found[f"age_{number}"])) for number, (label, _, _) in enumerate(AGES)
    ]


def levels(since: datetime) -> list[Figure]:
    """Count cases opened since then by recommended level."""
    cases = Case.objects.filter(opened_at__gte=since, erased_at__isnull=True)
    found = Counter(dict(cases.values_list("level").annotate(Count("pk")).order_by()))
    return [Figure(label, MaskedCount.of(found[level])) for level, label in level_labels()]


def level_labels() -> list[tuple[str, str]]:
    """Return pairs of value and label for each level and, last, for no level ("")."""
    return [*((level.value, str(level.label)) for level in LevelOfCare), ("", NO_LEVEL)]


# ---- comparing recommended and chosen levels


def latest_dispositions(since: datetime) -> QuerySet[Disposition]:
    """Return the latest disposition of each case, if it was made since then."""
    later = Disposition.objects.filter(case=OuterRef("case"), pk__gt=OuterRef("pk"))
    return Disposition.objects.filter(~Exists(later), at__gte=since, case__erased_at__isnull=True)


@dataclass(frozen=True)
class ChosenLevels:
    """How often each level was chosen for cases with one recommended level.

    Attributes:
        label: the label of the recommended level.
        chosen: the counts, in the order of ``LevelOfCare``.
    """

    label: str
    chosen: list[MaskedCount]


def matrix(since: datetime) -> list[ChosenLevels]:
    """Return the cross table of recommended levels (rows) and chosen levels (columns) since then."""
    pairs = latest_dispositions(since).values_list("recommended", "level").order_by()
    found: Counter[tuple[str, str]] = Counter()
    for recommended, level, count in pairs.annotate(Count("pk")):
        found[recommended, level] = count
    return [
        ChosenLevels(label, [MaskedCount.of(found[recommended, level]) for level in LevelOfCare])
        for recommended, label in level_labels()
    ]


@dataclass(frozen=True)
class Agreement:
    """How often the team chose a lower, the same or a higher level for cases that one rule decided.

    Attributes:
        rule: the id of the rule; ``NO_RULE`` if no rule asked for more than outpatient care.
        because: the rule's explanation for patients.
    """

    rule: str
    because: str
    lower: MaskedCount
    same: MaskedCount
    higher: MaskedCount

    @property
    def overridden(self) -> int:
        """How often another level was chosen; a lower bound, as the counts are masked."""
        return self.lower.at_least + self.higher.at_least


def agreement_by_rule(since: datetime) -> list[Agreement]:
    """Compare chosen and recommended levels for each rule that decided cases, the most overridden rules first.

    A case that several rules decided is counted for each of them.
    """
    found: Counter[tuple[str, int]] = Counter()
    for recommended, level, reasons in comparable_dispositions(since):
        direction = (Level.of(level) > Level.of(recommended)) - (Level.of(level) < Level.of(recommended))
        for rule in rules_in(reasons) or {NO_RULE}:
            found[rule, direction] += 1
    rules = {rule for rule, _ in found}
    rows = [
        Agreement(rule, because(rule), *(MaskedCount.of(found[rule, direction]) for direction in (-1, 0, 1)))
        for rule in sorted(rules)
    ]
    return sorted(rows, key=lambda row: -row.overridden)


def comparable_dispositions(since: datetime) -> Iterator[tuple[str, str, object]]:
    """Yield the recommended level, the chosen level and the stored reasons of the newest dispositions.

    Dispositions made before the person's current answers are left out.
    """
    made = "case__submission__recommendation__"
    about_these = (
        latest_dispositions(since).filter(**{f"{made}made_at__lte": F("at")}).exclude(recommended="")
    )
    rows = about_these.order_by("-pk").values_list("recommended", "level", f"{made}outcome__reasons")
    return rows[:MAX_DISPOSITIONS].iterator(BATCH)


def because(rule: str) -> str:
    """Return a rule's explanation for patients, or its id if today's rule set does not have it."""
    if rule == NO_RULE:
        return "No rule asks for more than outpatient care."
    known = {each.id: each for each in content.ruleset().rules}
    return str(LocalizedText(known[rule].because)) if rule in known else rule
