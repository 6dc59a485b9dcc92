"""The page on which a lead puts a case on legal hold, or ends the hold."""

from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone

from recommend.desk.models import Case
from recommend.desk.pages.case_shown import page_context
from recommend.desk.retention.holds import end_hold, hold_of, set_hold
from recommend.desk.staff.current import staff_user


class HoldForm(forms.Form):
    why = forms.CharField(
        label="Why",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "Say why, such as the court and the number of its letter."},
    )
    until = forms.DateField(
        label="Last day (leave it empty if you don’t know yet)",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"invalid": "Write the day as 2027-01-31."},
    )

    def clean_until(self) -> date | None:
        until: date | None = self.cleaned_data["until"]
        if until and until < timezone.localdate():
            raise forms.ValidationError("This day is over. Choose a later one.")
        return until


def hold_page(request: HttpRequest, case: Case) -> HttpResponse:
    """Show the hold of a case and a form; a POST sets a hold, or ends it if "end" was pressed."""
    by = staff_user(request)
    if request.method == "POST" and "end" in request.POST:
        end_hold(case, by)
        messages.success(request, f"{case.reference}: the legal hold is ended.")
        return redirect("admin:desk_case_change", case.pk)
    form = HoldForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        set_hold(case, by, form.cleaned_data["why"], form.cleaned_data["until"])
        messages.success(request, f"{case.reference}: on legal hold.")
        return redirect("admin:desk_case_change", case.pk)
    context: dict[str, Any] = page_context(request, case) | {
        "title": f"Legal hold of case {case.reference}",
        "form": form,
        "hold": hold_of(case),
    }
    return TemplateResponse(request, "staff/hold.html", context, status=422 if form.errors else 200)
