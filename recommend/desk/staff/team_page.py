"""The page of the team: how many cases each has, who is away, and the form with which an absence is noted."""

from datetime import date
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.views.decorators.http import require_http_methods

from recommend.desk.audit.recorder import Verb, record
from recommend.desk.models import Case
from recommend.desk.queues import is_lead
from recommend.desk.staff.absence import check_absence, store_absence
from recommend.desk.staff.current import staff_user
from recommend.desk.staff.load import loads
from recommend.desk.staff.roles import case_workers

DAY = {"type": "date"}


class AbsenceForm(forms.Form):
    """The form of an absence: a lead chooses for whom, all others enter their own.

    Args:
        by: the user who fills it in.
    """

    person = forms.ChoiceField(label="Who is away")
    away_from = forms.DateField(label="First day", required=False, widget=forms.DateInput(attrs=DAY))
    away_until = forms.DateField(
        label="Last day",
        required=False,
        widget=forms.DateInput(attrs=DAY),
        help_text="Leave both empty to end an absence.",
    )

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.users = {str(each.pk): each for each in case_workers().order_by("username")}
        if not is_lead(by):
            self.users = {str(by.pk): by}
        self.fields["person"] = forms.ChoiceField(
            label="Who is away",
            initial=str(by.pk),
            choices=[(pk, each.get_username()) for pk, each in self.users.items()],
        )

    def clean(self) -> None:
        given = self.cleaned_data
        if {"away_from", "away_until"} <= set(given):
            check_absence(given["away_from"], given["away_until"], timezone.localdate())

    def save(self) -> User:
        """Store the absence, and return the user who is away."""
        user = self.users[self.cleaned_data["person"]]
        store_absence(user, self.cleaned_data["away_from"], self.cleaned_data["away_until"])
        return user


@require_http_methods(["GET", "HEAD", "POST"])
def team(request: HttpRequest) -> HttpResponse:
    """Show the team; a POST stores an absence.

    Raises:
        PermissionDenied: the user may not view cases.
    """
    by = staff_user(request)
    if not by.has_perm("desk.view_case"):
        raise PermissionDenied
    form = AbsenceForm(request.POST or None, by=by)
    if request.method == "POST" and form.is_valid():
        user = form.save()
        record(request, Verb.CHANGE, f"absence of user {user.pk}")
        messages.success(request, said(user, form.cleaned_data["away_from"], form.cleaned_data["away_until"]))
        return redirect("admin:team")
    context = {
        **admin.site.each_context(request),
        "title": "Team",
        "opts": Case._meta,
        "loads": loads(timezone.now()),
        "today": timezone.localdate(),
        "form": form,
    }
    return TemplateResponse(request, "staff/team.html", context, status=422 if form.errors else 200)


def said(user: User, first: date | None, last: date | None) -> str:
    """Return the message after an absence was stored."""
    if first is None or last is None:
        return f"{user.get_username()}: no absence."
    return f"{user.get_username()}: away from {date_format(first)} to {date_format(last)}."
