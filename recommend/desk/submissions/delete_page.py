"""The patient page that deletes answers: in the browser that sent them, or elsewhere by reference and private code."""

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from carenav.plumbing import codes, cookies
from carenav.plumbing.i18n import language
from carenav.plumbing.throttle import limits
from carenav.plumbing.throttle.answers import throttled
from carenav.plumbing.throttle.buckets import admit
from carenav.plumbing.throttle.rates import CODE
from intake import drafts
from intake.forms import CodeForm, DeleteForm
from intake.models import Submission
from intake.responses import add_throttle_error
from recommend.desk.models import Case
from recommend.desk.submissions.erase import erase


@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: HttpRequest) -> HttpResponse:
    """Show what this browser can delete, or delete it; with a reference and a private code from any browser."""
    if request.method != "POST":
        return delete_page(request, DeleteForm())
    if language.switched(request):
        return same_page(request)
    if "here" in request.POST:
        return delete_here(request)
    form = DeleteForm(request.POST)
    if not form.is_valid():
        return delete_page(request, form, status=422)
    admit(CODE, request)
    return delete_by_code(request, form)


def delete_page(request: HttpRequest, form: CodeForm, status: int = 200) -> HttpResponse:
    draft = drafts.get(request)
    sent = drafts.get_submission(request) or drafts.submission_under_change(draft)
    if sent and not draft:
        drafts.set_seconds_left(request, sent)
    context = {"form": form, "draft": draft, "sent": sent}
    return render(request, "patient/delete.html", context, status=status)


def same_page(request: HttpRequest) -> HttpResponse:
    """Show the same page in another language, with what was typed. Deletes nothing."""
    if "deleted" in request.POST:
        return deleted_page(request, request.POST.get("reference", ""), "draft_deleted" in request.POST)
    return delete_page(request, DeleteForm(initial=request.POST.dict()))


def deleted_page(request: HttpRequest, reference: str = "", draft_deleted: bool = False) -> HttpResponse:
    """Confirm the deletion.

    Args:
        request: of the page.
        reference: of the case that was deleted, "" if nothing had been sent.
        draft_deleted: whether a draft was deleted too.
    """
    again = [("deleted", "yes"), ("reference", reference), *([("draft_deleted", "yes")] * draft_deleted)]
    context = {"reference": reference, "draft_deleted": draft_deleted, "again": again}
    return render(request, "patient/deleted.html", context)


@transaction.atomic
def delete_here(request: HttpRequest) -> HttpResponse:
    """Delete the draft of this browser, what it sent, or both."""
    changed = drafts.submission_under_change(drafts.get(request))
    if changed:
        erase(changed)  # with its draft, and with what a concurrent request may send it as
    draft_deleted = drafts.delete(request) or changed is not None
    # Only now: a draft that was being sent meanwhile is found here.
    sent = drafts.get_submission(request) or changed or deleted_before(request)
    if sent:
        erase(sent)
    response = deleted_page(request, sent.reference if sent else "", draft_deleted)
    response.delete_cookie(settings.DRAFT_COOKIE_NAME, samesite=cookies.SAMESITE)
    return response


def deleted_before(request: HttpRequest) -> Submission | None:
    """Return what the first press of a double click has deleted, so that the second confirms it too."""
    deleted = Case.objects.filter(erased_at__isnull=False).values("reference")
    return Submission.objects.filter(key=drafts.token_hash(request) or "", reference__in=deleted).first()


@transaction.atomic
def delete_by_code(request: HttpRequest, form: DeleteForm) -> HttpResponse:
    """Delete what another browser sent. The code stays valid, so that a second try confirms it too."""
    if wait := limits.seconds_to_wait(request):
        return throttled(delete_page(request, add_throttle_error(form, wait), status=429), wait)
    # Each submission of a case has its own code, and each code deletes the whole case.
    sent = list(Submission.objects.filter(reference=form.cleaned_data["reference"]))
    # An unknown reference takes the same time and gets the same answer as a wrong code.
    hashes = [submission.erase_hash for submission in sent] or [""]
    if not any(codes.matches(form.cleaned_data["code"], stored) for stored in hashes):
        limits.record_failure(request)
        form.add_error(
            "code",
            _(
                "This code and this reference do not fit. Check each character, or ask the clinic to delete it."
            ),
        )
        return delete_page(request, form, status=422)
    erase(sent[0])
    return deleted_page(request, sent[0].reference)
