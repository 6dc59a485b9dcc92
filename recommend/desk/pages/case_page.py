"""The page of one case: what was recommended and why, how to reach the person, what was done, and what to do next."""

from collections.abc import Iterable, Mapping
from typing import Any, cast

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone

from recommend.desk import next_steps, queues, unsaved, workflow
from recommend.desk.history import Difference, History, What, differences, history_of
from recommend.desk.models import Case, CaseStatus, ContactAttempt
from recommend.desk.pages import guide_fields
from recommend.desk.pages.case_shown import known_of, page_context, who_else
from recommend.desk.pages.forms import REOPEN, CaseForm
from recommend.desk.staff.current import staff_user
from recommend.desk.unsaved import Kept

CASE_PAGE = "staff/case.html"
SHOWN_WITH = (
    "submission__recommendation",
    "submission__contact",
    "submission__taken_by",
    "assignee",
    "acknowledged_by",
)


def case_page(request: HttpRequest, case: Case, may_change: bool) -> HttpResponse:
    """Show it, reveal free text in it, or save what was done.

    Args:
        request: the request
        case: with its submission, recommendation and contact details.
        may_change: whether the user may change cases
    """
    if request.method == "POST" and not may_change:
        raise PermissionDenied
    if case.erased_at:
        return erased_page(request, case)
    history = history_of(case)
    if request.method != "POST":
        return opened_page(request, case, history) if may_change else shown_page(request, case, history, None)
    request.POST = cast(
        Any, with_one_press(request.POST)
    )  # so that every page that shows it again has it filled in
    response = revealed(request, case, history) if "reveal" in request.POST else save(request, case, history)
    if response.status_code != 302:  # not saved
        unsaved.keep(case.pk, staff_user(request), unsaved.fields_of(request.POST))
    return response


def opened_page(request: HttpRequest, case: Case, history: History) -> HttpResponse:
    """Show the case with an empty form, or with what the user typed here and did not save."""
    left = unsaved.kept(case, staff_user(request))
    if left is None:
        return shown_page(request, case, history, typed_form(request, case, history, {}))
    if left.typed.get("version") != str(case.version):
        return conflict_page(request, case, history, left.typed, left=left, status=200)
    return shown_page(request, case, history, typed_form(request, case, history, left.typed), left=left)


def revealed(request: HttpRequest, case: Case, history: History) -> HttpResponse:
    """Show what the person wrote in their own words; what the user typed stays in the form."""
    if number(request.POST, "version") != case.version:
        return conflict_page(request, case, history, unsaved.fields_of(request.POST), revealed=True)
    form = typed_form(request, case, history, unsaved.fields_of(request.POST))
    return shown_page(request, case, history, form, revealed=True)


def typed_form(request: HttpRequest, case: Case, history: History, typed: Mapping[str, str]) -> CaseForm:
    """Return the form with what was typed, unchecked."""
    return form_of(request, case, history, typed=typed)


def form_of(request: HttpRequest, case: Case, history: History, **filled: Any) -> CaseForm:
    """Return the form of a case: with ``data`` to be checked, with ``typed`` to go on with."""
    return CaseForm(
        case=case,
        by=staff_user(request),
        since=history.last,
        attempts=history.attempts,
        **filled,
    )


# ---- saving


def save(request: HttpRequest, case: Case, history: History) -> HttpResponse:
    """Save everything the form asks for, or nothing. Responds with 409 if the case has changed since it was shown."""
    if number(request.POST, "version") != case.version:
        return conflict_page(request, case, history, unsaved.fields_of(request.POST))
    form = form_of(request, case, history, data=request.POST)
    if not form.is_valid():
        return shown_page(request, case, history, form, status=422)
    try:
        with transaction.atomic():
            steps = form.steps()
            seen = workflow.at_version(case.pk, form.cleaned_data["version"])
            for step in steps:
                step(seen, staff_user(request))
            unsaved.discard(case.pk, staff_user(request))
    except workflow.EditConflict:
        now = shown_case(case.pk)
        if now.erased_at:
            return erased_page(request, now)
        return conflict_page(request, now, history_of(now), unsaved.fields_of(request.POST))
    except workflow.TransitionNotAllowed as refused:
        form.add_error(refused.field if refused.field in form.fields else None, refused.words)
        return shown_page(request, case, history, form, status=422)
    return go_on(request, case, bool(steps))


ONE_PRESS = (ContactAttempt.Outcome.NO_ANSWER, ContactAttempt.Outcome.MESSAGE, ContactAttempt.Outcome.WRONG)
"""The outcomes that need no more words: one press logs the call, sets the next step and opens the next case."""

REACHED = "reached"
"""The tick beside them, for a call that got through: what was said and decided is chosen in the same form."""


def with_one_press(posted: QueryDict) -> QueryDict:
    """Return what was posted with a pressed outcome, or the tick for "reached", as if chosen in the form."""
    outcome = posted.get("quick", "")
    if outcome not in ONE_PRESS and REACHED not in posted:
        return posted
    filled = posted.copy()
    filled.pop(REACHED, None)
    if outcome in ONE_PRESS:
        filled["attempt"], filled["next"] = outcome, "1"
    elif not posted.get("attempt"):
        filled["attempt"] = ContactAttempt.Outcome.REACHED
    filled["how"] = posted.get("how") or ContactAttempt.How.CALL
    return filled


def one_press(case: Case) -> list[tuple[str, str, str]]:
    """Return value, label and next step of each outcome that one press logs."""
    now = timezone.now()
    steps = {outcome: next_steps.after_contact(case, outcome, now) for outcome in ONE_PRESS}
    return [
        (outcome.value, str(outcome.label), next_steps.in_words(then.action, then.at, now))
        for outcome, then in steps.items()
    ]


def number(posted: Mapping[str, str], name: str) -> int:
    """Read a number that the page put into its own form."""
    value = posted.get(name, "")
    if not value.isascii() or not value.isdecimal() or len(value) > 18:
        raise BadRequest(f"{name} is no number")
    return int(value)


def go_on(request: HttpRequest, case: Case, saved: bool) -> HttpResponse:
    """Redirect to the same case, or to the next one on To do."""
    said = f"{case.reference}: saved." if saved else f"{case.reference}: no changes to save."
    messages.success(request, said)
    if "next" not in request.POST:
        return redirect("admin:desk_case_change", case.pk)
    following = queues.next_to_do(request.user, timezone.now(), after=case)
    if following:
        return redirect("admin:desk_case_change", following.pk)
    messages.info(request, "You’re all caught up.")
    return redirect("admin:index")


# ---- pages


def shown_case(pk: int) -> Case:
    """Load a case with everything its page shows."""
    return Case.objects.select_related(*SHOWN_WITH).get(pk=pk)


def erased_page(request: HttpRequest, case: Case) -> HttpResponse:
    """Show that the person deleted the case; with 409 if the user was saving something."""
    context = page_context(request, case)
    status = 409 if request.method == "POST" else 200
    return TemplateResponse(request, "staff/parts/case_erased.html", context, status=status)


def conflict_page(
    request: HttpRequest,
    case: Case,
    history: History,
    typed: Mapping[str, str],
    status: int = 409,
    **shown: Any,
) -> HttpResponse:
    """Show the form again with everything typed, beside the current values; sending it again confirms."""
    form = typed_form(request, case, history, typed)
    since = number(typed, "since")
    changed = differences(history.changes, since, wanted(form, typed))
    by = {change.by for change in history.changes if change.pk > since}
    return shown_page(
        request,
        case,
        history,
        form,
        changed=changed,
        conflict=True,
        by_oneself=by == {request.user},
        status=status,
        **shown,
    )


def wanted(form: CaseForm, posted: Mapping[str, str]) -> dict[str, str]:
    """Put into words what was about to be saved, by what it changes."""

    def label(name: str, not_offered_now: Iterable[tuple[str, Any]] = ()) -> str:
        choices: dict[str, Any] = dict(not_offered_now)
        if name in form.fields:
            choices |= dict(form.choices_of(name))
        value = posted.get(name, "")
        return str(choices.get(value, value)) if value else ""

    return {
        What.STATUS: label("status", [*CaseStatus.choices, (REOPEN, "Reopen")]),
        What.ASSIGNEE: {"take": "You", "give_back": "nobody"}.get(posted.get("who", ""), ""),
        What.DISPOSITION: label("level"),
        What.OUTCOME: label("outcome"),
        What.CONTACT: ": ".join(filter(None, [label("how"), label("attempt")])),
        What.NOTE: "Your note" if posted.get("note") else "",
        What.LEARNED: "Your answers"
        if any(posted[name] for name in posted if name.startswith(guide_fields.OF_GUIDE))
        else "",
    }


def shown_page(
    request: HttpRequest,
    case: Case,
    history: History,
    form: CaseForm | None,
    *,
    revealed: bool = False,
    conflict: bool = False,
    by_oneself: bool = False,
    left: Kept | None = None,
    changed: list[Difference] | None = None,
    status: int = 200,
    template: str = CASE_PAGE,
) -> HttpResponse:
    known = known_of(case, history)
    context = page_context(request, case) | {
        **known,
        "one_press": one_press(case) if form and case.is_open else [],
        "here": who_else(request, case) if template == CASE_PAGE else "",
        "form": form,
        "mail_is_set_up": bool(settings.EMAIL_HOST),
        "guide": guide_fields.rows(known["to_ask"], form),
        "left": left,
        "whose": unsaved.signed(case, staff_user(request)) if form else "",
        "revealed": revealed,
        "conflict": conflict,
        "by_oneself": by_oneself,
        "differences": changed,
    }
    return TemplateResponse(request, template, context, status=status)


def paper_page(request: HttpRequest, case: Case) -> HttpResponse:
    """Render the case as a call sheet of one page, without the person's free text: paper gets left around."""
    if case.erased_at:
        return erased_page(request, case)
    return shown_page(request, case, history_of(case), None, template="staff/paper.html")
