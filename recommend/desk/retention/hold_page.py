"""The page on which a lead puts a case on legal hold, or ends the hold."""

from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone

from recommend.desk.models import Case
from recommend.desk.pages.case_shown import page_context
from recommend.desk.retention.holds import end_hold, hold_of, lock, set_hold
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
    """Show the hold of a case and a form; a POST sets a hold, or ends it if "end" was pressed.

    If the hold is no longer the one that the user saw, nothing changes: the page shows it, and keeps what was typed.
    """
    by, ends = staff_user(request), "end" in request.POST
    form = HoldForm(request.POST if request.method == "POST" and not ends else None)
    changed = False
    if ends or form.is_valid():
        said = change(case, by, request.POST.get("seen", ""), None if ends else form.cleaned_data)
        if said:
            messages.success(request, f"{case.reference}: {said}")
            return redirect("admin:desk_case_change", case.pk)
        changed = True
    context: dict[str, Any] = page_context(request, case) | {
        "title": f"Legal hold of case {case.reference}",
        "form": form,
        "hold": hold_of(case),
        "changed": changed,
    }
    status = 409 if changed else 422 if form.errors else 200
    return TemplateResponse(request, "staff/hold.html", context, status=status)


@transaction.atomic
def change(case: Case, by: User, seen: str, given: dict[str, Any] | None) -> str:
    """Set a hold, or end it, if it is still the one that the user saw; return what was done, "" if it is another.

    Args:
        case: the case.
        by: the lead.
        seen: the id of the hold that the page showed; "" if it showed none.
        given: the reason and the last day of the new hold; None to end it.
    """
    lock(case)
    now = hold_of(case)
    if seen != (str(now.pk) if now else ""):
        return ""
    if given is None:
        end_hold(case, by)
        return "the legal hold is ended."
    set_hold(case, by, given["why"], given["until"])
    return "on legal hold."
