"""The base class of all lists at the desk."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from recommend.desk.pages import bulk_actions
from recommend.desk.pages.filters import OfferedFilters


class DeskAdmin(OfferedFilters):
    """Base class of all lists at the desk."""

    def response_action(
        self, request: HttpRequest, queryset: QuerySet[Any], *args: Any
    ) -> HttpResponse | None:
        bulk_actions.chosen_rows(request)
        return super().response_action(request, queryset, *args)
