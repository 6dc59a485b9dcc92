"""The pages that ask with whom to share the answers, and how to reach a person who sends them."""

from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from carenav.plumbing.i18n import language
from intake import content, drafts, held
from intake.answers import Answers
from intake.forms import QuestionsForm
from intake.journey import Journey, notices
from intake.models import Draft
from intake.responses import SAVE, next_url, not_open

SHARE = "share"
"""The name of this page for what is kept for it."""


@require_http_methods(["GET", "HEAD", "POST"])
def share(request: HttpRequest) -> HttpResponse:
    """Ask with whom to share the answers, or take the choice. Nothing is chosen beforehand."""
    if request.method == "POST":
        return choose_sharing(request)
    draft = drafts.get(request)
    journey = Journey.of(draft)
    if draft is None or not journey.is_ready or draft.is_taken:
        return redirect(next_url(request, journey))
    kept = drafts.held_for(draft, SHARE)
    chosen = {id: "".join(values) for id, values in kept.values.items()}
    form = sharing_form({}, QueryDict()) if kept.told else sharing_form({**journey.answers, **chosen})
    return share_page(request, journey.answers, form)


@transaction.atomic
def choose_sharing(request: HttpRequest) -> HttpResponse:
    """Keep with whom the person shares the answers."""
    draft = drafts.get(request, lock=True)
    journey = Journey.of(draft)
    if draft is None or not journey.is_ready or draft.is_taken:
        return not_open(request, journey)
    form = sharing_form(journey.answers, request.POST)
    if language.switched(request) or SAVE in request.POST:
        drafts.hold(draft, held.of_form(SHARE, form, told=False, only_errors=False))
        return redirect("intake:save" if SAVE in request.POST else "intake:share")
    if not form.is_valid():
        drafts.hold(draft, held.of_form(SHARE, form, told=True, only_errors=True))
        return redirect("intake:share")
    journey = journey.with_answers({**journey.answers, **form.answers})
    draft.answers, draft.held = journey.answers, {}
    if not journey.wants_to_send:  # nobody is to be reached
        draft.typed = ""
    draft.save()
    return redirect(journey.next_url)


def sharing_form(answers: Answers, post: QueryDict | None = None) -> QuestionsForm:
    return QuestionsForm(content.questionnaire().sections[-1].wordings, answers, post)


def share_page(request: HttpRequest, answers: Answers, form: QuestionsForm) -> HttpResponse:
    steps = len(content.questionnaire().sections)
    context = {
        "form": form,
        "step": steps,
        "steps": steps,
        "back": reverse("intake:check"),
        "texts": notices(["share"], answers),
    }
    return render(request, "patient/share.html", context)


@require_safe
def contact(request: HttpRequest) -> HttpResponse:
    """Ask how to reach a person who sends their answers."""
    draft = drafts.get(request, typed=True)
    journey = Journey.of(draft)
    if draft is None or not journey.wants_to_send:
        return redirect(next_url(request, journey))
    context = {
        "form": drafts.typed_contact(draft),
        "back": back_from_contact(draft),
        "texts": notices(["contact"], journey.answers),
        "keeps": True,
    }
    return render(request, "patient/contact.html", context)


def back_from_contact(draft: Draft) -> str:
    """Return the name of the page before the contact page; staff choose no sharing.

    "" where staff ended the questions early.
    """
    if draft.cut_short:
        return ""
    return "intake:check" if draft.is_taken else "intake:share"
