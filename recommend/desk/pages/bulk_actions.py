"""The same step for several cases of a list, after a page that asks once more.

The list says which version of each case it has shown; what has changed since is refused by name. Each case is a
transaction of its own: one that is refused does not keep the others from being done.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import BadRequest
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils import timezone

from recommend.desk import queues, workflow
from recommend.desk.audit.recorder import Verb, record
from recommend.desk.history import in_words
from recommend.desk.models import OPEN_STATUSES, Case, CaseChange
from recommend.desk.pages import list_rows
from recommend.desk.pages.case_page import number
from recommend.desk.pages.forms import AttemptForm, CloseForm
from recommend.desk.staff.current import staff_user
from recommend.desk.workflow import Transition


@dataclass(frozen=True)
class Bulk:
    """One action.

    Attributes:
        name: of the action, as the admin knows it.
        question: what the page asks.
        button: what its button says.
        done: what is said of each case afterwards.
        step: what to do with each, given the form.
        form: what else must be known.
    """

    name: str
    question: str
    button: str
    done: str
    step: Callable[[Any], Transition]
    form: type[forms.Form] = forms.Form


ASSIGN_TO_ME = Bulk(
    "assign_to_me",
    "Assign these cases to you?",
    "Assign to me",
    "assigned to you",
    lambda form: workflow.assign_to_self,
)
MARK_CONTACTED = Bulk(
    "mark_contacted",
    "Log a contact for each of these cases?",
    "Log it for each",
    "contact logged",
    lambda form: form.step(),
    AttemptForm,
)
CLOSE = Bulk(
    "close",
    "Close these cases?",
    "Close them",
    "closed",
    lambda form: form.step(),
    CloseForm,
)


@dataclass
class BulkResult:
    """What happened to each case of a bulk action."""

    done: list[Case] = field(default_factory=list)
    changed: list[tuple[list_rows.Row, CaseChange | None, str]] = field(default_factory=list)
    refused: list[tuple[Case, str]] = field(default_factory=list)


def selected(request: HttpRequest) -> dict[int, int]:
    """Return the chosen cases with the version of each that the list showed.

    Reads the post, not the list as it is now: a case that has left the list meanwhile was changed, and the user must
    see that.
    """
    return {int(each): number(request.POST, f"version_{each}") for each in chosen_rows(request)}


def chosen_rows(request: HttpRequest) -> list[str]:
    """Return the ids ticked in a list; the admin itself would answer 500 to a non-number."""
    chosen = request.POST.getlist(ACTION_CHECKBOX_NAME)
    if not all(each.isascii() and each.isdecimal() and len(each) < 19 for each in chosen):
        raise BadRequest("a chosen row is no number")
    return chosen


def run(request: HttpRequest, bulk: Bulk) -> HttpResponse:
    """Show the confirmation page; if it was confirmed, run the action. Cases on other pages of the list are refused."""
    if request.POST.get("select_across") == "1":
        messages.error(
            request, "Nothing was changed. Choose from one page at a time: only what you have seen."
        )
        return HttpResponseRedirect(request.get_full_path())
    if "confirmed" not in request.POST:
        return confirm_page(request, bulk, bulk.form())
    form = bulk.form(request.POST)
    if not form.is_valid():
        return confirm_page(request, bulk, form, status=422)
    if isinstance(form, AttemptForm) and form.asks_about(chosen_cases(request)):
        return confirm_page(request, bulk, form, status=422)
    record(request, Verb.CHANGE, f"{bulk.name}: {count(len(selected(request)))}")
    result = carry_out(request, bulk.step(form))
    if result.changed or result.refused:
        return result_page(request, bulk, result)
    messages.success(request, f"{count(len(result.done))}: {bulk.done}.")
    return HttpResponseRedirect(request.get_full_path())


def chosen_cases(request: HttpRequest) -> QuerySet[Case]:
    """Return the chosen cases with what a contact might contradict."""
    related = ("submission__contact", "submission__recommendation")
    open_ones = Case.objects.filter(
        pk__in=selected(request), erased_at__isnull=True, status__in=OPEN_STATUSES
    )
    return open_ones.select_related(*related).order_by("pk")


def count(cases: int) -> str:
    return f"{cases} case" if cases == 1 else f"{cases} cases"


def carry_out(request: HttpRequest, step: Transition) -> BulkResult:
    result = BulkResult()
    for pk, version in selected(request).items():
        try:
            with transaction.atomic():
                case = workflow.at_version(pk, version)
                step(case, staff_user(request))
            result.done.append(case)
        except workflow.EditConflict:
            case = Case.objects.select_related("assignee").get(pk=pk)
            last = CaseChange.objects.filter(case=case).select_related("by").first()
            now = list_rows.row(case, request.user, timezone.now())
            result.changed.append((now, last, in_words(last) if last else ""))
        except workflow.TransitionNotAllowed as refused:
            result.refused.append((case, refused.words))
        except Case.DoesNotExist:
            continue  # no page ever deletes one
    return result


def confirm_page(request: HttpRequest, bulk: Bulk, form: forms.Form, status: int = 200) -> HttpResponse:
    versions = selected(request)
    cases = Case.objects.filter(pk__in=versions).select_related("assignee").order_by(*queues.BY_TIER, "pk")
    now = timezone.now()
    context = {
        **admin.site.each_context(request),
        "title": bulk.question,
        "opts": Case._meta,
        "bulk": bulk,
        "form": form,
        "chosen": [(row, versions[row.case.pk]) for row in list_rows.rows_of(list(cases), request.user, now)],
        "checkbox": ACTION_CHECKBOX_NAME,
    }
    return TemplateResponse(request, "staff/confirm.html", context, status=status)


def result_page(request: HttpRequest, bulk: Bulk, result: BulkResult) -> HttpResponse:
    """Show which cases were refused and why, so that nobody believes that all were done."""
    context = {
        **admin.site.each_context(request),
        "title": "Not all of it could be done",
        "opts": Case._meta,
        "bulk": bulk,
        "told": result,
    }
    return TemplateResponse(request, "staff/told.html", context, status=409 if result.changed else 422)
