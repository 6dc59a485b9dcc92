"""The page on which two cases of one person are compared and merged."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone

from recommend.desk import unsaved, workflow
from recommend.desk.audit.recorder import Verb, record
from recommend.desk.models import Case
from recommend.desk.pages.case_page import SHOWN_WITH, number
from recommend.desk.pages.list_rows import Row, rows_of
from recommend.desk.staff.current import staff_user


class MergeForm(forms.Form):
    """The form of a merge: which of the two cases stays."""

    keep = forms.ChoiceField(label="Which number stays", widget=forms.RadioSelect)

    def __init__(self, *args: Any, cases: list[Case], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(str(case.pk), case.reference) for case in cases]
        self.fields["keep"] = forms.ChoiceField(
            label="Which number stays", choices=choices, initial=choices[0][0], widget=forms.RadioSelect
        )


@dataclass(frozen=True)
class Side:
    """One of the two cases, as it is compared."""

    row: Row
    case: Case


def other_case(request: HttpRequest, case: Case) -> Case | None:
    """Return the case in ``?other=``; None if there is none, or it is the same or deleted by the person."""
    asked = request.GET.get("other", "")
    if not unsaved.is_number(asked):
        return None
    others = Case.objects.select_related(*SHOWN_WITH).filter(pk=int(asked), erased_at__isnull=True)
    return others.exclude(pk=case.pk).first()


def merge_page(request: HttpRequest, case: Case) -> HttpResponse:
    """Show both cases beside each other; a POST merges them, or says why not.

    The access log records that the other case was read; that this one was, its own page has recorded.
    """
    other = None if case.erased_at else other_case(request, case)
    if other is None:
        return redirect("admin:desk_case_change", case.pk)
    record(request, Verb.CHANGE if request.method == "POST" else Verb.READ, other.reference)
    cases = sorted([case, other], key=lambda each: (each.opened_at, each.pk))
    form = MergeForm(request.POST or None, cases=cases)
    if request.method == "POST" and form.is_valid():
        return save(request, cases, form)
    return shown(request, cases, form, 422 if form.errors else 200)


def save(request: HttpRequest, cases: list[Case], form: MergeForm) -> HttpResponse:
    keep = int(form.cleaned_data["keep"])
    try:
        with transaction.atomic():
            seen = {
                case.pk: workflow.at_version(case.pk, number(request.POST, f"version_{case.pk}"))
                for case in cases
            }
            kept = seen.pop(keep)
            [duplicate] = seen.values()
            workflow.merge(duplicate, staff_user(request), into=kept)
    except workflow.EditConflict:
        form.add_error(None, "Somebody changed one of the cases meanwhile. Look at both again.")
        now = list(Case.objects.select_related(*SHOWN_WITH).filter(pk__in=[each.pk for each in cases]))
        if any(each.erased_at for each in now):
            return redirect("admin:desk_case_change", cases[0].pk)
        return shown(request, sorted(now, key=lambda each: (each.opened_at, each.pk)), form, 409)
    except workflow.TransitionNotAllowed as refused:
        form.add_error(None, refused.words)
        return shown(request, cases, form, 422)
    messages.success(request, f"{duplicate.reference} is merged into {kept.reference}.")
    return redirect("admin:desk_case_change", kept.pk)


def shown(request: HttpRequest, cases: list[Case], form: MergeForm, status: int) -> HttpResponse:
    rows = rows_of(cases, request.user, timezone.now())
    context = {
        **admin.site.each_context(request),
        "title": "Merge two cases",
        "opts": Case._meta,
        "sides": [Side(row, row.case) for row in rows],
        "form": form,
    }
    return TemplateResponse(request, "staff/merge.html", context, status=status)
