"""Views that work without answers: start, crisis help, help for people who get no level, and pages about this site."""

from collections.abc import Iterable
from functools import cache

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_safe

from carenav.clinic.content import crisis_lines
from carenav.clinic.context import place_lines
from carenav.plumbing.request_state import remember
from intake import content, drafts, held, lost
from intake.answers import chosen
from intake.crisis import by_question, marks_carried
from intake.journey import Journey, notices
from intake.pages_file import Page
from intake.questionnaire import Section
from intake.reading_time import shortest_and_longest
from intake.responses import expired
from intake.safety.conditions import Facts
from intake.safety.shown import line_of, shown_texts
from intake.safety.texts import CrisisKind, SafetyText
from recommend.engine import crisis_answers


class Block:
    """One part of the crisis page: a heading with safety texts.

    Attributes:
        heading: plain text, not escaped.
        texts: the texts that are always shown.
        paper_plan: the steps of a plan to fill in on paper, in a part of the page that the person can unfold.
    """

    def __init__(self, heading: str, texts: Iterable[SafetyText], place: str) -> None:
        shown = shown_texts(texts, place)
        self.heading = heading
        self.texts = [text for text in shown if text.kind != "plan"]
        self.paper_plan = [text for text in shown if text.kind == "plan"]


@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """Show the start page. Pressing its button counts as consent. Nothing is stored."""
    shortest, longest = minutes_in(get_language() or settings.LANGUAGE_CODE)
    context = {"texts": notices(["consent"], {}), "shortest": shortest, "longest": longest}
    return render(request, "patient/start.html", context)


@cache
def minutes_in(language: str) -> tuple[int, int]:
    """Return the shortest and the longest time for today's questions, in minutes.

    Args:
        language: the language in which they are read, such as "es".
    """
    parts: list[Section | Page] = [*content.pages().questions, *content.questionnaire().sections[-1:]]
    return shortest_and_longest(parts, language)


def help_now(request: HttpRequest, journey: Journey | None = None) -> HttpResponse:
    """Show the crisis page: for the kinds of danger in the person's answers, or for everyone if none is known.

    Needs no database. The URL, the cookies and the title are the same for all kinds of danger.

    Args:
        request: the request; its place selects the crisis lines.
        journey: the person's journey; None if the draft is missing or could not be read. Its ``crisis_shown`` counts
            too, because the answers that led to this page may not have been stored.
    """
    here = place_lines(request)
    given = journey.given_or_noted if journey else {}
    marks = marks_carried(given)
    found = {*marks["crisis"], *(journey.crisis_shown if journey else ())}
    kinds = [kind for kind in content.safety_texts().crisis_kinds if kind.id in found]
    context: dict[str, object] = {
        "other_countries": [country for country in crisis_lines().countries if country.id != here.id]
    }
    if kinds:
        crisis = frozenset(kind.id for kind in kinds)
        facts = Facts(given, crisis, marks["urgent"], None, "crisis", here.id)
        context["blocks"] = [Block(gettext("What to do now"), content.safety_texts().shown(facts), here.id)]
        context["crisis_line_first"] = all(kind.crisis_line_first for kind in kinds)
        context["sentence"] = line_of(kinds[0].sentence, here.id)
    else:
        blocks, common = texts_for_everyone(here.id)
        context["blocks"] = [Block(line_of(kind.heading, here.id), texts, here.id) for kind, texts in blocks]
        context["common"] = shown_texts(common, here.id)
    return render(request, "patient/help_now.html", context)


@cache
def texts_for_everyone(place: str) -> tuple[list[tuple[CrisisKind, list[SafetyText]]], list[SafetyText]]:
    """Select the texts of the crisis page for people whose kind of danger is not known.

    A person may read only the part about their own danger, so each part is complete and a text may be in several.

    Args:
        place: an option of the question ``place``.

    Returns:
        each kind of danger with its texts, and the texts that all kinds have in common, which are shown once.
    """
    safety = content.safety_texts()
    found = [(kind, safety.shown(facts_of_kind(kind.id, place))) for kind in safety.crisis_kinds]
    common = [text for text in safety.in_time_order if all(text in texts for _kind, texts in found)]
    return [(kind, [text for text in texts if text not in common]) for kind, texts in found], common


def facts_of_kind(kind: str, place: str) -> Facts:
    """Return the facts about a person who gave every answer with this kind of crisis mark, and no other answer."""
    ruleset = content.ruleset()
    offered = {id: tuple(question.offered) for id, question in ruleset.questions.all.items()}
    alarming = [
        (each.question, each.option) for each in crisis_answers(ruleset, offered) if each.kind == kind
    ]
    return Facts(chosen(by_question(alarming)), frozenset({kind}), frozenset(), None, "crisis", place)


STOPPED = "stopped"
"""The page name in ``Held.page`` for the help pages, in the browser's cookie."""


@require_safe
def where_to_get_help(request: HttpRequest, number: int) -> HttpResponse:
    """Show help, and no level, to a person who asks for someone else or is under 18.

    Anybody can open these pages, so that neither URL nor title reveals an answer.

    Args:
        request: the request.
        number: ``HelpPage.number``.

    Raises:
        Http404: there is no such page.
    """
    page = next((each for each in content.pages().help if each.number == number), None)
    if page is None:
        raise Http404
    kept = held.in_cookie(request)
    from_questions = kept.page == STOPPED
    place = "".join(kept.values.get("place", ())) if from_questions else ""
    remember(request, carenav_place=place or None)
    context = {
        "number": number,
        "texts": notices([f"stop:{page.option}"], {"place": place} if place else {}),
        "from_questions": from_questions,
        "may_have_sent": drafts.token_hash(request) is not None,
    }
    return render(request, f"patient/help/{page.id}.html", context)


@require_safe
def gone(request: HttpRequest) -> HttpResponse:
    """Show that this browser's answers have expired, with status 410; redirect to the next page if they have not."""
    drafts.get(request)
    if not expired(request):
        return redirect("intake:go_on")
    return render(request, "patient/gone.html", {"kept": lost.is_kept(request)}, status=410)


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """Show what is stored, for how long, and who reads it."""
    return render(request, "patient/privacy.html", {"texts": notices(["consent"], {})})


@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    """Show the accessibility statement and whom to contact about a page that does not work."""
    return render(request, "patient/accessibility.html")


@require_safe
def staying_private(request: HttpRequest) -> HttpResponse:
    """Show what "Leave this site" does, and what it cannot hide."""
    home_lines = place_lines(request).of_kind("domestic")
    return render(request, "patient/staying_private.html", {"home_lines": home_lines})
