"""The filters of the list of cases. Their choices are codes, such as those of levels, and ids of staff users."""

from collections.abc import Iterable, Iterator
from functools import reduce
from operator import or_
from typing import Any, ClassVar

from django.conf import settings
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import get_language_info

from recommend.desk import queues
from recommend.desk.dashboard.conditions import condition_of
from recommend.desk.models import (
    AT_DESK,
    DIFFERS,
    OPEN_STATUSES,
    Case,
    CaseStatus,
    Tier,
    overdue,
    unacknowledged,
)
from recommend.desk.staff.roles import case_workers
from recommend.levels.choices import LevelOfCare

Choices = list[tuple[str, Any]]


class ChoiceFilter(admin.SimpleListFilter):
    """Base class of filters with fixed choices. Other values in the URL are ignored.

    Attributes:
        offered: pairs of the value and label of each choice.
        unasked: the label for no choice.
    """

    offered: ClassVar[Choices]
    unasked = "Any"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return self.offered

    def value(self) -> str | None:
        value = super().value()
        return value if value in dict(self.offered) else None

    def choices(self, changelist: Any) -> Iterator[Any]:
        unasked, *others = super().choices(changelist)
        yield {**unasked, "display": self.unasked}
        yield from others

    def queryset(self, request: HttpRequest, queryset: QuerySet[Case]) -> QuerySet[Case]:
        return queryset.filter(self.condition(request, self.value()))

    def condition(self, request: HttpRequest, value: str | None) -> Q:
        """Return the condition of a choice. ``value`` is None if there is none."""
        raise NotImplementedError


class ManyFilter(ChoiceFilter):
    """Base class of filters of which several choices can be chosen; a case that fits one of them is listed.

    In the URL they are separated by commas, as in ``?level=iop,php``, so that an address can be passed on.
    """

    def values(self) -> list[str]:
        """Return the chosen values in the order in which they are offered."""
        asked = (admin.SimpleListFilter.value(self) or "").split(",")
        return [value for value, _label in self.lookup_choices if value in asked]

    def value(self) -> str | None:
        return ",".join(self.values()) or None

    def choices(self, changelist: Any) -> Iterator[Any]:
        """Yield a link for no choice, and one for each choice that adds it or takes it out."""
        chosen = self.values()
        none = changelist.get_query_string(remove=[self.parameter_name])
        yield {"selected": not chosen, "query_string": none, "display": self.unasked}
        for value, label in self.lookup_choices:
            after = [each for each, _label in self.lookup_choices if (each in chosen) != (each == value)]
            with_it = {self.parameter_name: ",".join(after) or None}
            link = changelist.get_query_string(with_it)
            yield {"selected": value in chosen, "query_string": link, "display": label}

    def queryset(self, request: HttpRequest, queryset: QuerySet[Case]) -> QuerySet[Case]:
        conditions = [self.condition(request, value) for value in self.values()]
        return queryset.filter(reduce(or_, conditions)) if conditions else queryset


class OfferedFilters(admin.ModelAdmin):
    """Base class of admin lists that accept no other query parameters than those of their filters.

    Django's admin accepts conditions on many columns in the URL. With these, a user could guess a password's hash
    letter by letter, and values that the database cannot compare would raise errors.
    """

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        return any(lookup in parameters_of(each) for each in self.get_list_filter(request))


def parameters_of(offered: Any) -> Iterable[str]:
    """Return the query parameters of a filter.

    Args:
        offered: an item of ``list_filter``: the name of a field, or a class.
    """
    if isinstance(offered, str):
        return [f"{offered}__{end}" for end in ("exact", "id__exact", "isnull")]
    return getattr(offered, "parameters", (getattr(offered, "parameter_name", ""),))


class QueueFilter(ChoiceFilter):
    """Filter by one of the four lists, escalated or all cases; without a choice, open and stale cases."""

    title = "list"
    parameter_name = "list"
    offered = [*queues.NAMES.items(), ("escalated", "Escalated"), ("all", "All")]
    unasked = "At the desk"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        lead = queues.is_lead(request.user)
        return [each for each in self.offered if lead or each[0] != "escalated"]

    def condition(self, request: HttpRequest, value: str | None) -> Q:
        if value == "escalated":
            return queues.for_the_lead(request.user, timezone.now())
        if value in queues.QUEUES:
            return queues.QUEUES[value](request.user, timezone.now())
        return Q() if value else AT_DESK


class StatusFilter(ManyFilter):
    title = "status"
    parameter_name = "status"
    offered = CaseStatus.choices

    def condition(self, request: HttpRequest, value: str | None) -> Q:
        return Q(status=value)


class LevelFilter(ManyFilter):
    title = "recommended"
    parameter_name = "level"
    offered = [*LevelOfCare.choices, ("none", "No recommendation (needs review)")]

    def condition(self, request: HttpRequest, value: str | None) -> Q:
        if value == "none":
            return Q(level="", erased_at__isnull=True)
        return Q(level=value)


class TierFilter(ManyFilter):
    title = "urgency"
    parameter_name = "tier"
    offered = [(str(tier.value), tier.label) for tier in Tier]

    def condition(self, request: HttpRequest, value: str | None) -> Q:
        return Q(tier=int(value or 0))


class ChosenFilter(ManyFilter):
    title = "chosen level"
    parameter_name = "chosen"
    offered = [("none", "None yet"), *LevelOfCare.choices]

    def condition(self, request: HttpRequest, value: str | None) -> Q:
        return Q(chosen="" if value == "none" else value)


class AssigneeFilter(ManyFilter):
    """Filter by assignee. "Unassigned" includes due cases of staff who are away."""

    title = "assigned to"
    parameter_name = "who"
    offered = [("me", "Me"), ("nobody", "Unassigned")]
    unasked = "Anyone"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        others = case_workers().order_by("username").values_list("pk", "username")
        own = request.user.pk
        return [*self.offered, *((str(pk), name) for pk, name in others if pk != own)]

    def condition(self, request: HttpRequest, value: str | None) -> Q:
        whose = {"me": Q(assignee=request.user.pk), "nobody": queues.has_nobody_here(timezone.now())}
        return whose[value] if value in whose else Q(assignee=value)


class LanguageFilter(ManyFilter):
    title = "language"
    parameter_name = "language"
    offered = [(code, str(get_language_info(code)["name"])) for code, _name in settings.LANGUAGES]

    def condition(self, request: HttpRequest, value: str | None) -> Q:
        return Q(language=value)


class AttentionFilter(ManyFilter):
    """Filter by why a case needs a second look."""

    title = "attention"
    parameter_name = "attention"
    offered = [
        ("late", "Late"),
        ("new", "Not acknowledged"),
        ("stale", "To be looked at again"),
        ("differs", "Recommended and chosen level differ"),
        ("away", "Assigned to somebody away"),
    ]

    def condition(self, request: HttpRequest, value: str | None) -> Q:
        now = timezone.now()
        is_open = Q(status__in=OPEN_STATUSES)
        return {
            "late": is_open & overdue(now),
            "new": is_open & unacknowledged(),
            "stale": Q(stale_since__isnull=False),
            "differs": DIFFERS,
            "away": is_open & Q(assignee__isnull=False) & queues.assignee_is_gone(now),
        }[value or ""]


class FloodFilter(ChoiceFilter):
    """Filter by whether a case came with many others at once, so that a program may have sent it."""

    title = "many at once"
    parameter_name = "many"
    offered = [("1", "Many came at once"), ("0", "All others")]

    def condition(self, request: HttpRequest, value: str | None) -> Q:
        none = Q(flood="")
        return {"1": ~none, "0": none}.get(value or "", Q())


class FigureFilter(ChoiceFilter):
    """Filter by a number of the dashboard, which links here. It is shown as a chip only while it is set."""

    title = "dashboard"
    parameter_name = "figure"
    offered: ClassVar[Choices] = []

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        name = self.used_parameters.get(self.parameter_name, "")
        known = (
            request.user.has_perm("desk.view_dashboard") and condition_of(name, timezone.now()) is not None
        )
        return [(name, "Cases behind a number")] if known else []

    def value(self) -> str | None:
        return next((name for name, _label in self.lookup_choices), None)

    def condition(self, request: HttpRequest, value: str | None) -> Q:
        return (condition_of(value, timezone.now()) if value else None) or Q()


FILTERS = [
    QueueFilter,
    StatusFilter,
    LevelFilter,
    TierFilter,
    ChosenFilter,
    AssigneeFilter,
    LanguageFilter,
    AttentionFilter,
    FloodFilter,
    FigureFilter,
]
