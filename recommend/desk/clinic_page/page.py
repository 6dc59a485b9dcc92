"""The administrator's pages about the clinic: change its settings, look at earlier versions, and take one back."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from carenav.accounts.reauthentication import require_recent_code
from carenav.clinic import saved
from carenav.clinic.models import ClinicVersion
from intake import outage_pages
from recommend.desk.audit.recorder import Verb, record
from recommend.desk.clinic_page import previews
from recommend.desk.clinic_page.conflict import brought_together, changes
from recommend.desk.clinic_page.form import ClinicForm, as_saved, texts_in
from recommend.desk.staff.current import staff_user

SHOWN_VERSIONS = 20


def require_administrator(request: HttpRequest) -> None:
    """Check that the user may change what the site says of the clinic.

    Raises:
        PermissionDenied: they may not.
    """
    if not request.user.has_perm("clinic.add_clinicversion"):
        raise PermissionDenied


@require_http_methods(["GET", "HEAD", "POST"])
def clinic_page(request: HttpRequest) -> HttpResponse:
    """Show the clinic's settings; a POST shows a preview of what was typed, or saves it.

    Raises:
        PermissionDenied: the user may not change them.
    """
    require_administrator(request)
    return _clinic_page(request)


@require_recent_code
def _clinic_page(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _shown(request, as_saved(saved.latest()))
    form = ClinicForm(request.POST)
    if not form.is_valid():
        return _shown(request, form)
    if asked := request.POST.get("preview"):
        return previews.previewed(request, asked, form.clinic_settings)
    return _save(request, form)


def _save(request: HttpRequest, form: ClinicForm) -> HttpResponse:
    try:
        version = saved.save(form.texts, staff_user(request), form.cleaned_data["seen"])
    except saved.ChangedMeanwhile:
        now = saved.latest()
        if now is None:  # the version that was seen is gone, as after a restore
            raise Http404 from None
        merged, conflict = brought_together(request.POST, now)
        return _shown(request, merged, status=409, conflict=conflict)
    return _let_it_hold(request, version)


def _let_it_hold(request: HttpRequest, version: ClinicVersion) -> HttpResponse:
    record(request, Verb.CLINIC, str(version))
    written = saved.refresh()
    try:
        outage_pages.write_pages()
    except OSError:
        written = False
    if written:
        messages.success(request, f"Saved as version {version.number}. Patients see it from now on.")
    else:
        messages.error(
            request,
            f"Saved as version {version.number}, but this server could not write it to its files, so patients may "
            "still see the earlier one. Ask the operator to run: manage.py write_outage_pages",
        )
    return redirect("admin:clinic")


@require_http_methods(["GET", "HEAD", "POST"])
def version_page(request: HttpRequest, number: int) -> HttpResponse:
    """Show what a version changed; a POST takes it back, that is, saves its texts as a new version.

    Raises:
        Http404: there is no such version.
        PermissionDenied: the user may not change the settings.
    """
    require_administrator(request)
    return _version_page(request, number)


@require_recent_code
def _version_page(request: HttpRequest, number: int) -> HttpResponse:
    version = ClinicVersion.objects.select_related("by").filter(number=number).first()
    if version is None:
        raise Http404
    newest = saved.latest()
    if request.method == "POST" and newest and newest != version:
        texts = texts_in(version)
        try:
            made = saved.save(texts, staff_user(request), newest.number, taken_from=number)
        except saved.ChangedMeanwhile:
            messages.error(request, "Somebody saved another version at this moment. Look at it first.")
            return redirect("admin:clinic")
        return _let_it_hold(request, made)
    before = ClinicVersion.objects.filter(number__lt=number).first()
    shown = {
        "version": version,
        "changes": changes(before, version),
        "since": changes(newest, version) if newest else [],
        "is_newest": newest == version,
    }
    return render(request, "staff/clinic_version.html", _context(request, f"Version {number}", **shown))


def _shown(request: HttpRequest, form: ClinicForm, status: int = 200, **more: object) -> HttpResponse:
    versions = ClinicVersion.objects.select_related("by")[:SHOWN_VERSIONS]
    shown = {"form": form, "versions": versions, "previews": previews.buttons(), **more}
    return render(request, "staff/clinic.html", _context(request, "The clinic", **shown), status=status)


def _context(request: HttpRequest, title: str, **shown: object) -> dict[str, Any]:
    return admin.site.each_context(request) | {"title": title} | shown
