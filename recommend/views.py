"""Sending the answers, the result, and the levels of care side by side."""

from django.conf import settings
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from intake import codes, drafts, journey, language
from intake.forms import ContactForm
from intake.models import ContactDetails, ReachBy, Submission
from intake.views import contact_page, not_open
from recommend import content, services
from recommend.engine import RuleSet
from recommend.presentation import Shown, present
from recommend.programs import programs_for
from recommend.week import week_of


@require_http_methods(["GET", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    """Send the answers to the intake team. Sending twice stores once and shows the same result."""
    if request.method == "GET":  # the address of a page with errors, typed or loaded again
        return redirect("intake:contact")
    try:
        return send(request)
    except IntegrityError:
        if drafts.find_sent(request):
            return redirect("recommend:result")  # the same draft was sent at the same moment
        raise


@transaction.atomic
def send(request: HttpRequest) -> HttpResponse:
    services.held_case(drafts.find(request))  # first, or whoever deletes at this moment waits in a circle
    draft = drafts.find(request, lock=True)
    if draft is None or not journey.wants_to_send(draft):
        return not_open(request, draft)
    if language.switched(request):
        return contact_page(request, ContactForm(initial=request.POST.dict()), draft)
    form = ContactForm(request.POST)
    if not form.is_valid():
        return contact_page(request, form, draft, status=422)
    services.submit(draft, form.cleaned_data)
    return redirect("recommend:result")


@require_POST
@transaction.atomic
def change(request: HttpRequest) -> HttpResponse:
    """Go through the answers that were sent once more. What the team has stays as it is until they are sent again."""
    submission = drafts.find_sent(request)
    begun = submission and services.begin_change(submission, get_language() or settings.LANGUAGE_CODE)
    if not begun:  # it is being changed already, or there is nothing that could be
        return redirect("intake:go_on")
    response = redirect("intake:check")
    drafts.remember(response, begun[1])
    return response


@require_GET
def result(request: HttpRequest) -> HttpResponse:
    """The result and all that belongs to it."""
    return own_result(request, "recommend/result.html")


@require_GET
def sheet(request: HttpRequest) -> HttpResponse:
    """The same on one page to print, for the first call."""
    return own_result(request, "recommend/sheet.html")


@require_GET
def sent(request: HttpRequest) -> HttpResponse:
    """The result of what the team has, while the person changes their answers."""
    submission = drafts.find_sent(request) or drafts.being_changed(drafts.find(request))
    if submission is None:
        return redirect("intake:go_on")
    return stored_result(request, submission, "recommend/result.html")


def own_result(request: HttpRequest, template: str) -> HttpResponse:
    """What was sent shows its stored result; answers kept private are computed each time and never stored."""
    if submission := drafts.find_sent(request):
        return stored_result(request, submission, template)
    draft = drafts.find(request)
    before = drafts.being_changed(draft)
    if draft is None or not journey.only_for_them(draft):
        return stored_result(request, before, template) if before else redirect(journey.next_url(draft))
    outcome = services.safe_outcome(draft.answers, "a result that is not stored")
    shown = present(outcome, draft.answers, content.ruleset(), content.questionnaire())
    context = {
        "result": shown,
        "sent_before": before and before.reference,
        "ruleset": content.ruleset().version,
        "made_on": timezone.localdate(),
    }
    return render(request, template, context | beside(shown, draft.answers, content.ruleset()))


def stored_result(request: HttpRequest, submission: Submission, template: str) -> HttpResponse:
    """The result as it was when the answers were sent, by the rules and questions of that day."""
    request.carenav_place = submission.answers.get("place")
    changing = hasattr(request, "carenav_draft")  # whose own time counts on a shared device
    if not changing:
        drafts.note_shared_device(request, submission)
    made = submission.recommendation
    versions = content.ruleset(made.ruleset), content.questionnaire(made.questionnaire)
    shown = present(made.outcome, submission.answers, *versions)
    context = {
        "result": shown,
        "reference": submission.reference,
        "you_call": ContactDetails.objects.filter(
            submission=submission, reach_by=ReachBy.I_WILL_CALL
        ).exists(),
        "private_code": private_code(request, submission),
        "shared_device": submission.shared_device,
        "being_changed": changing,
        "can_change": submission.questionnaire == content.questionnaire().version,
        "ruleset": made.ruleset,
        "made_on": timezone.localdate(made.made_at),
    }
    return render(request, template, context | beside(shown, submission.answers, versions[0]))


def beside(shown: Shown, answers: journey.Answers, ruleset: RuleSet) -> dict[str, object]:
    """What stands beside a level and never changes it: its week, and the programs that fit."""
    if shown.level is None:
        return {}
    level, weeks = shown.level.id, content.weeks()
    return {
        "week": week_of(weeks, level, journey.chosen(answers).get("free_times", ())),
        "programs": programs_for(level, answers, ruleset, weeks),
    }


def private_code(request: HttpRequest, submission: Submission) -> str | None:
    """The code that deletes what was sent; None where it would not work, because a key was taken away since."""
    code = codes.private_code(request.COOKIES[settings.DRAFT_COOKIE_NAME])
    return code if codes.fits(code, submission.erase_hash) else None


@require_GET
def compare(request: HttpRequest) -> HttpResponse:
    """The levels of care side by side, each statement with where it comes from."""
    continuum, sources = content.continuum(), content.sources()
    return render(request, "recommend/compare.html", {"continuum": continuum, "sources": sources})
