"""The page of the clinical lead: who looked at what. It is read only, and reading it is recorded too."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import URLPattern
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from recommend.desk.audit import recorder
from recommend.desk.models import AccessEvent
from recommend.desk.pages.filters import OfferedFilters
from recommend.desk.pages.list_rows import named

SHOWN = 1000
"""So many rows can be paged through; whoever looks further back gives a day."""


class LatestOnly(Paginator):
    """Never counts a million rows."""

    @cached_property
    def count(self) -> int:
        return self.object_list.order_by()[:SHOWN].count()


def kept_beside(changelist: Any, own: admin.ListFilter) -> list[tuple[str, str]]:
    """What the form of a filter must send along: the other filters, and what was searched for."""
    others = changelist.get_filters_params()
    kept = [
        (key, value)
        for key, values in others.items()
        if key not in own.expected_parameters()
        for value in values
    ]
    return kept + ([("q", changelist.query)] if changelist.query else [])


class PersonFilter(admin.SimpleListFilter):
    """Whose entries. Every account is offered, also one that is not active any more: none is ever deleted.

    A plain select needs no script, and people are some dozens: an administrator adds them one by one.
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
        """What is nobody of them is ignored, as if it had been left out."""
        value = super().value()
        return value if value in dict(self.lookup_choices) else None

    def choices(self, changelist: Any) -> Iterator[dict[str, Any]]:
        """What the form shows, and by what to find what happened at the door to whoever is chosen."""
        chosen = self.value()
        at_the_door = f"user {chosen}" if chosen and chosen != self.NOBODY else ""
        yield {
            "people": self.lookup_choices,
            "chosen": chosen,
            "at_the_door": at_the_door,
            "kept": kept_beside(changelist, self),
        }

    def queryset(self, request: HttpRequest, queryset: QuerySet[AccessEvent]) -> QuerySet[AccessEvent]:
        value = self.value()
        if value == self.NOBODY:
            return queryset.filter(who__isnull=True)
        return queryset.filter(who=value) if value else queryset


class DayFilter(admin.ListFilter):
    """From one day to another, both included. What is no day is ignored, as if it had been left out."""

    title = _("day")
    template = "staff/parts/day_filter.html"
    parameters = ("from", "to")

    def __init__(self, request: HttpRequest, params: dict[str, Any], model: Any, model_admin: Any) -> None:
        super().__init__(request, params, model, model_admin)
        given = {name: (params.pop(name, None) or [""])[-1] for name in self.parameters}
        self.days = {name: day_of(text) for name, text in given.items()}

    def expected_parameters(self) -> list[str]:
        return list(self.parameters)

    def has_output(self) -> bool:
        return True

    def choices(self, changelist: Any) -> Iterator[dict[str, Any]]:
        yield {"days": self.days, "kept": kept_beside(changelist, self)}

    def queryset(self, request: HttpRequest, queryset: QuerySet[AccessEvent]) -> QuerySet[AccessEvent]:
        if first := self.days["from"]:
            queryset = queryset.filter(at__gte=midnight(first))
        if last := self.days["to"]:
            queryset = queryset.filter(at__lt=midnight(last + timedelta(days=1)))
        return queryset


def day_of(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 2000 <= day.year < 2200 else None


def midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


@admin.register(AccessEvent)
class AccessEventAdmin(OfferedFilters):
    """Found by the whole reference of a case, or by the whole sign-in name of one of the team."""

    list_display = ["at", "who", "verb", "what", "address", "number"]
    list_display_links = None
    list_filter = [PersonFilter, "verb", DayFilter]
    list_select_related = ["who"]
    list_per_page = 100
    list_max_show_all = 0
    ordering = ["-number"]
    sortable_by = ()
    search_fields = ["what"]  # only so that there is a box: get_search_results does the work
    search_help_text = _("The whole reference of a case, or the whole sign-in name of one of the team")
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    paginator = LatestOnly
    actions = None

    class Media:
        css = {"all": ["staff/desk.css"]}

    def get_urls(self) -> list[URLPattern]:
        """The list says all there is: no row has a page of its own, to add, change or delete it."""
        return [url for url in super().get_urls() if url.name == "desk_accessevent_changelist"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[AccessEvent], search_term: str
    ) -> tuple[QuerySet[AccessEvent], bool]:
        """By an index each: one condition for both would read the whole log."""
        if not search_term:
            return queryset, False
        who = get_user_model().objects.filter(username=search_term).first()
        return queryset.filter(who=who) if who else queryset.filter(
            what__in=recorder.audit_keys(search_term)
        ), False

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponseBase:
        recorder.record(request, recorder.Verb.AUDIT_READ)
        return super().changelist_view(request, {"title": _("Who looked at what"), **(extra_context or {})})
