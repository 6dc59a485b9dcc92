"""The views that ask with whom to share the answers, and how to reach a person who sends them to the team."""

from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from carenav.plumbing.i18n import language
from intake import content, drafts, held, lost
from intake.answers import Answers
from intake.forms import QuestionsForm
from intake.journey import Journey, notices
from intake.models import Draft
from intake.responses import SAVE, next_url, not_open

SHARE = "share"
"""The page name in ``Held.page`` for what this page was sent with and could not accept; see intake/held.py."""


@require_http_methods(["GET", "HEAD", "POST"])
def share(request: HttpRequest) -> HttpResponse:
    """Ask with whom to share the answers, with nothing chosen beforehand; a POST stores the choice."""
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
    """Store in the draft with whom the person shares the answers, and redirect.

    Deletes typed contact details if the person does not send the answers to the team.
    """
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
    if not journey.wants_to_send:  # contact details are not needed
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
    """Ask a person who sends their answers how to reach them."""
    draft = drafts.get(request, typed=True)
    journey = Journey.of(draft)
    if draft is None or not journey.wants_to_send:
        return redirect(next_url(request, journey))
    context = {
        "form": drafts.typed_contact(draft, lost.of_page(request, drafts.CONTACT)),
        "back": back_from_contact(draft),
        "texts": notices(["contact"], journey.answers),
        "keeps": True,
    }
    return render(request, "patient/contact.html", context)


def back_from_contact(draft: Draft) -> str:
    """Return the URL name of the page before the contact page; "" if staff cut the questions short.

    Drafts of staff have no sharing page.
    """
    if draft.cut_short:
        return ""
    return "intake:check" if draft.is_taken else "intake:share"
