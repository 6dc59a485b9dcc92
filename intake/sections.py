"""The view of the pages of questions.

Each POST is answered by a redirect, so that Back in the browser never asks to send a form again. Input that was not
accepted is stored, and the page that follows works out the errors again (intake/held.py).
"""

import logging
from dataclasses import replace

from django.conf import settings
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods

from carenav.plumbing import db_timeout
from carenav.plumbing.i18n import language
from carenav.plumbing.throttle.buckets import TooMany, admit
from carenav.plumbing.throttle.rates import START
from intake import content, drafts, held, lost, start_over
from intake.answers import pages
from intake.crisis import crisis_posted
from intake.forms import QuestionsForm
from intake.held import NOTHING, Held
from intake.journey import Journey, notices, page_before, page_url, place_on_page, url_before
from intake.models import Draft
from intake.pages_file import Page
from intake.reading_time import minutes_for
from intake.responses import HELP, SAVE, expired, next_url, not_open
from intake.static_pages import STOPPED
from intake.steps import Accepted, Invalid, NotOpen, Step, Stop

logger = logging.getLogger(__name__)


@require_http_methods(["GET", "HEAD", "POST"])
def section(request: HttpRequest, key: str) -> HttpResponse:
    """Show those questions of one page that are asked; a POST stores the answers.

    Args:
        request: the request.
        key: ``Page.key``, such as "4-2".

    Raises:
        Http404: there is no such page.
    """
    here = next((each for each in pages() if each.key == key), None)
    if here is None:
        raise Http404
    if request.method == "POST":
        return post_page(request, here)
    draft = drafts.get(request)
    journey = Journey.of(draft)
    if not journey.can_open(here) or drafts.is_over_for_staff(request):
        return redirect(next_url(request, journey))
    kept = drafts.held_for(draft, here.key) if draft else in_browser(request, here)
    if not kept.page and not any(wording.id in journey.answers for wording in here.wordings):
        kept = lost.of_page(request, here.key)
    return questions_page(request, here, journey, journey.form(here, kept), kept)


def in_browser(request: HttpRequest, here: Page) -> Held:
    """Return the input of a page that is in the browser's cookie, because there is no draft; else ``NOTHING``."""
    kept = held.in_cookie(request)
    return kept if kept.page == here.key else NOTHING


def questions_page(
    request: HttpRequest, here: Page, journey: Journey, form: QuestionsForm, kept: Held
) -> HttpResponse:
    """Render the questions of a form, with texts and links that depend on the stored answers.

    Args:
        request: the request.
        here: the page.
        journey: the journey with the stored answers.
        form: the form to show.
        kept: the held input of the page.
    """
    ids = [wording.id for wording in form.wordings]
    opened = [] if form.is_bound else journey.newly_opened(here)
    asked = [(page, journey.asked_in(page)) for page in pages()]
    places = [f"question:{id}" for id in ids] + ([f"section:{here.section.id}"] if here.part == 1 else [])
    before = page_before(here)
    for id in ids:
        vars(form.fields[id])["place"] = place_on_page(here, id)
    shared = kept.values.get("shared_device", drafts.on_shared_device(request))
    context = {
        "here": here,
        "steps": len(content.questionnaire().sections),
        "minutes_left": minutes_for(asked[pages().index(here) :], get_language() or settings.LANGUAGE_CODE),
        "form": form,
        "opened": [form[id] for id in opened],
        "thanks": here.thanks if opened else before and before.thanks,
        "notices": notices(places, journey.answers),
        "back": url_before(here),
        "first": before is None,
        "shared_device": shared,
        "over": before is None and expired(request),
        "sent": before is None and not journey.begun and drafts.has_submission(request),
        "begun": before is None and journey.begun and not hasattr(request, "carenav_taking"),
    }
    return render(request, "patient/section.html", context)


def post_page(request: HttpRequest, here: Page) -> HttpResponse:
    """Store the answers of one page and redirect.

    A crisis answer leads to crisis help even if other answers are invalid or the database fails.
    """
    crisis = crisis_posted(request.POST)
    if start_over.BUTTON in request.POST and not crisis:
        return start_over.start_over(request)
    if language.switched(request) and not crisis:
        return fill_in_again(request, here)
    if not crisis:
        return take_answers(request, here)
    try:
        with db_timeout.time_limit(db_timeout.CRISIS_ANSWER):
            return take_answers(request, here)
    except TooMany:
        return redirect(HELP)
    except Exception:
        logger.exception("a page with a crisis answer could not be kept")
        return redirect(HELP)


@transaction.atomic
def fill_in_again(request: HttpRequest, here: Page) -> HttpResponse:
    """Redirect to the page in another language, with what is filled in. It is not stored as answers yet."""
    draft = drafts.get(request, lock=True)
    journey = Journey.of(draft)
    if not journey.can_open(here) or drafts.is_over_for_staff(request):
        return not_open(request, journey)
    form = journey.posted_form(here, request.POST)
    kept = held.of_form(here.key, form, told=False, only_errors=False)
    return hold(request, here, draft, kept)


def hold(request: HttpRequest, here: Page, draft: Draft | None, kept: Held) -> HttpResponse:
    """Redirect to the page again, with its input stored in the draft, or in a cookie if there is no draft."""
    shared = {"shared_device": ["yes"] * drafts.on_shared_device(request)} if here == pages()[0] else {}
    kept = replace(kept, values={**kept.values, **shared})
    response = redirect(page_url(here))
    if draft:
        drafts.hold(draft, kept)
    else:
        held.set_cookie(response, kept)
    return response


@transaction.atomic
def take_answers(request: HttpRequest, here: Page) -> HttpResponse:
    """Apply the posted answers to the draft, save it, and redirect to crisis help or the next page."""
    draft = drafts.get(request, lock=True)
    journey = Journey.of(draft)
    if drafts.is_over_for_staff(request):
        return keep_for_staff(request, here)
    step = journey.apply(here, request.POST)
    token = save(request, here, draft, step, journey)
    response = redirect(HELP) if step.help else respond(request, here, journey, step)
    if token:
        drafts.set_cookie(response, token)
    if isinstance(step, Accepted):
        held.drop_cookie(request, response)
        if drafts.on_shared_device(request) or lost.of_page(request, here.key).page:
            lost.forget(request, response)
    return response


def keep_for_staff(request: HttpRequest, here: Page) -> HttpResponse:
    """Hold the input of a page that staff sent after their session had expired, and redirect to the sign-in page.

    Redirects to crisis help instead if a posted answer carries a crisis mark.
    """
    draft = drafts.left_by_staff(request)
    journey = Journey.of(draft)
    if draft and journey.can_open(here):
        form = journey.posted_form(here, request.POST)
        drafts.hold(draft, held.of_form(here.key, form, told=False, only_errors=False))
    return redirect(HELP) if crisis_posted(request.POST) else not_open(request, journey)


def save(request: HttpRequest, here: Page, draft: Draft | None, step: Step, before: Journey) -> str | None:
    """Save the answers of an accepted step; delete the draft if the step ends the questions.

    Returns:
        the token of a new draft, for the browser's cookie; None if no draft was made.

    Raises:
        TooMany: a new draft is needed, and too many were started in a short time.
    """
    if isinstance(step, Stop):
        drafts.delete(request)
    if not isinstance(step, Accepted):
        return None
    token = None
    now_language = get_language() or settings.LANGUAGE_CODE
    answers = step.answers
    if draft and start_over.needs_its_own(request, here, draft):
        questions = {wording.id for wording in here.wordings}
        draft, answers = None, {id: value for id, value in answers.items() if id in questions}
    if draft is None:
        admit(START, request)
        draft, token = drafts.create(now_language)
    draft.answers = answers
    if here == pages()[0]:  # the page with the box "not my own device"
        draft.shared_device = drafts.on_shared_device(request)
    draft.language = now_language
    draft.note_crisis({*step.fresh}, [*step.crisis])
    draft.held = held_after(request, here, step, before).to_json()
    draft.save()
    return token


def held_after(request: HttpRequest, here: Page, step: Accepted, before: Journey) -> Held:
    """Return what to hold for the page that comes next.

    It is the invalid input, if this page is shown again; the changed questions, if the check page follows; else
    ``NOTHING``.
    """
    if step.form:
        # After crisis help or saving, the person finds the page as they left it, without error messages.
        told = not step.help and SAVE not in request.POST
        return held.of_form(here.key, step.form, told, only_errors=True)
    if before.begun and not before.first_open_page and step.url == reverse("intake:check"):
        ids = before.answers.keys() | step.answers.keys()
        changed = [id for id in ids if before.answers.get(id) != step.answers.get(id)]
        return Held("check", changed=changed)
    return NOTHING


def respond(request: HttpRequest, here: Page, before: Journey, step: Step) -> HttpResponse:
    """Redirect to what a step leads to. The caller handles steps that show crisis help first.

    Args:
        request: the request.
        here: the page that was sent.
        before: the journey before this page was sent.
        step: the result of ``Journey.apply``.
    """
    match step:
        case NotOpen():
            if expired(request):
                return lost.gone(request, here.key, lost.answers_of(request, here))
            return not_open(request, before)
        case Stop():
            return to_help_page(step)
        case Invalid(form):
            kept = held.of_form(here.key, form, told=True, only_errors=False)
            return hold(request, here, None, kept)
        case Accepted():
            return redirect("intake:save") if SAVE in request.POST else redirect(step.url)


def to_help_page(step: Stop) -> HttpResponse:
    """Redirect a person who asks for someone else, or is under 18, to a help page that anybody can open.

    Nothing is stored on the server. An encrypted cookie holds the person's country, for its crisis lines.
    """
    page = next(each for each in content.pages().help if each.option == step.option)
    response = redirect("intake:where_to_get_help", page.number)
    place = step.answers.get("place")
    held.set_cookie(response, Held(STOPPED, {"place": [place]} if place else {}))
    return response
