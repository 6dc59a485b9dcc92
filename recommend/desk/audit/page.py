"""The read-only pages of the access log, for the clinical lead. Opening them is recorded too."""

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
    """Return the name and value of each query parameter that belongs to another filter or to the search.

    The form of a filter repeats them as hidden fields, so that they stay in effect.
    """
    others = changelist.get_filters_params()
    kept = [
        (key, value)
        for key, values in others.items()
        if key not in own.expected_parameters()
        for value in values
    ]
    return kept + ([("q", changelist.query)] if changelist.query else [])


class PersonFilter(admin.SimpleListFilter):
    """A filter by staff user, shown as a ``select``. Inactive users are included, as accounts are never deleted."""

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
        """Return the id of the chosen user, or ``NOBODY``; None if none or an unknown one is chosen."""
        value = super().value()
        return value if value in dict(self.lookup_choices) else None

    def choices(self, changelist: Any) -> Iterator[Any]:
        """Yield the template context, with the search term that finds the chosen user's sign-in events."""
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
    """A filter by first and last day, both included. An invalid day is ignored."""

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
    """Return a date from its ISO form, such as "2026-11-30"; None for other texts and years outside 2000 to 2199."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 2000 <= day.year < 2200 else None


def midnight(day: date) -> datetime:
    """Return the start of a day in the clinic's time zone."""
    return timezone.make_aware(datetime.combine(day, time()))


class ReadOnlyLog(OfferedFilters):
    """Base class of a read-only log, newest first, without pages for single rows and without a full count."""

    list_display_links = None
    list_per_page = 100
    list_max_show_all = 0
    sortable_by = ()
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    paginator = CappedPaginator  # the filter by day finds rows beyond its limit
    actions = None
    change_list_template = "admin/desk/accessevent/change_list.html"
    heading: Any

    class Media:
        css = {"all": ["staff/desk.css"]}

    def get_urls(self) -> list[URLPattern]:
        """Return only the URL of the list, without the admin's pages to add, change or delete a row."""
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
    """The list of access events, with a search for the full reference of a case or a staff user's full username."""

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
        """Search by user if there is one with this name, else by reference.

        Each uses its own index; a query with both would scan the entire log.
        """
        if not search_term:
            return queryset, False
        who = get_user_model().objects.filter(username=search_term).first()
        if who:
            return queryset.filter(who=who), False
        return queryset.filter(what__in=recorder.audit_keys(search_term)), False


@admin.register(StrangerEvent)
class StrangerEventAdmin(ReadOnlyLog):
    """The list of refused or failed requests of visitors without a session, counted by hour."""

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
