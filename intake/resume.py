"""Views to save a draft under a return code, to continue it with the code, and to get more time on a shared device."""

from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from carenav.plumbing.i18n import language
from carenav.plumbing.throttle import limits
from carenav.plumbing.throttle.answers import throttled
from carenav.plumbing.throttle.buckets import admit
from carenav.plumbing.throttle.rates import CODE
from intake import code_entry, drafts, held, lost
from intake.forms import ComeBackForm
from intake.journey import Journey
from intake.models import SHARED_LIFE, Draft, Submission
from intake.responses import expired, next_url, not_open, without_cookies
from intake.start_over import leave_to_its_code


@require_http_methods(["GET", "HEAD", "POST"])
def save(request: HttpRequest) -> HttpResponse:
    """Show the return code, or offer to make one; a POST makes it.

    The code is shown until the next page is sent. Making another one makes the old one useless.
    """
    if request.method == "POST":
        return make_code(request)
    draft = drafts.get(request)
    if draft is None or draft.is_taken:
        return redirect(next_url(request, Journey.of(draft)))
    drafts.set_seconds_left(request, draft)
    return save_page(request, draft)


@transaction.atomic
def make_code(request: HttpRequest) -> HttpResponse:
    draft = drafts.get(request, lock=True)
    if "stop" in request.POST and (draft.code_hash if draft else expired(request)):
        return stop_here(request, draft)
    if draft is None or draft.is_taken:  # a code would open a draft of staff without signing in
        return not_open(request, Journey.of(draft))
    drafts.make_code(request, draft)
    return redirect("intake:save")


def save_page(request: HttpRequest, draft: Draft) -> HttpResponse:
    """Render the page with the return code; if this browser has none to show, it asks whether to make one."""
    code = drafts.shown_code(request, draft)
    context = {
        "code": code,
        "replaced": bool(code and drafts.held_for(draft, drafts.CODE).values.get("replaced")),
        "has_code": bool(draft.code_hash),
        "shared_device": draft.shared_device,
    }
    return render(request, "patient/save.html", context)


def stop_here(request: HttpRequest, draft: Draft | None) -> HttpResponse:
    """Delete this browser's cookies and change the draft's token, so that only the return code opens the draft.

    Redirects to a page of this site: our form-action policy keeps some browsers from following a redirect to another
    site after a form.

    Args:
        request: the request.
        draft: the draft, saved with a code; None if the button was pressed twice and the first request did the work.
    """
    if draft:
        leave_to_its_code(draft)
    return without_cookies(request, redirect("intake:stopped"))


@require_safe
def stopped(request: HttpRequest) -> HttpResponse:
    """Show that this browser can no longer open the answers. The page has no personal data, so anybody can open it."""
    return render(request, "patient/stopped.html")


COME_BACK = "come_back"
"""The name of the page that asks for the return code, for its cookie; see intake/code_entry.py."""


@require_http_methods(["GET", "HEAD", "POST"])
def come_back(request: HttpRequest) -> HttpResponse:
    """Ask for a return code; a POST with a valid one opens the draft in this browser, and in no other any more."""
    if request.method == "POST":
        return enter_code(request)
    unknown = _("We do not know this code. Check each character. A code ends 7 days after it was last used.")
    form = code_entry.form_of(request, COME_BACK, ComeBackForm, unknown)
    return render(request, "patient/come_back.html", {"form": form})


def enter_code(request: HttpRequest) -> HttpResponse:
    """Open the draft of the posted code, or redirect back to the page, which shows what was typed and the errors."""
    if language.switched(request):
        return type_again(request, ComeBackForm())
    form = ComeBackForm(request.POST)
    if not form.is_valid():
        return type_again(request, form)
    admit(CODE, request)
    return take_code(request, form)


def type_again(request: HttpRequest, form: ComeBackForm, fault: str = "") -> HttpResponse:
    return code_entry.ask_again(request, reverse("intake:come_back"), COME_BACK, form, fault)


@transaction.atomic
def take_code(request: HttpRequest, form: ComeBackForm) -> HttpResponse:
    if wait := limits.seconds_to_wait(request):
        return throttled(type_again(request, form, code_entry.SLOWED), wait)
    draft = drafts.get_by_code(form.cleaned_data["code"])
    if draft is None:
        limits.record_failure(request)
        return type_again(request, form, code_entry.UNKNOWN)
    token = drafts.claim(request, draft, form.cleaned_data["shared_device"])
    response = redirect(Journey.of(draft).next_url)
    drafts.set_cookie(response, token)
    held.drop_cookie(request, response, COME_BACK)
    lost.forget(request, response)  # it may be what somebody else typed
    return response


# ---- a shared device


@require_http_methods(["GET", "HEAD", "POST"])
def more_time(request: HttpRequest) -> JsonResponse:
    """Return ``{"seconds": ...}`` until a shared device can no longer open the answers; a POST restarts the time.

    The seconds are 0 if the time has passed, or if the device is not shared.
    """
    kept = drafts.get(request) or drafts.get_submission(request)
    if kept is None or not kept.shared_device:
        return JsonResponse({"seconds": 0})
    if request.method == "POST":
        return JsonResponse({"seconds": restart_time(kept)})
    return JsonResponse({"seconds": kept.seconds_left})


def restart_time(kept: Draft | Submission) -> int:
    """Let a shared device open a draft or result for ``SHARED_LIFE`` from now on; return that in seconds."""
    now = timezone.now()
    if isinstance(kept, Draft):
        Draft.objects.filter(pk=kept.pk).update(touched_at=now)
    else:
        Submission.objects.open().filter(pk=kept.pk).update(open_until=now + SHARED_LIFE)
    return int(SHARED_LIFE.total_seconds())
