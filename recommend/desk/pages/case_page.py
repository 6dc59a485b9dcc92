"""The page of one case: show it, save its form, and show conflicts with changes of other users."""

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
from recommend.desk.models import Case, CaseStatus, ContactAttempt, PlacementState
from recommend.desk.pages import guide_fields
from recommend.desk.pages.case_shown import known_of, page_context, who_else
from recommend.desk.pages.forms import REOPEN, CaseForm
from recommend.desk.placement.fitting import Fitting
from recommend.desk.staff.current import staff_user
from recommend.desk.unsaved import Kept

CASE_PAGE = "staff/case.html"
SHOWN_WITH = (
    "submission__recommendation",
    "submission__contact",
    "submission__taken_by",
    "assignee__staff",
    "acknowledged_by",
    "merged_into",
)


def case_page(request: HttpRequest, case: Case, may_change: bool) -> HttpResponse:
    """Show the page; a POST saves its form, or shows the person's free text if "reveal" was pressed.

    A form that is not saved is stored as unsaved work.

    Args:
        request: the request.
        case: the case, with the related objects in ``SHOWN_WITH``.
        may_change: whether the user may change cases.

    Raises:
        PermissionDenied: a POST of a user who may not change cases, or of a form from the page of another user.
    """
    if request.method == "POST" and not may_change:
        raise PermissionDenied
    if case.erased_at:
        return erased_page(request, case)
    history = history_of(case)
    if request.method != "POST":
        return opened_page(request, case, history) if may_change else shown_page(request, case, history, None)
    unsaved.check_is_own(request.POST, staff_user(request))
    request.POST = cast(
        Any, with_one_press(request.POST)
    )  # so that the form has the outcome filled in if it is shown again
    response = revealed(request, case, history) if "reveal" in request.POST else save(request, case, history)
    if response.status_code != 302:  # not saved
        unsaved.keep(case.pk, staff_user(request), unsaved.fields_of(request.POST))
    return response


def opened_page(request: HttpRequest, case: Case, history: History) -> HttpResponse:
    """Show the case with an empty form, or with the user's unsaved work."""
    left = unsaved.kept(case, staff_user(request))
    if left is None:
        return shown_page(request, case, history, typed_form(request, case, history, {}))
    if left.typed.get("version") != str(case.version):
        return conflict_page(request, case, history, left.typed, left=left, status=200)
    return shown_page(request, case, history, typed_form(request, case, history, left.typed), left=left)


def revealed(request: HttpRequest, case: Case, history: History) -> HttpResponse:
    """Show the case with the person's free text; what the user typed stays in the form."""
    if number(request.POST, "version") != case.version:
        return conflict_page(request, case, history, unsaved.fields_of(request.POST), revealed=True)
    form = typed_form(request, case, history, unsaved.fields_of(request.POST))
    return shown_page(request, case, history, form, revealed=True)


def typed_form(request: HttpRequest, case: Case, history: History, typed: Mapping[str, str]) -> CaseForm:
    """Return the form filled with what was typed, not validated."""
    return form_of(request, case, history, typed=typed)


def form_of(request: HttpRequest, case: Case, history: History, **filled: Any) -> CaseForm:
    """Return the form of a case. ``filled`` is ``data`` (to validate) or ``typed`` (not validated)."""
    return CaseForm(
        case=case,
        by=staff_user(request),
        since=history.last,
        attempts=history.attempts,
        placements=history.tries,
        fit=fit_of(request, case),
        **filled,
    )


def fit_of(request: HttpRequest, case: Case) -> Fitting:
    """Return the programs that fit, of the level that was asked for in the address, or else of the case's own."""
    return Fitting(case, request.GET.get("level", ""))


# ---- saving


def save(request: HttpRequest, case: Case, history: History) -> HttpResponse:
    """Save everything in the form or, if one step is refused, nothing; then redirect.

    Responds with 409 if the case has changed since it was shown, and with 422 if the form has errors.
    """
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
"""The outcomes with a button of their own: it logs the call, sets the usual next step and opens the next case."""

REACHED = "reached"
"""The box beside these buttons for a person who was reached. The user fills in the rest of the form as well."""


def with_one_press(posted: QueryDict) -> QueryDict:
    """Return POST data in which a pressed outcome button, or the box "reached", is filled in as a contact attempt."""
    posted = with_a_place(posted)
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


def with_a_place(posted: QueryDict) -> QueryDict:
    """Return POST data in which a pressed button of the placement is filled in, such as "Offer" or "Arrived"."""
    if posted.keys().isdisjoint(("offer", "place", "placed")):
        return posted
    filled = posted.copy()
    if "offer" in posted:
        filled["program"], filled["placement"] = posted.get("offer", ""), PlacementState.OFFERED
    elif "place" in posted:
        filled["program"], filled["placement"] = posted.get("place", ""), PlacementState.START_SET
        filled["starts_on"] = posted.get("place_on") or posted.get("starts_on", "")
        filled["next"] = "1"
    else:
        filled["placement"], filled["next"] = posted.get("placed", ""), "1"
    return filled


def one_press(case: Case) -> list[tuple[str, str, str]]:
    """Return the value, the label and the next step in words of each outcome in ``ONE_PRESS``."""
    now = timezone.now()
    steps = {outcome: next_steps.after_contact(case, outcome, now) for outcome in ONE_PRESS}
    return [
        (outcome.value, str(outcome.label), next_steps.in_words(then.action, then.at, now))
        for outcome, then in steps.items()
    ]


def number(posted: Mapping[str, str], name: str) -> int:
    """Return a number from a hidden field of the form.

    Raises:
        BadRequest: it is missing or not a number.
    """
    value = posted.get(name, "")
    if not unsaved.is_number(value):
        raise BadRequest(f"{name} is no number")
    return int(value)


def go_on(request: HttpRequest, case: Case, saved: bool) -> HttpResponse:
    """Redirect to the same case or, if "next" was pressed, to the next one on To do.

    Args:
        request: the request.
        case: the case as it was before saving.
        saved: whether anything was saved, for the message.
    """
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
    """Load a case with the related objects in ``SHOWN_WITH``."""
    return Case.objects.select_related(*SHOWN_WITH).get(pk=pk)


def erased_page(request: HttpRequest, case: Case) -> HttpResponse:
    """Show that the person deleted the case; with status 409 if the user tried to save something."""
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
    """Show the form again with everything typed, and what other users changed. Sending it again saves it.

    Args:
        request: the request.
        case: the case in its current state.
        history: its history.
        typed: what the user typed, with the hidden fields of the form.
        status: the status of the response.
        **shown: more arguments of ``shown_page``.
    """
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
    """Return what the user tried to save, in words, keyed by type of change; "" for types they did not fill in."""

    def label(name: str, not_offered_now: Iterable[tuple[str, Any]] = ()) -> str:
        choices: dict[str, Any] = dict(not_offered_now)
        if name in form.fields:
            choices |= dict(form.choices_of(name))
        value = posted.get(name, "")
        return str(choices.get(value, value)) if value else ""

    return {
        What.STATUS: label("status", [*CaseStatus.choices, (REOPEN, "Reopen")]),
        What.ASSIGNEE: {"take": "You", "give_back": "nobody"}.get(posted.get("who", ""), "")
        or label("assign_to"),
        What.DISPOSITION: label("level"),
        What.OUTCOME: label("outcome"),
        What.CONTACT: ": ".join(filter(None, [label("how"), label("attempt")])),
        What.PLACEMENT: label("placement"),
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
        "one_press": one_press(case) if form and case.has_next_step else [],
        "here": who_else(request, case) if template == CASE_PAGE else "",
        "form": form,
        "fit": form.place.fit if form and case.is_open else None,
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
    """Render the call sheet of a case, to be printed; see recommend/desk/pages/call_sheet.py."""
    if case.erased_at:
        return erased_page(request, case)
    return shown_page(request, case, history_of(case), None, template="staff/paper.html")
