"""Take the same step for several cases of a list, after a confirmation page.

The list sends which version of each case it has shown; cases that have changed since are refused and listed. Each case
has its own transaction, so that one refused case does not stop the others.
"""

from dataclasses import dataclass, field

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
from recommend.desk.pages.assign_forms import AssignForm, ShareForm, TakeForm
from recommend.desk.pages.bulk_forms import AttemptForm, CloseForm
from recommend.desk.pages.case_page import number
from recommend.desk.pages.form_fields import StepForm
from recommend.desk.staff.current import staff_user
from recommend.desk.workflow import Transition


@dataclass(frozen=True)
class Bulk:
    """One bulk action.

    Attributes:
        name: the name of the admin action.
        question: the question on the confirmation page.
        button: the label of its button.
        done: the end of the message afterwards, such as "closed".
        form: the class of the form on the confirmation page. Its ``step()`` returns the step to take for each case.
    """

    name: str
    question: str
    button: str
    done: str
    form: type[StepForm]


ASSIGN_TO_ME = Bulk(
    "assign_to_me",
    "Assign these cases to you?",
    "Assign to me",
    "assigned to you",
    TakeForm,
)
ASSIGN = Bulk(
    "assign",
    "Assign these cases to somebody?",
    "Assign them",
    "assigned",
    AssignForm,
)
SHARE = Bulk(
    "share",
    "Share these cases?",
    "Share them by load",
    "shared",
    ShareForm,
)
MARK_CONTACTED = Bulk(
    "mark_contacted",
    "Log a contact for each of these cases?",
    "Log it for each",
    "contact logged",
    AttemptForm,
)
CLOSE = Bulk(
    "close",
    "Close these cases?",
    "Close them",
    "closed",
    CloseForm,
)


@dataclass
class BulkResult:
    """What happened to each case of a bulk action.

    Attributes:
        done: cases for which the step was taken.
        changed: cases that have changed since the list was shown: each as a row, with the last change and its words.
        refused: cases for which the workflow does not allow the step, each with the reason.
    """

    done: list[Case] = field(default_factory=list)
    changed: list[tuple[list_rows.Row, CaseChange | None, str]] = field(default_factory=list)
    refused: list[tuple[Case, str]] = field(default_factory=list)


def selected(request: HttpRequest) -> dict[int, int]:
    """Return the version that the list showed of each chosen case, keyed by the id of the case.

    Reads the POST data and not the current list: a chosen case may have left the list, and the user must then see that
    it was changed.
    """
    return {int(each): number(request.POST, f"version_{each}") for each in chosen_rows(request)}


def chosen_rows(request: HttpRequest) -> list[str]:
    """Return the ids that were ticked in a list.

    Raises:
        BadRequest: one is not a number; the admin itself would respond with 500.
    """
    chosen = request.POST.getlist(ACTION_CHECKBOX_NAME)
    if not all(each.isascii() and each.isdecimal() and len(each) < 19 for each in chosen):
        raise BadRequest("a chosen row is no number")
    return chosen


def run(request: HttpRequest, bulk: Bulk) -> HttpResponse:
    """Show the confirmation page; once it is confirmed, run the action and redirect, or show what was refused.

    "Select all" across pages of the list is refused, because the user has not seen those cases.
    """
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
    result = carry_out(request, form.step())
    if result.changed or result.refused:
        return result_page(request, bulk, result)
    messages.success(request, f"{count(len(result.done))}: {bulk.done}.")
    return HttpResponseRedirect(request.get_full_path())


def chosen_cases(request: HttpRequest) -> QuerySet[Case]:
    """Return the chosen open cases, with the related objects needed to check a contact against the person's wishes."""
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
            case = Case.objects.select_related("assignee__staff").get(pk=pk)
            last = CaseChange.objects.filter(case=case).select_related("by").first()
            now = list_rows.row(case, request.user, timezone.now())
            result.changed.append((now, last, in_words(last) if last else ""))
        except workflow.TransitionNotAllowed as refused:
            result.refused.append((case, refused.words))
        except Case.DoesNotExist:
            continue  # no page ever deletes one
    return result


def confirm_page(request: HttpRequest, bulk: Bulk, form: StepForm, status: int = 200) -> HttpResponse:
    versions = selected(request)
    cases = (
        Case.objects.filter(pk__in=versions).select_related("assignee__staff").order_by(*queues.BY_TIER, "pk")
    )
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
    """Render a page that lists which cases were refused and why."""
    context = {
        **admin.site.each_context(request),
        "title": "Not all of it could be done",
        "opts": Case._meta,
        "bulk": bulk,
        "told": result,
    }
    return TemplateResponse(request, "staff/told.html", context, status=409 if result.changed else 422)
