"""The access log, read-only, for the clinical lead. Opening it is recorded too."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from recommend.desk.audit import recorder
from recommend.desk.models import AccessEvent, StrangerEvent
from recommend.desk.pages.filters import OfferedFilters
from recommend.desk.pages.list_rows import named
from recommend.desk.queues import CappedPaginator


def other_parameters(changelist: Any, own: admin.ListFilter) -> list[tuple[str, str]]:
    """Return the query parameters that the form of a filter must keep: the other filters and the search term."""
    others = changelist.get_filters_params()
    kept = [
        (key, value)
        for key, values in others.items()
        if key not in own.expected_parameters()
        for value in values
    ]
    return kept + ([("q", changelist.query)] if changelist.query else [])


class PersonFilter(admin.SimpleListFilter):
    """Filter by staff user, inactive ones included: accounts are never deleted.

    A plain select works without scripts, and there are only dozens of users.
    """

    title = _("person")
    parameter_name = "who"
    template = "staff/parts/person_filter.html"
    NOBODY = "nobody"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        people = get_user_model().objects.order_by("username").values_list("pk", "username", "is_active")
        return [
            (self.NOBODY, _("Nobody who was signed in")),
            *((str(pk), named(name, active)) for pk, name, active in people),
        ]

    def value(self) -> str | None:
        """Return the chosen user, None for an unknown one."""
        value = super().value()
        return value if value in dict(self.lookup_choices) else None

    def choices(self, changelist: Any) -> Iterator[Any]:
        """Yield the context of the form, with the search term that finds the sign-in events of the chosen user."""
        chosen = self.value()
        sign_in_term = f"user {chosen}" if chosen and chosen != self.NOBODY else ""
        yield {
            "people": self.lookup_choices,
            "chosen": chosen,
            "sign_in_term": sign_in_term,
            "kept": other_parameters(changelist, self),
        }

    def queryset(self, request: HttpRequest, queryset: QuerySet[AccessEvent]) -> QuerySet[AccessEvent]:
        value = self.value()
        if value == self.NOBODY:
            return queryset.filter(who__isnull=True)
        return queryset.filter(who=int(value)) if value else queryset


class DayFilter(admin.ListFilter):
    """Filter from one day to another, both included. An invalid day is ignored."""

    title = _("day")
    template = "staff/parts/day_filter.html"
    parameters = ("from", "to")

    def __init__(self, request: HttpRequest, params: dict[str, Any], model: Any, model_admin: Any) -> None:
        super().__init__(request, params, model, model_admin)
        given = {name: (params.pop(name, None) or [""])[-1] for name in self.parameters}
        self.days = {name: day_of(text) for name, text in given.items()}

    def expected_parameters(self) -> list[str | None]:
        return list(self.parameters)

    def has_output(self) -> bool:
        return True

    def choices(self, changelist: Any) -> Iterator[Any]:
        yield {"days": self.days, "kept": other_parameters(changelist, self)}

    def queryset(self, request: HttpRequest, queryset: QuerySet[AccessEvent]) -> QuerySet[AccessEvent]:
        if first := self.days["from"]:
            queryset = queryset.filter(at__gte=midnight(first))
        if last := self.days["to"]:
            queryset = queryset.filter(at__lt=midnight(last + timedelta(days=1)))
        return queryset


def day_of(text: str) -> date | None:
    """Parse an ISO date between 2000 and 2199; None for anything else."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 2000 <= day.year < 2200 else None


def midnight(day: date) -> datetime:
    """Return the start of a day in the clinic's timezone."""
    return timezone.make_aware(datetime.combine(day, time()))


class ReadOnlyLog(OfferedFilters):
    """A log to read: newest first, without pages for single rows and without counting to the end."""

    list_display_links = None
    list_per_page = 100
    list_max_show_all = 0
    sortable_by = ()
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    paginator = CappedPaginator  # rows beyond its limit are found by day
    actions = None
    change_list_template = "admin/desk/accessevent/change_list.html"
    heading: Any

    class Media:
        css = {"all": ["staff/desk.css"]}

    def get_urls(self) -> list[URLPattern]:
        """Keep only the list: no row has a page to add, change or delete it."""
        return [url for url in super().get_urls() if (url.name or "").endswith("_changelist")]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        recorder.record(request, recorder.Verb.AUDIT_READ)
        return super().changelist_view(request, {"title": self.heading, **(extra_context or {})})


@admin.register(AccessEvent)
class AccessEventAdmin(ReadOnlyLog):
    """List access events; search by the full reference of a case or the full username of a staff user."""

    heading = _("Who looked at what")
    list_display = ["at", "who", "verb", "what", "address", "number"]
    list_filter = [PersonFilter, "verb", DayFilter]
    list_select_related = ["who"]
    ordering = ["-number"]
    search_fields = ["what"]  # shows the search box; get_search_results does the work
    search_help_text = _("The full reference of a case, or the full username of a staff user")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[AccessEvent], search_term: str
    ) -> tuple[QuerySet[AccessEvent], bool]:
        """Search by user or by reference, each with its index; an OR of both would scan the whole log."""
        if not search_term:
            return queryset, False
        who = get_user_model().objects.filter(username=search_term).first()
        if who:
            return queryset.filter(who=who), False
        return queryset.filter(what__in=recorder.audit_keys(search_term)), False


@admin.register(StrangerEvent)
class StrangerEventAdmin(ReadOnlyLog):
    """List what visitors without a session were refused or failed at, by the hour."""

    heading = _("Visits without a session")
    list_display = ["at", "verb", "what", "address", "count"]
    list_filter = ["verb", DayFilter]
    ordering = ["-pk"]
    search_fields = ["what"]
    search_help_text = _("A network address, or a user by number, such as: user 12")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[StrangerEvent], search_term: str
    ) -> tuple[QuerySet[StrangerEvent], bool]:
        found = Q(what=search_term) | Q(address=search_term)
        return queryset.filter(found) if search_term else queryset, False
