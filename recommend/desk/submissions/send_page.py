"""Send the answers to the intake team, or change what was sent."""

from django.conf import settings
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods, require_POST

from carenav.plumbing.i18n import language
from intake import drafts, journey
from intake.forms import ContactForm
from intake.views import contact_page, not_open
from recommend.desk.submissions import submit


@require_http_methods(["GET", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    """Send the answers to the intake team. Sending twice stores once and shows the same result."""
    if request.method == "GET":  # the address of a page with errors, typed or loaded again
        return redirect("intake:contact")
    try:
        return send(request)
    except IntegrityError:
        if drafts.get_submission(request):
            return redirect("recommend:result")  # the same draft was sent at the same moment
        raise


@transaction.atomic
def send(request: HttpRequest) -> HttpResponse:
    submit.held_case(drafts.get(request))  # first, or whoever deletes at this moment waits in a circle
    draft = drafts.get(request, lock=True)
    if draft is None or not journey.wants_to_send(draft):
        return not_open(request, draft)
    if language.switched(request):
        return contact_page(request, ContactForm(initial=request.POST.dict()), draft)
    form = ContactForm(request.POST)
    if not form.is_valid():
        return contact_page(request, form, draft, status=422)
    submit.submit(draft, form.cleaned_data)
    return redirect("recommend:result")


@require_POST
@transaction.atomic
def change(request: HttpRequest) -> HttpResponse:
    """Go through the answers that were sent once more. What the team has stays as it is until they are sent again."""
    submission = drafts.get_submission(request)
    begun = submission and submit.begin_change(submission, get_language() or settings.LANGUAGE_CODE)
    if not begun:  # it is being changed already, or there is nothing that could be
        return redirect("intake:go_on")
    response = redirect("intake:check")
    drafts.set_cookie(response, begun[1])
    return response
