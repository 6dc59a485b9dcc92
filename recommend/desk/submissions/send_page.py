"""Views by which a person sends their answers to the intake team, or starts to change a submission."""

from django.conf import settings
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods, require_POST

from carenav.plumbing import cookies, db_timeout
from carenav.plumbing.i18n import language
from carenav.plumbing.throttle.buckets import admit
from carenav.plumbing.throttle.rates import SEND
from intake import drafts, lost, side_pages
from intake.forms import ContactForm
from intake.journey import Journey
from intake.models import Draft, Submission
from intake.responses import expired, not_open
from recommend.desk.audit import chain
from recommend.desk.audit.middleware import address_of
from recommend.desk.audit.recorder import Verb
from recommend.desk.submissions import flood, submit


@require_http_methods(["GET", "HEAD", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    """Submit the draft with the posted contact details, and redirect to the result. A second press does the same.

    Raises:
        TooMany: too many submissions from this address, or in total.
    """
    if request.method != "POST":  # reloading a page that showed errors
        return redirect("intake:contact")
    if side_pages.opens_help(request):
        return help_first(request)
    if not side_pages.opened(request):
        admit(SEND, request)
    try:
        sent = send(request)
    except IntegrityError:
        if drafts.get_submission(request):  # a concurrent request has submitted the same draft
            return redirect("recommend:result")
        raise
    if isinstance(sent, HttpResponse):
        return sent
    if sent.replaces_id is None:
        flood.mark_if_many(request, sent.reference)
    response = redirect("recommend:result")
    lost.forget(request, response)
    return response


def help_first(request: HttpRequest) -> HttpResponse:
    """Redirect to crisis help, after storing what was typed if the database responds in time."""
    with db_timeout.if_it_answers(db_timeout.CRISIS_ANSWER):
        send(request)
    return redirect(side_pages.HELP)


@transaction.atomic
def send(request: HttpRequest) -> HttpResponse | Submission:
    """Submit the draft; if that is not possible yet, store what was typed and redirect to what comes first.

    Returns:
        the submission, or a redirect. For staff it is always a redirect.
    """
    submit.held_case(drafts.get(request))  # locks the case before the draft, to avoid deadlocks with deletion
    draft = drafts.get(request, lock=True)
    journey = Journey.of(draft)
    side_page = side_pages.opened(request)
    if draft is None or not journey.wants_to_send:
        instead = not_now(request, draft, journey)
        return redirect(side_page) if side_page else instead
    form = ContactForm(request.POST)
    not_yet = bool(language.switched(request) or side_page)
    if not_yet or not form.is_valid():
        drafts.hold_contact(draft, request.POST, told=not not_yet)
        return redirect(side_page or "intake:contact")
    by = draft.taken_by_id
    sent = submit.submit(draft, form.cleaned_data)
    return taken(request, sent, by) if by else sent


def not_now(request: HttpRequest, draft: Draft | None, journey: Journey) -> HttpResponse:
    """Redirect to the page that comes first, and store what was typed, in the draft or else in a cookie."""
    if draft is None and expired(request):
        return lost.gone(request, drafts.CONTACT, lost.contact_of(request))
    if drafts.is_over_for_staff(request):
        draft = drafts.left_by_staff(request)
    if draft and draft.answers.get("share") == "send":  # an answer changed in another tab
        drafts.hold_contact(draft, request.POST, told=False)
    return not_open(request, journey)


def taken(request: HttpRequest, sent: Submission, by: int) -> HttpResponse:
    """Redirect staff to the case that they submitted, record that in the access log, and delete the draft's cookie.

    Args:
        request: the request.
        sent: the submission.
        by: the id of the staff user.
    """
    chain.append(by, Verb.CHANGE, sent.reference, address=address_of(request))
    response = redirect("admin:desk_case_change", sent.case.pk)
    response.delete_cookie(settings.DRAFT_COOKIE_NAME, samesite=cookies.SAMESITE)
    return response


@require_POST
@transaction.atomic
def change(request: HttpRequest) -> HttpResponse:
    """Create a draft to change this browser's submission, and redirect to its check page.

    The desk has the old answers until the new ones are sent.
    """
    submission = drafts.get_submission(request)
    begun = submission and submit.begin_change(submission, get_language() or settings.LANGUAGE_CODE)
    if not begun:  # a change was started before, or there is nothing to change
        return redirect("intake:go_on")
    response = redirect("intake:check")
    drafts.set_cookie(response, begun[1])
    return response
