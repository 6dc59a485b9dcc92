"""The desk: Django's admin site with sign-in by second factor, and the day's work on its first page."""

from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.actions import delete_selected
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext_lazy as _

from carenav.accounts.current import is_verified
from carenav.accounts.devices import remember_device
from carenav.accounts.forms import SignInForm
from carenav.accounts.passkey_views import passkeys
from carenav.accounts.passkeys import sign_in_challenge
from carenav.accounts.reauthentication import require_recent_code, step_up
from carenav.accounts.views import backup_codes
from recommend.desk import unsaved
from recommend.desk.audit.recorder import Verb, record
from recommend.desk.clinic_page.lines_page import lines_page
from recommend.desk.clinic_page.page import clinic_page, version_page
from recommend.desk.dashboard.page import dashboard, dashboard_file
from recommend.desk.pages.case_page import with_one_press
from recommend.desk.pages.home import to_set_up, work_of
from recommend.desk.pages.live import live
from recommend.desk.staff import on_call
from recommend.desk.staff.current import staff_user
from recommend.desk.staff.team_page import team


def was_sent_here(request: HttpRequest) -> bool:
    """Return whether the request comes from a link on another site, such as an e-mail in web mail.

    The browser then does not send the session cookie (SameSite=Strict) until a page of this site reloads. Without such
    a page, staff would seem to be signed out.
    """
    from_elsewhere = request.headers.get("Sec-Fetch-Site") == "cross-site"
    return request.method == "GET" and from_elsewhere and settings.SESSION_COOKIE_NAME not in request.COOKIES


class DeskSite(admin.AdminSite):
    """The admin site of the desk."""

    site_header = _("carenav desk")
    site_title = _("carenav desk")
    index_title = _("Desk")
    index_template = "staff/index.html"
    enable_nav_sidebar = False  # the first page has these links
    login_form = SignInForm
    login_template = "staff/sign_in.html"

    def __init__(self, name: str = "admin") -> None:
        super().__init__(name)
        self.add_action(require_recent_code(delete_selected), "delete_selected")

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if was_sent_here(request):
            context = self.each_context(request) | {"title": _("One moment")}
            return TemplateResponse(request, "staff/from_elsewhere.html", context)
        shown = {"title": _("Sign in"), "passkey": sign_in_challenge(request)}
        response = super().login(request, {**shown, **(extra_context or {})})
        if request.method == "POST" and getattr(request.user, "otp_device", None):
            remember_device(request, response, request.user.get_username())
        return response

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Ask for a new code before the password can be changed, in case the user has left their screen."""
        return step_up(request, hold=False) or super().password_change(request, extra_context)

    def has_permission(self, request: HttpRequest) -> bool:
        """Return whether the user is active staff and gave their second factor in this session."""
        return super().has_permission(request) and is_verified(request)

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Return a view that only staff can use, as Django does.

        If the form of a case is sent after the session has ended, it is stored as unsaved work of its user.
        """
        protected = super().admin_view(view, cacheable)

        @wraps(protected)
        def keeping(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            ended = request.method == "POST" and not self.has_permission(request)
            if ended and unsaved.keep_signed(with_one_press(request.POST)):
                messages.info(request, _("You were signed out. What you typed is kept: sign in to continue."))
            return protected(request, *args, **kwargs)

        return keeping

    def get_urls(self) -> list[Any]:
        mine = [
            path("clinic/", self.admin_view(clinic_page), name="clinic"),
            path("clinic/lines/", self.admin_view(lines_page), name="clinic_lines"),
            path("clinic/<int:number>/", self.admin_view(version_page), name="clinic_version"),
            path("dashboard/", self.admin_view(dashboard), name="dashboard"),
            path("dashboard/figures.csv", self.admin_view(dashboard_file), name="dashboard_file"),
            path("backup-codes/", self.admin_view(backup_codes), name="backup_codes"),
            path("live/", self.admin_view(live), name="live"),
            path("passkeys/", self.admin_view(passkeys), name="passkeys"),
            path("on-duty/", self.admin_view(on_call.switch), name="on_duty"),
            path("team/", self.admin_view(team), name="team"),
        ]
        return [*mine, *super().get_urls()]

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Show the first page: the work to staff who may view cases, and to all staff the pages they may open."""
        if not request.user.has_perm("desk.view_case"):
            return super().index(request, to_set_up(request) | (extra_context or {}))
        record(request, Verb.LIST, "work")
        shown = work_of(request) | on_call.of_team(staff_user(request))
        return super().index(request, shown | (extra_context or {}))
