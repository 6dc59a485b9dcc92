"""Save a draft under a return code, come back with it, and ask for more time on a shared device."""

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
from intake import code_entry, drafts, held
from intake.forms import ComeBackForm
from intake.journey import Journey
from intake.models import SHARED_LIFE, Draft, Submission
from intake.responses import expired, next_url, not_open, without_cookies


@require_http_methods(["GET", "HEAD", "POST"])
def save(request: HttpRequest) -> HttpResponse:
    """Make a code to come back with. It is shown until the next page is sent; a new one replaces the old."""
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
    if draft is None or draft.is_taken:  # a code would open it to somebody who is not signed in
        return not_open(request, Journey.of(draft))
    drafts.make_code(request, draft)
    return redirect("intake:save")


def save_page(request: HttpRequest, draft: Draft) -> HttpResponse:
    """Ask whether to make a code, or show the one that was made."""
    code = drafts.shown_code(request, draft)
    context = {
        "code": code,
        "replaced": bool(code and drafts.held_for(draft, drafts.CODE).values.get("replaced")),
        "has_code": bool(draft.code_hash),
        "shared_device": draft.shared_device,
    }
    return render(request, "patient/save.html", context)


def stop_here(request: HttpRequest, draft: Draft | None) -> HttpResponse:
    """Make this browser forget a draft that is saved with a code: from now on the code alone opens it.

    It leads to a page of our own: under our policy for forms some browsers do not let one lead to another site.

    Args:
        request: the request
        draft: None: it is forgotten already, by the first of two presses, whose answer the browser may never have read.
    """
    if draft:
        drafts.rotate_token(draft)
        draft.held = {}
        draft.save()
    return without_cookies(request, redirect("intake:stopped"))


@require_safe
def stopped(request: HttpRequest) -> HttpResponse:
    """Show what holds once this browser has forgotten the answers. Anybody can open it."""
    return render(request, "patient/stopped.html")


COME_BACK = "come_back"
"""The name of the page that asks for the code, for what the browser keeps for it."""


@require_http_methods(["GET", "HEAD", "POST"])
def come_back(request: HttpRequest) -> HttpResponse:
    """Continue a saved draft in this browser; the browser before can no longer open it."""
    if request.method == "POST":
        return enter_code(request)
    unknown = _("We do not know this code. Check each character. A code ends 7 days after it was last used.")
    form = code_entry.form_of(request, COME_BACK, ComeBackForm, unknown)
    return render(request, "patient/come_back.html", {"form": form})


def enter_code(request: HttpRequest) -> HttpResponse:
    """Take the code, or lead to the page again, as it was filled in and with what was wrong."""
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
    return response


# ---- a shared device


@require_http_methods(["GET", "HEAD", "POST"])
def more_time(request: HttpRequest) -> JsonResponse:
    """Return the seconds until a shared device loses access, as JSON; 0 if it already has. A POST restarts the time."""
    kept = drafts.get(request) or drafts.get_submission(request)
    if kept is None or not kept.shared_device:
        return JsonResponse({"seconds": 0})
    if request.method == "POST":
        return JsonResponse({"seconds": restart_time(kept)})
    return JsonResponse({"seconds": kept.seconds_left})


def restart_time(kept: Draft | Submission) -> int:
    """Count the time of a shared device from now on; says how many seconds that gives."""
    now = timezone.now()
    if isinstance(kept, Draft):
        Draft.objects.filter(pk=kept.pk).update(touched_at=now)
    else:
        Submission.objects.open().filter(pk=kept.pk).update(open_until=now + SHARED_LIFE)
    return int(SHARED_LIFE.total_seconds())
