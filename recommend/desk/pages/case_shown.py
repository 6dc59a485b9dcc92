"""Template context that the page of a case and its call sheet have in common."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone

from recommend import content
from recommend.desk import presence, safe_contact
from recommend.desk.call_guide.of_case import call_guide
from recommend.desk.history import History, first_sent, merged_entries
from recommend.desk.models import Case
from recommend.desk.pages import list_rows, search
from recommend.desk.pages.answers_in_order import in_order
from recommend.desk.pages.call_sheet import call_sheet
from recommend.desk.pages.clock import clock_of
from recommend.desk.retention.holds import hold_of
from recommend.desk.rule_change import current_verdict
from recommend.desk.staff.current import staff_user
from recommend.result.shown import ForTheDesk, ResultText
from recommend.result.text import crisis_answers_changed, for_the_desk, result_text

EARLIER_CASES = 5


def known_of(case: Case, history: History) -> dict[str, Any]:
    """Return the template context about a case: the person, their answers, the recommendation, and the history."""
    submission, made, desk = case.submission, case.submission.recommendation, ask_first(case)
    questionnaire = content.questionnaire(submission.questionnaire)
    answers = in_order(submission.answers, made.snapshot, content.ruleset(made.ruleset), questionnaire)
    to_ask = call_guide(case, desk, history.answers)
    return {
        "submission": submission,
        "contact": submission.contact,
        "chips": safe_contact.chips(case),
        "shown": shown_at_desk(case),
        "desk": desk,
        "to_ask": to_ask,
        "answers": answers,
        "sheet": call_sheet(to_ask, answers, history),
        "changed_answers": crisis_answers_changed(submission.answers, submission.crisis_given, questionnaire),
        "earlier": search.possible_duplicates(case, submission.contact)[:EARLIER_CASES],
        "history": history,
        "hold": hold_of(case),
        "days": history.days(first_sent(submission), merged_entries(case)),
        "current_verdict": current_verdict(case),
    }


def page_context(request: HttpRequest, case: Case) -> dict[str, Any]:
    now = timezone.now()
    return {
        **admin.site.each_context(request),
        "title": f"Case {case.reference}",
        "case": case,
        "row": list_rows.row(case, request.user, now),
        "clock": clock_of(case, now),
        "opts": Case._meta,
    }


def who_else(request: HttpRequest, case: Case) -> str:
    """Record that the user has the case open; return a sentence that says who else has, or ""."""
    now = timezone.now()
    presence.note(case.pk, staff_user(request), now)
    return presence.in_words(presence.others(case.pk, staff_user(request), now))


def shown_at_desk(case: Case) -> ResultText:
    """Return the texts of the stored recommendation, with the rule set and questionnaire that it was made with."""
    made = case.submission.recommendation
    return result_text(
        made.snapshot,
        case.submission.answers,
        content.ruleset(made.ruleset),
        content.questionnaire(made.questionnaire),
        place="desk",
    )


def ask_first(case: Case) -> ForTheDesk | None:
    """Return the explanation of the level for the desk, with what to ask first; None if the case has no level."""
    made = case.submission.recommendation
    if not made.level:
        return None
    versions = content.ruleset(made.ruleset), content.questionnaire(made.questionnaire)
    return for_the_desk(case.submission.answers, *versions)
