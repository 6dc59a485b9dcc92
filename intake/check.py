"""The page that shows all answers once more, to be confirmed."""

import json
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods

from carenav.plumbing.i18n import language
from intake import content, drafts
from intake.forms import CheckForm
from intake.held import Held
from intake.journey import Journey, fingerprints, question_url
from intake.questionnaire import QuestionItem
from intake.responses import SAVE, next_url, not_open
from recommend.engine.answers import NONRESPONSE

CHECK = "check"
"""The page name in ``Held.page`` for what this page was sent with and could not accept; see intake/held.py."""


@require_http_methods(["GET", "HEAD", "POST"])
def check(request: HttpRequest) -> HttpResponse:
    """Show all answers once more; a POST confirms that they are right as they were shown."""
    if request.method == "POST":
        return confirm(request)
    draft = drafts.get(request)
    journey = Journey.of(draft)
    if not journey.begun or journey.first_open_page:
        return redirect(next_url(request, journey))
    held = drafts.held_for(draft, CHECK)
    word = "".join(held.values.get("crisis_change", ()))
    if held.told:
        form = check_form(
            journey, {"shown": json.dumps(fingerprints(journey.answers)), "crisis_change": word}
        )
    else:
        form = check_form(journey, initial={"crisis_change": word})
    return check_page(request, journey, form, held)


@transaction.atomic
def confirm(request: HttpRequest) -> HttpResponse:
    """Store in the draft that the answers are confirmed.

    Redirects back to the check page, with what was sent stored in the draft, if the answers changed since the page was
    shown or if something on it is missing.
    """
    draft = drafts.get(request, lock=True)
    journey = Journey.of(draft)
    if draft is None or journey.first_open_page:
        return not_open(request, journey)
    form = check_form(journey, request.POST)
    valid = form.is_valid()
    word = form.cleaned_data.get("crisis_change", "")
    values = {"crisis_change": [word] if word else []}
    if language.switched(request) or SAVE in request.POST:
        drafts.hold(draft, Held(CHECK, values))
        return redirect("intake:save" if SAVE in request.POST else "intake:check")
    now, shown = fingerprints(journey.answers), form.cleaned_data.get("shown", {})
    if shown != now:
        changed = [id for id in content.questionnaire().wordings if now.get(id) != shown.get(id)]
        drafts.hold(draft, Held(CHECK, values, changed=changed, elsewhere=True))
        return redirect("intake:check")
    if not valid:
        drafts.hold(draft, Held(CHECK, values, told=True))
        return redirect("intake:check")
    journey = journey.confirmed()
    draft.checked, draft.held = journey.checked, {}
    draft.crisis_change = word
    draft.language = get_language() or settings.LANGUAGE_CODE
    draft.save()
    return redirect(journey.next_url)


def check_form(journey: Journey, post: Mapping[str, str] | None = None, **more: Any) -> CheckForm:
    shown = fingerprints(journey.answers)
    return CheckForm(post, shown=shown, taken_back=journey.crisis_taken_back, **more)


def check_page(request: HttpRequest, journey: Journey, form: CheckForm, held: Held) -> HttpResponse:
    groups: list[dict[str, Any]] = [
        {
            "title": section.title,
            "rows": [check_row(wording, journey, wording.id in held.changed) for wording in wordings],
        }
        for section, wordings in journey.asked_by_section
    ]
    rows = [row for group in groups for row in group["rows"] if row["changed"]]
    context = {"groups": groups, "form": form, "changed": rows, "elsewhere": held.elsewhere}
    return render(request, "patient/check.html", context)


def check_row(wording: QuestionItem, journey: Journey, changed: bool) -> dict[str, Any]:
    options = journey.given.get(wording.id, ())
    return {
        "question": wording.text,
        "answers": wording.chosen(options),
        "skipped": not NONRESPONSE.isdisjoint(options),
        "url": question_url(wording.id),
        "changed": changed,
    }
