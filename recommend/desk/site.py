"""The stock admin as a desk: its own name, and the work of the day as its first page."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _


class DeskSite(admin.AdminSite):
    """The staff pages."""

    site_header = _("carenav desk")
    site_title = _("carenav desk")
    index_title = _("Desk")
