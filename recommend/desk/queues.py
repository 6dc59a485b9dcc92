"""The four lists of the desk: To do, Mine, Waiting and Done; and words for what is overdue.

For each user, every case is on exactly one of To do, Waiting and Done; Mine shows their own cases of the first two. A
case is on Waiting until its next action is due; then it is on To do of its assignee. It is on To do of everybody
if it is unassigned or overdue, or if its assignee is away or may no longer work on cases. A stale case is on To do of
everybody at once. So no person is forgotten because a colleague is away.
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
from recommend.desk.staff.absence import present_workers

Viewer = AbstractBaseUser | AnonymousUser

COUNT_CAP = 1_000
"""Long lists are counted and paged only up to this number."""

BY_TIER = ("tier", "opened_at")
"""The order of long lists, for which there is an index."""

_CRISIS_SENT = Choose(
    When(unacknowledged_crisis(), then=F("opened_at")), default=None, output_field=DateTimeField()
)

WORK_ORDER: tuple[Any, ...] = (
    "tier",
    _CRISIS_SENT.desc(nulls_last=True),
    F("next_action_at").asc(nulls_last=True),
    "pk",
)
"""The order in which to work: by tier, and then by when the next action is due. In the tier Now, cases that nobody has
acknowledged come first, the newest on top, because their person may still be where they wrote from.
"""


def work_key(case: Case) -> tuple[Any, ...]:
    """Return a sort key by which cases sort as in ``WORK_ORDER``."""
    if case.is_unacknowledged_crisis:
        return case.tier, 0, -case.opened_at.timestamp(), case.pk
    due_at = case.next_action_at.timestamp() if case.next_action_at else inf
    return case.tier, 1, due_at, case.pk


def to_do(viewer: Viewer, now: datetime) -> Q:
    """Return a condition for the cases on To do of a user.

    That it has a next action is not repeated, because ``AT_DESK`` implies it if it is not stale. If it were,
    PostgreSQL would expect far fewer cases, and sort thousands of rows to show twenty.
    """
    stale = Q(stale_since__isnull=False)
    whose = Q(assignee=viewer.pk) | Q(assignee__isnull=True) | assignee_is_gone(now) | overdue(now)
    if is_lead(viewer):
        whose |= escalated(now)
    return AT_DESK & (stale | (due(now) & whose))


def assignee_is_gone(now: datetime) -> Q:
    """Return a condition for cases whose assignee is away or may no longer work on cases; also for unassigned ones."""
    return ~Q(assignee__in=present_workers(now).values("pk"))


def has_nobody_here(now: datetime) -> Q:
    """Return a condition for unassigned cases, and for due cases whose assignee is away or no longer works on cases."""
    return Q(assignee__isnull=True) | (due(now) & assignee_is_gone(now))


def is_lead(viewer: Viewer) -> bool:
    """Return whether the user is a clinical lead, who acts on escalated cases."""
    return cast(User, viewer).has_perm("desk.lead_case")


def for_the_lead(viewer: Viewer, now: datetime) -> Q:
    """Return a condition for escalated cases; for users who are not a lead, one that matches nothing."""
    return AT_DESK & escalated(now) if is_lead(viewer) else Q(pk__in=[])


def mine(viewer: Viewer, now: datetime) -> Q:
    return AT_DESK & Q(assignee=viewer.pk)


def waiting(viewer: Viewer, now: datetime) -> Q:
    """Return a condition for the open cases that are not on To do of a user: not due, or a colleague's."""
    return AT_DESK & ~to_do(viewer, now)


def done(viewer: Viewer, now: datetime) -> Q:
    """Return a condition for closed cases and placed ones without a question left, not stale; and for deleted ones."""
    is_settled = Q(stale_since__isnull=True, next_action_at__isnull=True)
    return Q(finished_at__isnull=False) & (is_settled | Q(erased_at__isnull=False))


QUEUES = {"todo": to_do, "mine": mine, "waiting": waiting, "done": done}
NAMES = {"todo": "To do", "mine": "Mine", "waiting": "Waiting", "done": "Done"}


def rows(condition: Q) -> QuerySet[Case]:
    """Return the cases that match a condition, in ``WORK_ORDER``, with their assignees."""
    return Case.objects.filter(condition).select_related("assignee__staff").order_by(*WORK_ORDER)


def next_to_do(viewer: Viewer, now: datetime, after: Case) -> Case | None:
    """Return the next case on To do: an unacknowledged urgent one if there is any, else any other; None if empty.

    It is the one that follows this case in the order of work, or the first one after the last, so that cases that the
    user skips do not come up again and again.

    Args:
        viewer: the user.
        now: the current time.
        after: the case that the user has worked on, as it was before saving.
    """
    others = [case for case in rows(to_do(viewer, now))[:COUNT_CAP] if case.pk != after.pk]
    unseen = [case for case in others if case.urgent and case.is_open and not case.is_acknowledged]
    pool = unseen or others
    below = [case for case in pool if work_key(case) > work_key(after)]
    return next(iter(below or pool), None)


# ---- counts


@dataclass(frozen=True)
class Length:
    """The length of a list, and since when its oldest case has waited (for Done, when its newest case was finished)."""

    key: str
    name: str
    count: int
    oldest: datetime | None

    @property
    def words(self) -> str:
        return in_words(self.count)


def in_words(count: int) -> str:
    """Return a count in words: exact up to ``COUNT_CAP``, then "1,000+"."""
    return f"{COUNT_CAP:,}+" if count > COUNT_CAP else f"{count:,}"


@dataclass(frozen=True)
class Counts:
    """Counts of cases on the lists of a user.

    Attributes:
        lengths: the lengths of the four lists.
        to_do: the number of cases on To do, keyed by tier; all tiers are there.
    """

    lengths: list[Length]
    to_do: dict[Tier, int]


def lengths(viewer: Viewer, now: datetime) -> list[Length]:
    """Return the lengths of the four lists of a user."""
    return counts(viewer, now).lengths


def counts(viewer: Viewer, now: datetime) -> Counts:
    """Count the lists of a user: To do, Mine and Waiting exactly, with one query; Done up to ``COUNT_CAP``.

    A stale finished case counts as waiting since it became stale, and not since it was sent.
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
    """A row of the query in :func:`counts`: cases with the same values of "on To do", "mine" and tier.

    Attributes:
        due: whether they are on To do.
        own: whether they are assigned to the user.
        tier: their tier.
        count: their number.
        sent: when the oldest open one was sent; None if none is open.
        stale: when the first finished one became stale; None if there is none.
    """

    due: bool
    own: bool
    tier: int
    count: int
    sent: datetime | None
    stale: datetime | None


def last_done(viewer: Viewer, now: datetime) -> list[datetime]:
    """Return when the cases on Done were finished, the newest first, at most one more than ``COUNT_CAP``."""
    finished = Case.objects.filter(done(viewer, now)).order_by("-finished_at")
    times = finished.values_list("finished_at", flat=True)[: COUNT_CAP + 1]
    return [each for each in times if each]


def truth_of(condition: Q) -> Coalesce:
    """Return an expression for a column that is True or False; a comparison with NULL gives False."""
    return Coalesce(ExpressionWrapper(condition, output_field=BooleanField()), Value(False))


class CappedPaginator(Paginator):
    """A paginator that counts only up to ``COUNT_CAP``, because counting a million cases would slow each page."""

    @cached_property
    def found(self) -> int:
        return cast(QuerySet[Case], self.object_list).order_by()[: COUNT_CAP + 1].count()

    @cached_property
    def count(self) -> int:
        return min(self.found, COUNT_CAP)

    @property
    def words(self) -> str:
        return in_words(self.found)


# ---- what is overdue


def late_marks(case: Case, now: datetime) -> list[str]:
    """Return in words why a case is overdue, such as "Late: no contact for 3 hours"; empty if it is not."""
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
    """Return the time from ``since`` to ``now`` in words, such as "3 hours"."""
    return timesince(since, now, depth=1).replace("\xa0", " ")
