from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class DeskConfig(AppConfig):
    name = "recommend.desk"
    label = "desk"
    verbose_name = _("Desk")

    def ready(self) -> None:
        from carenav.accounts import sessions
        from carenav.accounts.signals import staff_event
        from recommend.desk.audit import recorder
        from recommend.desk.staff import roles

        post_migrate.connect(roles.sync_groups, sender=self, dispatch_uid="recommend.desk.staff.roles")
        staff_event.connect(recorder.record_staff_event)
        sessions.ASKED_BY_SCRIPTS.add("admin:live")


class DeskSiteConfig(AdminConfig):
    """Replace Django's admin site with the desk's own."""

    default_site = "recommend.desk.site.DeskSite"
