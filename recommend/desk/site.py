"""The stock admin as a desk: its own name, and the work of the day as its first page."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.translation import gettext_lazy as _

from recommend.desk import duty
from recommend.desk.dashboard import dashboard


class DeskSite(admin.AdminSite):
    """The staff pages."""

    site_header = _("carenav desk")
    site_title = _("carenav desk")
    index_title = _("Desk")

    def get_urls(self) -> list[Any]:
        mine = [
            path("dashboard/", self.admin_view(dashboard), name="dashboard"),
            path("on-duty/", self.admin_view(duty.switch), name="on_duty"),
        ]
        return [*mine, *super().get_urls()]

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return super().index(request, {**duty.of_team(request.user), **(extra_context or {})})
