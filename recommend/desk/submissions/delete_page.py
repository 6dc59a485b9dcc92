"""Patient pages that delete answers: in the browser that sent them, or in any browser by reference and private code."""

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from carenav.plumbing import codes, cookies
from carenav.plumbing.i18n import language
from carenav.plumbing.throttle import limits
from carenav.plumbing.throttle.answers import throttled
from carenav.plumbing.throttle.buckets import admit
from carenav.plumbing.throttle.rates import CODE
from intake import code_entry, drafts, held, lost
from intake.forms import DeleteForm
from intake.held import Held
from intake.models import Submission
from recommend.desk.models import Case
from recommend.desk.submissions.erase import erase

DELETE = "delete"
"""The name of the page that asks for the code, for its cookie; see intake/code_entry.py."""

DELETED = "deleted"
"""The name of the page that confirms the deletion, for its cookie."""


@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: HttpRequest) -> HttpResponse:
    """Show what this browser can delete, and a form for reference and private code; a POST deletes."""
    if request.method == "POST":
        return delete_something(request)
    unknown = _(
        "This code and this reference do not fit. Check each character, or ask the clinic to delete it."
    )
    form = code_entry.form_of(request, DELETE, DeleteForm, unknown)
    draft = drafts.get(request)
    sent = drafts.get_submission(request) or drafts.submission_under_change(draft)
    if sent and not draft:
        drafts.set_seconds_left(request, sent)
    return render(request, "patient/delete.html", {"form": form, "draft": draft, "sent": sent})


def delete_something(request: HttpRequest) -> HttpResponse:
    """Delete the answers of this browser ("here" was pressed), or those of the posted reference and code.

    Redirects to the confirmation, or back to the page, which shows what was typed and the errors.
    """
    if language.switched(request):
        return type_again(request, DeleteForm())
    if "here" in request.POST:
        return delete_here(request)
    form = DeleteForm(request.POST)
    if not form.is_valid():
        return type_again(request, form)
    admit(CODE, request)
    return delete_by_code(request, form)


def type_again(request: HttpRequest, form: DeleteForm, fault: str = "") -> HttpResponse:
    return code_entry.ask_again(request, reverse("desk:delete"), DELETE, form, fault)


def confirm(request: HttpRequest, reference: str = "", draft_deleted: bool = False) -> HttpResponse:
    """Redirect to the page that confirms the deletion, with a cookie that says what was deleted.

    Args:
        request: the request that deleted something.
        reference: the reference of the deleted case; "" if nothing had been sent.
        draft_deleted: whether a draft was deleted.
    """
    values = {"reference": [reference] if reference else [], "draft": ["yes"] if draft_deleted else []}
    response = redirect("desk:deleted")
    held.set_cookie(response, Held(DELETED, values), DELETED)
    held.drop_cookie(request, response, DELETE)
    lost.forget(request, response)
    return response


@require_safe
def deleted(request: HttpRequest) -> HttpResponse:
    """Show what this browser has just deleted; without the cookie that says so, redirect to the page that deletes."""
    kept = held.in_cookie(request, DELETED)
    if not kept.page:
        return redirect("desk:delete")
    context = {
        "reference": "".join(kept.values.get("reference", ())),
        "draft_deleted": bool(kept.values.get("draft")),
    }
    return render(request, "patient/deleted.html", context)


@transaction.atomic
def delete_here(request: HttpRequest) -> HttpResponse:
    """Delete this browser's draft, its submission, or both."""
    changed = drafts.submission_under_change(drafts.get(request))
    if changed:
        erase(changed)  # deletes the draft too, and a submission that a concurrent request makes of it
    draft_deleted = drafts.delete(request) or changed is not None
    # Look for a submission only now, to find one that a concurrent request has just made of the draft.
    sent = drafts.get_submission(request) or changed or deleted_before(request)
    if sent:
        erase(sent)
    response = confirm(request, sent.reference if sent else "", draft_deleted)
    response.delete_cookie(settings.DRAFT_COOKIE_NAME, samesite=cookies.SAMESITE)
    return response


def deleted_before(request: HttpRequest) -> Submission | None:
    """Return this browser's submission if it is erased already, so that a second press is confirmed like the first."""
    deleted = Case.objects.filter(erased_at__isnull=False).values("reference")
    return Submission.objects.filter(key=drafts.token_hash(request) or "", reference__in=deleted).first()


@transaction.atomic
def delete_by_code(request: HttpRequest, form: DeleteForm) -> HttpResponse:
    """Delete the case of a reference if the private code is right. A second press is confirmed like the first."""
    if wait := limits.seconds_to_wait(request):
        return throttled(type_again(request, form, code_entry.SLOWED), wait)
    # Each submission of a case has its own code, and each of these codes deletes the case with all submissions.
    sent = list(Submission.objects.filter(reference=form.cleaned_data["reference"]))
    # An unknown reference takes the same time and gets the same answer as a wrong code.
    hashes = [submission.erase_hash for submission in sent] or [""]
    if not any(codes.matches(form.cleaned_data["code"], stored) for stored in hashes):
        limits.record_failure(request)
        return type_again(request, form, code_entry.UNKNOWN)
    erase(sent[0])
    return confirm(request, sent[0].reference)
