"""The pages that ask with whom to share the answers, and how to reach a person who sends them."""

from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from carenav.plumbing.i18n import language
from intake import content, drafts
from intake.answers import Answers
from intake.forms import ContactForm, QuestionsForm
from intake.journey import Journey, notices
from intake.responses import contact_page, next_url, not_open, refilled


@require_http_methods(["GET", "POST"])
def share(request: HttpRequest) -> HttpResponse:
    """Ask with whom to share the answers, or take the choice. Nothing is chosen beforehand."""
    if request.method == "POST":
        return choose_sharing(request)
    journey = Journey.of(drafts.get(request))
    if not (journey.begun and journey.is_ready):
        return redirect(next_url(request, journey))
    return share_page(request, journey.answers, sharing_form(journey.answers))


@transaction.atomic
def choose_sharing(request: HttpRequest) -> HttpResponse:
    """Keep with whom the person shares the answers."""
    draft = drafts.get(request, lock=True)
    journey = Journey.of(draft)
    if draft is None or not journey.is_ready:
        return not_open(request, journey)
    form = sharing_form(journey.answers, request.POST)
    if language.switched(request):
        return share_page(request, journey.answers, refilled(form))
    if not form.is_valid():
        return share_page(request, journey.answers, form, status=422)
    journey = journey.with_answers({**journey.answers, **form.answers})
    draft.answers = journey.answers
    draft.save()
    return redirect(journey.next_url)


def sharing_form(answers: Answers, post: QueryDict | None = None) -> QuestionsForm:
    return QuestionsForm(content.questionnaire().sections[-1].wordings, answers, post)


def share_page(
    request: HttpRequest, answers: Answers, form: QuestionsForm, status: int = 200
) -> HttpResponse:
    steps = len(content.questionnaire().sections)
    context = {
        "form": form,
        "step": steps,
        "steps": steps,
        "back": reverse("intake:check"),
        "texts": notices(["share"], answers),
    }
    return render(request, "patient/share.html", context, status=status)


@require_GET
def contact(request: HttpRequest) -> HttpResponse:
    """Ask how to reach a person who sends their answers."""
    journey = Journey.of(drafts.get(request))
    if not (journey.begun and journey.wants_to_send):
        return redirect(next_url(request, journey))
    return contact_page(request, ContactForm(), journey.answers)
