"""The filters of the list of cases. Each has a few fixed choices, none of which names a person."""

from collections.abc import Iterable, Iterator
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from recommend.desk import queues
from recommend.desk.models import AT_DESK, DIFFERS, Case, CaseStatus, Tier
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


class StatusFilter(ChoiceFilter):
    title = "status"
    parameter_name = "status"
    offered = CaseStatus.choices

    def condition(self, request: HttpRequest, value: str | None) -> Q:
        return Q(status=value) if value else Q()


class LevelFilter(ChoiceFilter):
    title = "recommended"
    parameter_name = "level"
    offered = [*LevelOfCare.choices, ("none", "No recommendation (needs review)")]

    def condition(self, request: HttpRequest, value: str | None) -> Q:
        if value == "none":
            return Q(level="", erased_at__isnull=True)
        return Q(level=value) if value else Q()


class TierFilter(ChoiceFilter):
    title = "urgency"
    parameter_name = "tier"
    offered = [(str(tier.value), tier.label) for tier in Tier]

    def condition(self, request: HttpRequest, value: str | None) -> Q:
        return Q(tier=int(value)) if value else Q()


class ChosenFilter(ChoiceFilter):
    title = "chosen level"
    parameter_name = "chosen"
    offered = [("none", "None yet"), *LevelOfCare.choices]

    def condition(self, request: HttpRequest, value: str | None) -> Q:
        return Q(chosen="" if value == "none" else value) if value else Q()


class AssigneeFilter(ChoiceFilter):
    """Filter by assignee. "Unassigned" includes due cases of staff who are away."""

    title = "assigned to"
    parameter_name = "who"
    offered = [("me", "Me"), ("nobody", "Unassigned")]
    unasked = "Anyone"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        others = case_workers().order_by("username").values_list("pk", "username")
        own = request.user.pk
        return [*self.offered, *((str(pk), name) for pk, name in others if pk != own)]

    def value(self) -> str | None:
        value = admin.SimpleListFilter.value(self)
        return value if value in dict(self.lookup_choices) else None

    def condition(self, request: HttpRequest, value: str | None) -> Q:
        if value is None:
            return Q()
        whose = {"me": Q(assignee=request.user.pk), "nobody": queues.has_nobody_here(timezone.now())}
        return whose[value] if value in whose else Q(assignee=value)


class DiffersFilter(ChoiceFilter):
    title = "recommendation and chosen level"
    parameter_name = "differs"
    offered = [("1", "Differ")]

    def condition(self, request: HttpRequest, value: str | None) -> Q:
        return DIFFERS if value else Q()


class StaleFilter(ChoiceFilter):
    title = "stale"
    parameter_name = "stale"
    offered = [("1", "To be looked at again")]

    def condition(self, request: HttpRequest, value: str | None) -> Q:
        return Q(stale_since__isnull=False) if value else Q()


class FloodFilter(ChoiceFilter):
    """Filter by whether a case came with many others at once, so that a program may have sent it."""

    title = "many at once"
    parameter_name = "many"
    offered = [("1", "Many came at once"), ("0", "All others")]

    def condition(self, request: HttpRequest, value: str | None) -> Q:
        none = Q(flood="")
        return {"1": ~none, "0": none}.get(value or "", Q())


FILTERS = [
    QueueFilter,
    StatusFilter,
    LevelFilter,
    TierFilter,
    ChosenFilter,
    AssigneeFilter,
    DiffersFilter,
    StaleFilter,
    FloodFilter,
]
