"""The pages that take answers: sections, check, share, contact; and the ways out."""

import logging
from collections.abc import Container
from contextlib import suppress
from http.cookies import CookieError
from typing import Any

from django.conf import settings
from django.db import Error as DatabaseTrouble
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from carenav.plumbing import db_timeout
from carenav.plumbing.i18n import language
from carenav.plumbing.request_state import remember
from intake import content, drafts, journey, static_pages
from intake.forms import CheckForm, ContactForm, QuestionsForm
from intake.models import Draft
from intake.questionnaire import QuestionItem, Section
from recommend.engine import CrisisAnswer, screened_out
from recommend.engine.answers import NONRESPONSE

logger = logging.getLogger(__name__)
HELP = "intake:help_now"
STOPPED = "stopped"
"""Posted by a page that ends the questions, to be shown once more in another language."""


@require_safe
def help_now(request: HttpRequest) -> HttpResponse:
    """Show the crisis page, for the person's place where the database can tell it."""
    with suppress(DatabaseTrouble), db_timeout.time_limit(db_timeout.CRISIS_PAGE):
        drafts.get(request)
    return static_pages.help_now(request)


@require_GET
def continue_(request: HttpRequest) -> HttpResponse:
    """Redirect to the first open page, from anywhere."""
    return redirect(next_url(request, drafts.get(request)))


def next_url(request: HttpRequest, draft: Draft | None) -> str:
    """Return the first open page; the result, for a person who has just sent their answers."""
    if draft is None and drafts.has_submission(request):
        return reverse("recommend:result")
    return journey.next_url(draft)


def expired(request: HttpRequest) -> bool:
    """Whether this browser had answers that it can no longer open; asked after they were looked for."""
    found = hasattr(request, "carenav_draft")
    return not found and drafts.token_hash(request) is not None and not drafts.has_submission(request)


def not_open(request: HttpRequest, draft: Draft | None) -> HttpResponse:
    """Where somebody is led who sends a page that is not open to them; that their answers are over is said."""
    if expired(request):
        return render(request, "patient/gone.html", status=410)
    return redirect(next_url(request, draft))


@require_GET
def leave(request: HttpRequest) -> HttpResponse:
    """Delete the draft and every cookie, and open a neutral site. Works without a database too."""
    # The cookie goes in any case, and nobody finds the draft until its time is over.
    with suppress(DatabaseTrouble), db_timeout.time_limit(db_timeout.LEAVING):
        drafts.delete(request)
    return without_cookies(request, HttpResponseRedirect(settings.LEAVE_TO))


def without_cookies(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Return the response with every cookie of this site deleted."""
    for name in {*request.COOKIES, settings.DRAFT_COOKIE_NAME, settings.CSRF_COOKIE_NAME}:
        with suppress(CookieError):  # a name that no site can set; some extensions and proxies send such
            response.delete_cookie(name, samesite="Strict")
    return response


# ---- sections


@require_http_methods(["GET", "POST"])
def section(request: HttpRequest, id: str) -> HttpResponse:
    """One topic: its questions as far as they are asked."""
    here = next((each for each in journey.sections() if each.id == id), None)
    if here is None:
        raise Http404
    if request.method == "POST":
        return post_section(request, here)
    draft = drafts.get(request)
    answers = draft.answers if draft else {}
    if not journey.can_open(here, answers):
        return redirect(next_url(request, draft))
    return section_page(request, here, answers, QuestionsForm(on_page(here, answers), answers))


def section_page(
    request: HttpRequest, here: Section, answers: journey.Answers, form: QuestionsForm, status: int = 200
) -> HttpResponse:
    order = [each.id for each in content.questionnaire().sections]
    ids = [wording.id for wording in form.wordings]
    context = {
        "section": here,
        "step": order.index(here.id) + 1,
        "steps": len(order),
        "form": form,
        "opened": ids == journey.newly_opened(here, answers),
        "notices": journey.notices([f"section:{here.id}", *(f"question:{id}" for id in ids)], answers),
        "back": journey.url_before(here),
        "shared_device": drafts.on_shared_device(request),
        "over": here == journey.sections()[0] and expired(request),
    }
    return render(request, "patient/section.html", context, status=status)


def on_page(here: Section, answers: journey.Answers) -> list[QuestionItem]:
    """Return the questions a page shows: newly opened ones if there are any, else all that are asked."""
    ids = journey.newly_opened(here, answers) or journey.asked(answers)
    return [wording for wording in here.wordings if wording.id in ids]


def posted_form(here: Section, answers: journey.Answers, post: QueryDict) -> QuestionsForm:
    """Build the form a post answers: what the page shows now and what the post brings, as far as it is asked.

    A post may come from an older state of the page, by the back button, with more or fewer questions on it.
    """
    sent = {w.id: [value for value in post.getlist(w.id) if value] for w in here.wordings if w.id in post}
    still = journey.asked({**answers, **sent})
    ids = ({wording.id for wording in on_page(here, answers)} | sent.keys()) & still.keys()
    return QuestionsForm([wording for wording in here.wordings if wording.id in ids], answers, post)


def post_section(request: HttpRequest, here: Section) -> HttpResponse:
    """Take the answers of one page. A crisis answer leads to help whatever else is wrong, the database included."""
    crisis = journey.crisis_posted(request.POST)
    if language.switched(request) and not crisis and STOPPED not in request.POST:
        return same_page(request, here)
    if not crisis:
        return take_answers(request, here, crisis)
    try:
        with db_timeout.time_limit(db_timeout.CRISIS_ANSWER):
            return take_answers(request, here, crisis)
    except Exception:
        logger.exception("a page with a crisis answer could not be kept")
        return redirect(HELP)


def same_page(request: HttpRequest, here: Section) -> HttpResponse:
    """Show the page again in another language, as it is filled in; nothing is saved or checked."""
    draft = drafts.get(request)
    answers = draft.answers if draft else {}
    if not journey.can_open(here, answers):
        return not_open(request, draft)
    return section_page(request, here, answers, refilled(posted_form(here, answers, request.POST)))


def refilled(form: QuestionsForm) -> QuestionsForm:
    """Return a form filled with what was posted, without errors."""
    return QuestionsForm(form.wordings, form.data)


@transaction.atomic
def take_answers(request: HttpRequest, here: Section, crisis: list[CrisisAnswer]) -> HttpResponse:
    draft = drafts.get(request, lock=True)
    answers = draft.answers if draft else {}
    if not journey.can_open(here, answers):
        return redirect(HELP) if crisis else not_open(request, draft)
    form = posted_form(here, answers, request.POST)
    valid = form.is_valid()
    # A crisis beside "none" is no answer that a form takes; an earlier "none" must not stay in its place.
    open_again = {answer.question for answer in crisis} | form.emptied
    kept = {id: value for id, value in answers.items() if id not in open_again}
    merged = journey.pruned({**kept, **form.answers})
    if stop := screened_out(content.questionnaire().questions, journey.chosen(merged)):
        drafts.delete(request)
        return redirect(HELP) if crisis else stop_page(request, stop, merged)
    token = None
    if draft is None:
        if not valid:
            return redirect(HELP) if crisis else section_page(request, here, answers, form, status=422)
        draft, token = drafts.create(get_language() or settings.LANGUAGE_CODE)
    posted = {answer.kind for answer in crisis}
    fresh = (posted | journey.crisis_kinds(merged)) - {*draft.crisis_shown}
    if draft.just_touched and merged == draft.answers:
        # Pressed twice, and the browser follows this answer alone: help that the first one led to was never seen.
        fresh |= posted | journey.crisis_kinds_with(form.fields, merged)
    if not valid and not crisis and not fresh:
        return section_page(request, here, answers, form, status=422)
    draft.answers = merged
    if here == journey.sections()[0]:  # the page with the box "not my own device"
        draft.shared_device = drafts.on_shared_device(request)
    draft.language = get_language() or settings.LANGUAGE_CODE
    draft.note_crisis(fresh, [*crisis, *journey.crisis_together(fresh - posted, merged)])
    draft.save()
    if not valid and not fresh:  # help for it was shown before
        return section_page(request, here, answers, form, status=422)
    response = redirect(HELP if fresh else journey.url_after(here, draft))
    if token:
        drafts.set_cookie(response, token)
    return response


def stop_page(request: HttpRequest, stop: str, answers: journey.Answers) -> HttpResponse:
    """For someone else, or under 18: help, and no level. Shown at once, so that no address tells who asked."""
    remember(request, carenav_place=answers.get("place"))
    texts = journey.notices([f"stop:{stop}"], answers)
    here = journey.sections()[0]
    given = [(w.id, option) for w in here.wordings for option in journey.chosen(answers).get(w.id, ())]
    context = {
        "stop": stop,
        "texts": texts,
        "may_have_sent": drafts.token_hash(request) is not None,
        "again": [*given, (STOPPED, "yes")],
    }
    return render(request, "patient/stop.html", context)


# ---- check, share, contact


@require_http_methods(["GET", "POST"])
def check(request: HttpRequest) -> HttpResponse:
    """All answers once more; the person confirms them as they were shown."""
    if request.method == "POST":
        return confirm(request)
    draft = drafts.get(request)
    if draft is None or journey.first_open_section(draft.answers):
        return redirect(next_url(request, draft))
    return check_page(request, draft, check_form(draft))


@transaction.atomic
def confirm(request: HttpRequest) -> HttpResponse:
    draft = drafts.get(request, lock=True)
    if draft is None or journey.first_open_section(draft.answers):
        return not_open(request, draft)
    if language.switched(request):
        return check_page(request, draft, check_form(draft))
    form = check_form(draft, request.POST)
    valid = form.is_valid()
    now, shown = journey.fingerprints(draft.answers), form.cleaned_data.get("shown")
    if shown is not None and shown != now:
        changed = {id for id in now.keys() | shown.keys() if now.get(id) != shown.get(id)}
        return check_page(request, draft, check_form(draft), changed, status=409)
    if not valid:
        return check_page(request, draft, form, status=422)
    draft.checked = journey.digest(draft.answers)
    draft.crisis_change = form.cleaned_data.get("crisis_change", "")
    draft.language = get_language() or settings.LANGUAGE_CODE
    draft.save()
    return redirect(journey.next_url(draft))


def check_form(draft: Draft, post: QueryDict | None = None) -> CheckForm:
    shown = journey.fingerprints(draft.answers)
    return CheckForm(post, shown=shown, taken_back=journey.crisis_taken_back(draft))


def check_page(
    request: HttpRequest, draft: Draft, form: CheckForm, changed: Container[str] = (), status: int = 200
) -> HttpResponse:
    groups: list[dict[str, Any]] = [
        {"title": section.title, "rows": [check_row(section, wording, draft) for wording in wordings]}
        for section, wordings in journey.asked_by_section(draft.answers)
    ]
    rows = [row for group in groups for row in group["rows"] if row["id"] in changed]
    return render(
        request, "patient/check.html", {"groups": groups, "form": form, "changed": rows}, status=status
    )


def check_row(section: Section, wording: QuestionItem, draft: Draft) -> dict[str, Any]:
    options = journey.chosen(draft.answers).get(wording.id, ())
    return {
        "id": wording.id,
        "question": wording.text,
        "answers": wording.chosen(options),
        "skipped": not NONRESPONSE.isdisjoint(options),
        "url": journey.section_url(section),
    }


@require_http_methods(["GET", "POST"])
def share(request: HttpRequest) -> HttpResponse:
    """Send the answers, or keep them. Nothing is chosen beforehand."""
    if request.method == "POST":
        return choose_sharing(request)
    draft = drafts.get(request)
    if draft is None or not journey.is_ready(draft):
        return redirect(next_url(request, draft))
    return share_page(request, draft, sharing_form(draft))


@transaction.atomic
def choose_sharing(request: HttpRequest) -> HttpResponse:
    draft = drafts.get(request, lock=True)
    if draft is None or not journey.is_ready(draft):
        return not_open(request, draft)
    form = sharing_form(draft, request.POST)
    if language.switched(request):
        return share_page(request, draft, refilled(form))
    if not form.is_valid():
        return share_page(request, draft, form, status=422)
    draft.answers = {**draft.answers, **form.answers}
    draft.save()
    return redirect(journey.next_url(draft))


def sharing_form(draft: Draft, post: QueryDict | None = None) -> QuestionsForm:
    return QuestionsForm(content.questionnaire().sections[-1].wordings, draft.answers, post)


def share_page(request: HttpRequest, draft: Draft, form: QuestionsForm, status: int = 200) -> HttpResponse:
    steps = len(content.questionnaire().sections)
    context = {
        "form": form,
        "step": steps,
        "steps": steps,
        "back": reverse("intake:check"),
        "texts": journey.notices(["share"], draft.answers),
    }
    return render(request, "patient/share.html", context, status=status)


@require_GET
def contact(request: HttpRequest) -> HttpResponse:
    """How to reach a person who sends their answers."""
    draft = drafts.get(request)
    if draft is None or not journey.wants_to_send(draft):
        return redirect(next_url(request, draft))
    return contact_page(request, ContactForm(), draft)


def contact_page(request: HttpRequest, form: ContactForm, draft: Draft, status: int = 200) -> HttpResponse:
    context = {
        "form": form,
        "back": reverse("intake:share"),
        "texts": journey.notices(["contact"], draft.answers),
    }
    return render(request, "patient/contact.html", context, status=status)
