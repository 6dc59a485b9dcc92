"""The four lists of the desk, and what is overdue.

Every case is on exactly one of To do, Waiting and Done, as one member of the team sees it; Mine is a view across
the first two. An open case waits until its next action is due, then it is to do for whoever has it. What nobody has,
what somebody has who may not work on it any more, what is late and what is stale is to do for everybody: nobody is
forgotten because a colleague is away.
"""

from dataclasses import dataclass
from datetime import datetime
from math import inf
from typing import Any, cast

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, User
from django.core.paginator import Paginator
from django.db.models import (
    BooleanField,
    Count,
    DateTimeField,
    ExpressionWrapper,
    F,
    Min,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models import Case as Choose
from django.db.models.functions import Coalesce
from django.utils.functional import cached_property
from django.utils.timesince import timesince

from recommend.desk.models import (
    AT_DESK,
    Case,
    NextAction,
    Tier,
    due,
    escalated,
    overdue,
    unacknowledged_crisis,
)
from recommend.desk.staff.roles import case_workers

Viewer = AbstractBaseUser | AnonymousUser

COUNT_CAP = 1_000
"""Long lists are counted as far as this; nobody pages further than that, either."""

BY_TIER = ("tier", "opened_at")
"""The order of long lists: an index has it."""

_CRISIS_SENT = Choose(
    When(unacknowledged_crisis(), then=F("opened_at")), default=None, output_field=DateTimeField()
)

WORK_ORDER: tuple[Any, ...] = (
    "tier",
    _CRISIS_SENT.desc(nulls_last=True),
    F("next_action_at").asc(nulls_last=True),
    "pk",
)
"""The order in which to work: by tier, and by when the next action is due. In the first tier a crisis that nobody has
acknowledged comes first, the newest on top: its person may still be where they wrote from.
"""


def work_key(case: Case) -> tuple[Any, ...]:
    """Return the place of a case in that order."""
    if case.is_unacknowledged_crisis:
        return case.tier, 0, -case.opened_at.timestamp(), case.pk
    due_at = case.next_action_at.timestamp() if case.next_action_at else inf
    return case.tier, 1, due_at, case.pk


def to_do(viewer: Viewer, now: datetime) -> Q:
    """Match cases on which somebody must act now, and the viewer may.

    What is at the desk is open or stale, and stale is enough: so that it is open is not asked once more. Asked twice,
    PostgreSQL takes it for two chances, expects a handful of cases, and sorts thousands to show twenty.
    """
    stale = Q(stale_since__isnull=False)
    nobody_has_it = Q(assignee__isnull=True) | ~Q(assignee__in=case_workers().values("pk"))
    whose = Q(assignee=viewer.pk) | nobody_has_it | overdue(now)
    if is_lead(viewer):
        whose |= escalated(now)
    return AT_DESK & (stale | (due(now) & whose))


def is_lead(viewer: Viewer) -> bool:
    """Return whether escalated cases are theirs to see to."""
    return cast(User, viewer).has_perm("desk.lead_case")


def for_the_lead(viewer: Viewer, now: datetime) -> Q:
    """Match escalated cases, for a lead; nothing for others."""
    return AT_DESK & escalated(now) if is_lead(viewer) else Q(pk__in=[])


def mine(viewer: Viewer, now: datetime) -> Q:
    return AT_DESK & Q(assignee=viewer.pk)


def waiting(viewer: Viewer, now: datetime) -> Q:
    """Match cases with nothing due, and those that a colleague is to work on."""
    return AT_DESK & ~to_do(viewer, now)


def done(viewer: Viewer, now: datetime) -> Q:
    """Match cases that are placed or closed and not stale, and deleted ones."""
    return Q(finished_at__isnull=False) & (Q(stale_since__isnull=True) | Q(erased_at__isnull=False))


QUEUES = {"todo": to_do, "mine": mine, "waiting": waiting, "done": done}
NAMES = {"todo": "To do", "mine": "Mine", "waiting": "Waiting", "done": "Done"}


def rows(condition: Q) -> QuerySet[Case]:
    """Return cases as a list shows them, in the order in which to work. Loads no answers."""
    return Case.objects.filter(condition).select_related("assignee").order_by(*WORK_ORDER)


def next_to_do(viewer: Viewer, now: datetime, after: Case) -> Case | None:
    """Return the next case to work on: an urgent unacknowledged one, or any other.

    Takes the case after this one in the list, and the first again after the last, so that cases that were left as they
    are do not come up again and again.

    Args:
        viewer: who works.
        now: the time.
        after: the case as it was before anything was saved.
    """
    others = [case for case in rows(to_do(viewer, now))[:COUNT_CAP] if case.pk != after.pk]
    unseen = [case for case in others if case.urgent and case.is_open and not case.is_acknowledged]
    pool = unseen or others
    below = [case for case in pool if work_key(case) > work_key(after)]
    return next(iter(below or pool), None)


# ---- counts


@dataclass(frozen=True)
class Length:
    """How long a list is, and since when its oldest case waits."""

    key: str
    name: str
    count: int
    oldest: datetime | None

    @property
    def words(self) -> str:
        return in_words(self.count)


def in_words(count: int) -> str:
    """Format a count: exact up to COUNT_CAP, then "1,000+"."""
    return f"{COUNT_CAP:,}+" if count > COUNT_CAP else f"{count:,}"


@dataclass(frozen=True)
class Counts:
    """How long the four lists are, and how many cases of To do are in each tier.

    Attributes:
        lengths: of the four lists.
        to_do: cases on To do by tier; a tier without any is 0.
    """

    lengths: list[Length]
    to_do: dict[Tier, int]


def lengths(viewer: Viewer, now: datetime) -> list[Length]:
    """Count the four lists."""
    return counts(viewer, now).lengths


def counts(viewer: Viewer, now: datetime) -> Counts:
    """Count the open lists exactly, in one query; Done up to COUNT_CAP, with its newest case.

    A stale finished case waits from when it became stale, not from when it was sent.
    """
    is_done = Q(finished_at__isnull=False)
    groups = (
        Case.objects.filter(AT_DESK)
        .annotate(due=truth_of(to_do(viewer, now)), own=truth_of(mine(viewer, now)))
        .values_list("due", "own", "tier")
        .annotate(
            count=Count("pk"),
            sent=Min("opened_at", filter=~is_done),
            stale=Min("stale_since", filter=is_done),
        )
    )
    found = [Group(*group) for group in groups.order_by()]

    def length(key: str, *kinds: tuple[bool, bool]) -> Length:
        counted = [group for group in found if (group.due, group.own) in kinds]
        oldest = min((each for group in counted for each in (group.sent, group.stale) if each), default=None)
        return Length(key, NAMES[key], sum(group.count for group in counted), oldest)

    last = last_done(viewer, now)
    open_lists = [
        length("todo", (True, False), (True, True)),
        length("mine", (True, True), (False, True)),
        length("waiting", (False, False), (False, True)),
    ]
    return Counts(
        [*open_lists, Length("done", NAMES["done"], len(last), last[0] if last else None)],
        {tier: sum(each.count for each in found if each.due and each.tier == tier) for tier in Tier},
    )


@dataclass(frozen=True)
class Group:
    """Cases at the desk that are alike: whether they are to do, whether they are mine, and their tier."""

    due: bool
    own: bool
    tier: int
    count: int
    sent: datetime | None
    stale: datetime | None


def last_done(viewer: Viewer, now: datetime) -> list[datetime]:
    """Return when the cases on Done were finished, the newest first and as many as are counted."""
    finished = Case.objects.filter(done(viewer, now)).order_by("-finished_at")
    times = finished.values_list("finished_at", flat=True)[: COUNT_CAP + 1]
    return [each for each in times if each]


def truth_of(condition: Q) -> Coalesce:
    """Turn a condition into a True/False column; a comparison with NULL is False."""
    return Coalesce(ExpressionWrapper(condition, output_field=BooleanField()), Value(False))


class CappedPaginator(Paginator):
    """A paginator that counts up to COUNT_CAP: counting a million cases would slow every page."""

    @cached_property
    def found(self) -> int:
        return cast(QuerySet[Case], self.object_list).order_by()[: COUNT_CAP + 1].count()

    @cached_property
    def count(self) -> int:
        return min(self.found, COUNT_CAP)

    @property
    def words(self) -> str:
        return in_words(self.found)


# ---- late


def late_marks(case: Case, now: datetime) -> list[str]:
    """Say what makes a case overdue, in words that match the conditions above."""
    marks = []
    if case.is_acknowledgement_overdue(now):
        marks.append(f"Late: not acknowledged for {age(case.opened_at, now)}")
    if case.is_first_contact_overdue(now):
        marks.append(f"Late: no contact for {age(case.opened_at, now)}")
    elif case.next_action_at and case.is_next_action_overdue(now):
        action = NextAction(case.next_action).label.lower()
        marks.append(f"Late: {action} was due {age(case.next_action_at, now)} ago")
    return marks


def age(since: datetime, now: datetime) -> str:
    """Return how long ago, in words: "3 hours"."""
    return timesince(since, now, depth=1).replace("\xa0", " ")
