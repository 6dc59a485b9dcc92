"""Views to enrol by a sign-in link, to make backup codes, and to ask how long a session lasts."""

from typing import Any

from django.contrib import admin
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods
from segno import make as make_qr

from carenav.accounts import second_factor
from carenav.accounts.current import authenticator_of
from carenav.accounts.devices import remember_device
from carenav.accounts.forms import EnrolmentForm
from carenav.accounts.models import BACKUP_CODES, Invitation, app_address, typed_secret
from carenav.accounts.reauthentication import require_recent_code
from carenav.accounts.signals import Verb, record_event
from carenav.plumbing.codes import in_groups


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters()
@transaction.atomic
def enrol(request: HttpRequest, token: str) -> HttpResponse:
    """Show the enrolment form behind a one-time link; a valid POST sets password and second factor.

    A GET changes nothing, because mail programs open links too. Responds with 404 if the link is not valid.
    """
    invitation = Invitation.objects.open(token).select_for_update(of=("self",)).select_related("user").first()
    if invitation is None:
        return page(request, "link_over", _("This link is over"), status=404)
    form = EnrolmentForm(invitation, request.POST or None)
    if not form.is_valid():
        shown: dict[str, Any] = {
            "form": form,
            "username": invitation.user.get_username(),
            "secret": in_groups(typed_secret(invitation.key), between=" "),
            "qr": qr_code(app_address(invitation.key, invitation.user.get_username())),
        }
        # Status 200 even with errors, as in the admin: Django logs the URL of a 4xx response, and so the secret link.
        return page(request, "enrol", _("Set up your sign-in"), **shown)
    codes = second_factor.set_up(invitation, form.cleaned_data["new_password"], form.cleaned_data["code"])
    record_event(request, Verb.ENROLLED, invitation.user)
    response = page(request, "backup_codes", _("Keep these codes"), codes=codes, first=True)
    remember_device(request, response, invitation.user.get_username())
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def backup_codes(request: HttpRequest) -> HttpResponse:
    """Show signed-in staff how many backup codes they have left; a POST replaces all codes and shows the new ones."""
    if request.method == "POST":
        return new_backup_codes(request)
    left = authenticator_of(request).backup_codes.count()
    return page(request, "backup_codes_left", _("Backup codes"), left=left, made=BACKUP_CODES)


@require_recent_code
def new_backup_codes(request: HttpRequest) -> HttpResponse:
    codes = authenticator_of(request).new_backup_codes()
    record_event(request, Verb.BACKUP_CODES, request.user)
    return page(request, "backup_codes", _("Keep these codes"), codes=codes)


@require_http_methods(["GET", "HEAD", "POST"])
def time_left(request: HttpRequest) -> JsonResponse:
    """Return ``{"seconds": ...}`` until the staff session ends; a POST counts as use and so extends it."""
    return JsonResponse({"seconds": max(0, getattr(request, "staff_seconds_left", 0))})


def page(request: HttpRequest, name: str, title: str, status: int = 200, **shown: object) -> HttpResponse:
    context = admin.site.each_context(request) | {"title": title, "sign_in": reverse("admin:login")} | shown
    return TemplateResponse(request, f"staff/{name}.html", context, status=status)


def qr_code(text: str) -> str:
    """Return a QR code as inline SVG, black on white in every color scheme, so that cameras can read it."""
    drawn = make_qr(text, error="m", micro=False).svg_inline(
        scale=5, border=4, dark="#000", light="#fff", svgclass="qr", lineclass=None, omitsize=True
    )
    return mark_safe(drawn)  # noqa: S308, drawn here out of numbers
