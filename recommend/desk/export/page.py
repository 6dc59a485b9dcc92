"""The admin action that exports cases as a file, after a confirmation page and a new code. Exports are recorded."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from carenav.accounts.reauthentication import require_recent_code
from recommend.desk.audit import recorder
from recommend.desk.export.csv_file import LEFT_OUT, REDISCLOSURE, csv_of
from recommend.desk.models import Case, Export
from recommend.desk.staff.current import staff_user


class ExportForm(forms.Form):
    """The form of the confirmation page: whether the file has the answers on substance use."""

    substance_use = forms.ChoiceField(
        label=_("Answers on substance use"),
        choices=[
            ("without", _("Leave them out, and all that would tell them")),
            ("with", _("Put them in, with the notice of 42 CFR Part 2")),
        ],
        widget=forms.RadioSelect,
        initial="without",
    )


@admin.action(description=_("Export as CSV"), permissions=["change"])
@require_recent_code
def export_csv(model_admin: Any, request: HttpRequest, cases: QuerySet[Case]) -> HttpResponseBase:
    """Show the confirmation page; once its form is sent, store the export and return the file.

    Args:
        model_admin: the admin of the list.
        request: a POST, first of the list and then of the confirmation page.
        cases: the cases selected in the list.
    """
    # Select by id and not within the filtered list, which a chosen case may have left in the meantime.
    if request.POST.get("select_across", "0") == "0":
        cases = model_admin.get_queryset(request).filter(pk__in=request.POST.getlist(ACTION_CHECKBOX_NAME))
    form = ExportForm(request.POST if "substance_use" in request.POST else None)
    if not form.is_valid():
        return confirmation(model_admin, request, cases, form)
    with_substance_use = form.cleaned_data["substance_use"] == "with"
    export = Export.store(cases, staff_user(request), with_substance_use)
    recorder.record(request, recorder.Verb.EXPORT, str(export))
    name = (
        f"export-{export.pk}-{timezone.localtime():%Y-%m-%d-%H%M}-{export.with_or_without}-substance-use.csv"
    )
    return StreamingHttpResponse(
        csv_of(export.cases.all(), with_substance_use),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def confirmation(
    model_admin: Any, request: HttpRequest, cases: QuerySet[Case], form: ExportForm
) -> TemplateResponse:
    """Render the confirmation page: what will be in the file, and how many cases. Its form repeats the action."""
    context = {
        **model_admin.admin_site.each_context(request),
        "title": _("Export cases"),
        "opts": model_admin.model._meta,
        "count": cases.count(),
        "form": form,
        "left_out": LEFT_OUT,
        "redisclosure": REDISCLOSURE,
        "checkbox": ACTION_CHECKBOX_NAME,
        "chosen": request.POST.getlist(ACTION_CHECKBOX_NAME),
        "across": request.POST.get("select_across", "0"),
        "action": export_csv.__name__,
    }
    return TemplateResponse(request, "staff/export.html", context, status=422 if form.errors else 200)
