"""The page that shows all answers once more, to be confirmed."""

from collections.abc import Container
from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods

from carenav.plumbing.i18n import language
from intake import drafts
from intake.forms import CheckForm
from intake.journey import Journey, fingerprints, section_url
from intake.questionnaire import QuestionItem, Section
from intake.responses import next_url, not_open
from recommend.engine.answers import NONRESPONSE


@require_http_methods(["GET", "POST"])
def check(request: HttpRequest) -> HttpResponse:
    """Show all answers once more, or take the confirmation that they are right as they were shown."""
    if request.method == "POST":
        return confirm(request)
    journey = Journey.of(drafts.get(request))
    if not journey.begun or journey.first_open_section:
        return redirect(next_url(request, journey))
    return check_page(request, journey, check_form(journey))


@transaction.atomic
def confirm(request: HttpRequest) -> HttpResponse:
    """Keep that the answers are confirmed; show the page again if they changed since it was shown (409)."""
    draft = drafts.get(request, lock=True)
    journey = Journey.of(draft)
    if draft is None or journey.first_open_section:
        return not_open(request, journey)
    if language.switched(request):
        return check_page(request, journey, check_form(journey))
    form = check_form(journey, request.POST)
    valid = form.is_valid()
    now, shown = fingerprints(journey.answers), form.cleaned_data.get("shown")
    if shown is not None and shown != now:
        changed = {id for id in now.keys() | shown.keys() if now.get(id) != shown.get(id)}
        return check_page(request, journey, check_form(journey), changed, status=409)
    if not valid:
        return check_page(request, journey, form, status=422)
    journey = journey.confirmed()
    draft.checked = journey.checked
    draft.crisis_change = form.cleaned_data.get("crisis_change", "")
    draft.language = get_language() or settings.LANGUAGE_CODE
    draft.save()
    return redirect(journey.next_url)


def check_form(journey: Journey, post: QueryDict | None = None) -> CheckForm:
    shown = fingerprints(journey.answers)
    return CheckForm(post, shown=shown, taken_back=journey.crisis_taken_back)


def check_page(
    request: HttpRequest, journey: Journey, form: CheckForm, changed: Container[str] = (), status: int = 200
) -> HttpResponse:
    groups: list[dict[str, Any]] = [
        {"title": section.title, "rows": [check_row(section, wording, journey) for wording in wordings]}
        for section, wordings in journey.asked_by_section
    ]
    rows = [row for group in groups for row in group["rows"] if row["id"] in changed]
    return render(
        request, "patient/check.html", {"groups": groups, "form": form, "changed": rows}, status=status
    )


def check_row(section: Section, wording: QuestionItem, journey: Journey) -> dict[str, Any]:
    options = journey.given.get(wording.id, ())
    return {
        "id": wording.id,
        "question": wording.text,
        "answers": wording.chosen(options),
        "skipped": not NONRESPONSE.isdisjoint(options),
        "url": section_url(section),
    }
