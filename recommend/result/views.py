"""The pages that show a result: on screen, as a sheet to print, and while the person changes their answers."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from carenav.clinic.context import of_clinic, open_now
from carenav.clinic.in_force import clinic
from carenav.plumbing import codes
from carenav.plumbing.request_state import remember
from carenav.plumbing.spelling import dialed
from intake import content as intake_content
from intake import drafts, journey
from intake.answers import Answers, chosen
from intake.journey import Journey
from intake.models import ContactDetails, ReachBy, Submission
from recommend import content
from recommend.engine import RuleSet
from recommend.levels.schedule import week_of
from recommend.programs.matching import NO_PROGRAMS, programs_for
from recommend.result.plan import Team
from recommend.result.shown import ResultText
from recommend.result.snapshot import safe_decision, safe_outcome
from recommend.result.text import facts_of_snapshot, result_text

MADE = "recommendation"
"""The relation to load with a submission: its stored recommendation."""


@require_safe
def result(request: HttpRequest) -> HttpResponse:
    """Show the person's result."""
    return own_result(request, "patient/result.html")


@require_safe
def sheet(request: HttpRequest) -> HttpResponse:
    """Show the person's result on one page to print, for the first call."""
    return own_result(request, "patient/sheet.html")


@require_safe
def sent(request: HttpRequest) -> HttpResponse:
    """Show the result that the team has, while the person changes their answers.

    Redirect to the questions if nothing was sent.
    """
    submission = drafts.get_submission(request, MADE) or drafts.submission_under_change(
        drafts.get(request), MADE
    )
    if submission is None:
        return redirect("intake:go_on")
    return stored_result(request, submission, "patient/result.html")


def own_result(request: HttpRequest, template: str) -> HttpResponse:
    """Show the person's result with this template, or redirect to the page that comes next for them.

    For a submission, show the stored result. For a person who chose to see the result alone, compute it and store
    nothing. For a person who is changing their answers, show the result that was sent.
    """
    if submission := drafts.get_submission(request, MADE):
        return stored_result(request, submission, template)
    draft = drafts.get(request)
    before = drafts.submission_under_change(draft, MADE)
    here = Journey.of(draft)
    if draft is None or not here.only_for_them:
        return stored_result(request, before, template) if before else redirect(here.next_url)
    snapshot = safe_outcome(draft.answers, "a result that is not stored")
    team = team_near(draft.answers)
    shown = result_text(snapshot, draft.answers, content.ruleset(), content.questionnaire(), team=team)
    context = {
        "result": shown,
        "sent_before": before and before.reference,
        "ruleset": content.ruleset().version,
        "made_on": timezone.localdate(),
    }
    return render(request, template, context | level_context(shown, draft.answers, content.ruleset()))


def stored_result(request: HttpRequest, submission: Submission, template: str) -> HttpResponse:
    """Show the result as it was when the answers were sent, with the rules and questions of that time."""
    remember(request, carenav_place=submission.answers.get("place"))
    changing = hasattr(request, "carenav_draft")  # then the draft sets the time left on a shared device
    if not changing:
        drafts.set_seconds_left(request, submission)
    made = submission.recommendation
    versions = content.ruleset(made.ruleset), content.questionnaire(made.questionnaire)
    you_call = ContactDetails.objects.filter(submission=submission, reach_by=ReachBy.I_WILL_CALL).exists()
    team = team_near(submission.answers, promise="" if you_call else str(of_clinic("RESPONSE_TIME")))
    shown = result_text(made.snapshot, submission.answers, *versions, team=team)
    context = {
        "result": shown,
        "reference": submission.reference,
        "you_call": you_call,
        "private_code": private_code(request, submission),
        "shared_device": submission.shared_device,
        "being_changed": changing,
        "can_change": submission.questionnaire == content.questionnaire().version,
        "ruleset": made.ruleset,
        "made_on": timezone.localdate(made.made_at),
    }
    return render(request, template, context | level_context(shown, submission.answers, versions[0]))


def suggested_level(request: HttpRequest) -> str:
    """Return the id of the level that this person's result suggests.

    Returns "" if they have no result, or if it does not suggest its level, for example because they need no treatment.
    """
    if submission := drafts.get_submission(request, MADE):
        snapshot, answers = submission.recommendation.snapshot, submission.answers
        ruleset = content.ruleset(submission.recommendation.ruleset)
    else:
        draft = drafts.get(request)
        if draft is None or not Journey.of(draft).only_for_them:
            return ""
        answers, ruleset = draft.answers, content.ruleset()
        snapshot = safe_decision(answers, "a result that is not stored")
    if snapshot.level is None:
        return ""
    step = intake_content.safety_texts_of(ruleset).next_step(
        facts_of_snapshot(snapshot, answers, ruleset, "result")
    )
    return "" if step and step.sentence else snapshot.level.id


def is_near(answers: Answers) -> bool:
    """Return whether the person is in the country of the clinic, or did not say where they are."""
    return journey.place_of(answers) in ("", settings.COUNTRY)


def team_near(answers: Answers, promise: str = "") -> Team | None:
    """Return the clinic's team, which the person can call; None if the person is in another country.

    Args:
        answers: as stored.
        promise: in words, when the team gets in touch; empty if it does not have the answers, or the person will call.
    """
    if not is_near(answers):
        return None
    phone = clinic().phone
    return Team(str(of_clinic("NAME")), phone, f"tel:{dialed(phone)}", open_now(), promise)


def level_context(shown: ResultText, answers: Answers, ruleset: RuleSet) -> dict[str, object]:
    """Return the template context that belongs to the level: its usual week, and the programs that fit.

    It is empty if the result has no level.
    """
    if shown.level is None:
        return {}
    level, weeks = shown.level.id, content.weeks()
    listed = is_near(answers) and not shown.is_of_its_own
    return {
        "week": week_of(weeks, level, chosen(answers).get("free_times", ())),
        "programs": programs_for(level, answers, ruleset, weeks) if listed else NO_PROGRAMS,
        "abroad": not is_near(answers),
    }


def private_code(request: HttpRequest, submission: Submission) -> str | None:
    """Return the code that deletes the submission; None if the key that its stored hash needs was removed."""
    code = codes.private_code(request.COOKIES[settings.DRAFT_COOKIE_NAME])
    return code if codes.matches(code, submission.erase_hash) else None
