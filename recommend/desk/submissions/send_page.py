"""The patient pages that send answers to the intake team, or reopen them for a change."""

from django.conf import settings
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods, require_POST

from carenav.plumbing import cookies
from carenav.plumbing.i18n import language
from intake import drafts
from intake.forms import ContactForm
from intake.journey import Journey
from intake.models import Submission
from intake.responses import not_open
from recommend.desk.audit import chain
from recommend.desk.audit.middleware import address_of
from recommend.desk.audit.recorder import Verb
from recommend.desk.submissions import submit


@require_http_methods(["GET", "HEAD", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    """Send the answers to the intake team. A second submit of the same draft redirects to the same result."""
    if request.method != "POST":  # reloading a page that showed errors
        return redirect("intake:contact")
    try:
        return send(request)
    except IntegrityError:
        if drafts.get_submission(request):  # a concurrent request has sent the same draft
            return redirect("recommend:result")
        raise


@transaction.atomic
def send(request: HttpRequest) -> HttpResponse:
    """Submit the draft in one transaction, or redirect to the contact page again with what was typed."""
    submit.held_case(drafts.get(request))  # before the draft, or a concurrent deletion deadlocks
    draft = drafts.get(request, lock=True)
    journey = Journey.of(draft)
    if draft is None or not journey.wants_to_send:
        if draft and draft.answers.get("share") == "send":  # an answer changed in another tab
            drafts.hold_contact(draft, request.POST, told=False)
        return not_open(request, journey)
    form = ContactForm(request.POST)
    if language.switched(request) or not form.is_valid():
        drafts.hold_contact(draft, request.POST, told=not language.switched(request))
        return redirect("intake:contact")
    by = draft.taken_by_id
    sent = submit.submit(draft, form.cleaned_data)
    return taken(request, sent, by) if by else redirect("recommend:result")


def taken(request: HttpRequest, sent: Submission, by: int) -> HttpResponse:
    """Lead staff to the case that they made with a caller; the access log gets its row, and the browser forgets."""
    chain.append(by, Verb.CHANGE, sent.reference, address=address_of(request))
    response = redirect("admin:desk_case_change", sent.case.pk)
    response.delete_cookie(settings.DRAFT_COOKIE_NAME, samesite=cookies.SAMESITE)
    return response


@require_POST
@transaction.atomic
def change(request: HttpRequest) -> HttpResponse:
    """Start a change of the answers that were sent. The desk keeps the old ones until the new ones are sent."""
    submission = drafts.get_submission(request)
    begun = submission and submit.begin_change(submission, get_language() or settings.LANGUAGE_CODE)
    if not begun:  # a change has begun already, or nothing here can be changed
        return redirect("intake:go_on")
    response = redirect("intake:check")
    drafts.set_cookie(response, begun[1])
    return response
