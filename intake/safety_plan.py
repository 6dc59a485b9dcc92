"""The safety plan: a page to fill in and print. What is typed there is never sent to the server."""

from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from carenav.clinic.context import place_lines
from carenav.plumbing import db_timeout
from intake import content, drafts
from intake.crisis import marks_carried
from intake.journey import Journey
from intake.safety.conditions import Facts
from intake.safety.shown import shown_texts


@require_safe
def safety_plan(request: HttpRequest) -> HttpResponse:
    """Show the safety plan, with steps chosen by this person's answers if there are any and the database responds."""
    given: Mapping[str, tuple[str, ...]] = {}
    with db_timeout.if_it_answers(db_timeout.CRISIS_PAGE):
        given = answers_of(request)
    marks = marks_carried(given)
    place = place_lines(request).id
    facts = Facts(given, marks["crisis"], marks["urgent"], None, "plan", place)
    start, *steps = shown_texts(content.safety_texts().shown(facts), place)
    return render(request, "patient/safety_plan.html", {"start": start, "steps": steps})


def answers_of(request: HttpRequest) -> Mapping[str, tuple[str, ...]]:
    """Return the answers of this browser's draft or recent submission, option ids keyed by question id.

    Empty if there is neither.
    """
    if draft := drafts.get(request):
        return Journey.of(draft).given_or_noted
    sent = drafts.get_submission(request)
    return Journey.at(sent.answers).given_or_noted if sent else {}
