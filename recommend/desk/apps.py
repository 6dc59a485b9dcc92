from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.utils.translation import gettext_lazy as _


class DeskConfig(AppConfig):
    name = "recommend.desk"
    label = "desk"
    verbose_name = _("Desk")


class DeskSiteConfig(AdminConfig):
    """Django's admin, with our site in the place of the stock one."""

    default_site = "recommend.desk.site.DeskSite"
