"""The pages of questions, one for each section, and the page that ends them."""

import logging

from django.conf import settings
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods

from carenav.plumbing import db_timeout
from carenav.plumbing.i18n import language
from carenav.plumbing.request_state import remember
from intake import content, drafts
from intake.answers import Answers, chosen, sections
from intake.crisis import crisis_posted
from intake.forms import QuestionsForm
from intake.journey import Journey, notices, section_url, url_before
from intake.models import Draft
from intake.questionnaire import Section
from intake.reading_time import minutes_for
from intake.responses import HELP, STOPPED, expired, next_url, not_open, refilled
from intake.steps import Accepted, Invalid, NotOpen, Step, Stop

WHOLE = "whole"
"""In the query of a page: show all of its questions, also where only newly opened ones would be shown."""

logger = logging.getLogger(__name__)


@require_http_methods(["GET", "POST"])
def section(request: HttpRequest, id: str) -> HttpResponse:
    """Show the questions of one topic, as far as they are asked, or take the answers to them."""
    here = next((each for each in sections() if each.id == id), None)
    if here is None:
        raise Http404
    if request.method == "POST":
        return post_section(request, here)
    journey = Journey.of(drafts.get(request))
    if not journey.can_open(here):
        return redirect(next_url(request, journey))
    items = journey.asked_in(here) if WHOLE in request.GET else journey.on_page(here)
    return section_page(request, here, journey, QuestionsForm(items, journey.answers))


def section_page(
    request: HttpRequest, here: Section, journey: Journey, form: QuestionsForm, status: int = 200
) -> HttpResponse:
    """Show the questions of a form. What the page says around them follows from the stored answers."""
    order = [each.id for each in content.questionnaire().sections]
    ids = [wording.id for wording in form.wordings]
    step = order.index(here.id) + 1
    opened = ids == journey.newly_opened(here)
    to_come = [(here, form.wordings), *journey.asked_by_section[step:]]
    places = [f"section:{here.id}", *(f"question:{id}" for id in ids)]
    context = {
        "section": here,
        "step": step,
        "steps": len(order),
        "minutes_left": minutes_for(to_come, get_language() or settings.LANGUAGE_CODE),
        "form": form,
        "opened": opened,
        "notices": notices(places, journey.answers),
        "back": f"{section_url(here)}?{WHOLE}" if opened else url_before(here),
        "shared_device": drafts.on_shared_device(request),
        "over": here == sections()[0] and expired(request),
    }
    return render(request, "patient/section.html", context, status=status)


def post_section(request: HttpRequest, here: Section) -> HttpResponse:
    """Take the answers of one page. A crisis answer leads to help whatever else is wrong, the database included."""
    crisis = crisis_posted(request.POST)
    if language.switched(request) and not crisis and STOPPED not in request.POST:
        return same_page(request, here)
    if not crisis:
        return take_answers(request, here)
    try:
        with db_timeout.time_limit(db_timeout.CRISIS_ANSWER):
            return take_answers(request, here)
    except Exception:
        logger.exception("a page with a crisis answer could not be kept")
        return redirect(HELP)


def same_page(request: HttpRequest, here: Section) -> HttpResponse:
    """Show the page again in another language, as it is filled in; nothing is saved or checked."""
    journey = Journey.of(drafts.get(request))
    if not journey.can_open(here):
        return not_open(request, journey)
    return section_page(request, here, journey, refilled(journey.posted_form(here, request.POST)))


@transaction.atomic
def take_answers(request: HttpRequest, here: Section) -> HttpResponse:
    """Read the draft, decide what the page leads to, save that and respond."""
    draft = drafts.get(request, lock=True)
    journey = Journey.of(draft)
    step = journey.apply(here, request.POST)
    token = save(request, here, draft, step)
    response = redirect(HELP) if step.help else respond(request, here, journey, step)
    if token:
        drafts.set_cookie(response, token)
    return response


def save(request: HttpRequest, here: Section, draft: Draft | None, step: Step) -> str | None:
    """Save the answers that a step takes, or delete the draft where it ends the questions.

    Returns:
        the token of a draft made for it, for the browser to remember; None if there was one.
    """
    if isinstance(step, Stop):
        drafts.delete(request)
    if not isinstance(step, Accepted):
        return None
    token = None
    now_language = get_language() or settings.LANGUAGE_CODE
    if draft is None:
        draft, token = drafts.create(now_language)
    draft.answers = step.answers
    if here == sections()[0]:  # the page with the box "not my own device"
        draft.shared_device = drafts.on_shared_device(request)
    draft.language = now_language
    draft.note_crisis({*step.fresh}, [*step.crisis])
    draft.save()
    return token


def respond(request: HttpRequest, here: Section, before: Journey, step: Step) -> HttpResponse:
    """Show what a step leads to where no crisis help comes first.

    Args:
        request: the request.
        here: the section of the page.
        before: where the person was; a page with errors says what it said before.
        step: what the page leads to.
    """
    match step:
        case NotOpen():
            return not_open(request, before)
        case Stop():
            return stop_page(request, step.option, step.answers)
        case Invalid(form) | Accepted(form=QuestionsForm() as form):
            return section_page(request, here, before, form, status=422)
        case Accepted():
            return redirect(step.url)


def stop_page(request: HttpRequest, stop: str, answers: Answers) -> HttpResponse:
    """Show help, and no level, to somebody who asks for someone else or is under 18.

    It answers the post itself, so that no address tells who asked.
    """
    remember(request, carenav_place=answers.get("place"))
    texts = notices([f"stop:{stop}"], answers)
    here = sections()[0]
    given = [(w.id, option) for w in here.wordings for option in chosen(answers).get(w.id, ())]
    context = {
        "stop": stop,
        "texts": texts,
        "may_have_sent": drafts.token_hash(request) is not None,
        "again": [*given, (STOPPED, "yes")],
    }
    return render(request, "patient/stop.html", context)
