"""The stock admin as a desk: its own name, and the work of the day as its first page."""

from typing import Any

from django.contrib import admin
from django.urls import path
from django.utils.translation import gettext_lazy as _

from recommend.desk import duty


class DeskSite(admin.AdminSite):
    """The staff pages."""

    site_header = _("carenav desk")
    site_title = _("carenav desk")
    index_title = _("Desk")

    def get_urls(self) -> list[Any]:
        mine = [path("on-duty/", self.admin_view(duty.switch), name="on_duty")]
        return [*mine, *super().get_urls()]
