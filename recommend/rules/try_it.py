"""The page where anyone can try the rules: choose any answers and see the level they give.

The server stores nothing. A POST request is answered with a redirect, so the browser keeps the answers for the next
request in an encrypted cookie. The cookie's length does not depend on the answers (see intake/held.py).
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from carenav.plumbing.i18n import language
from carenav.plumbing.i18n.localized_text import LocalizedText
from carenav.plumbing.request_state import remember
from intake import answers as intake_answers
from intake import held
from intake.crisis import crisis_posted
from intake.forms import QuestionsForm
from intake.held import NOTHING, Held
from recommend import content
from recommend.engine import Level, complete, crisis_answers
from recommend.rules.json_lines import Recommended, decide_raw
from recommend.rules.phrases import at_grade
from recommend.rules.words import RulesInWords, counted_if, numbered

TRY = "try"
"""The name of this page in its cookie; see ``held.cookie_name``."""

CLEAR = "clear"
"""The name of the button that deletes the cookie."""


class TryItForm(QuestionsForm):
    """All questions on one page. A question that is left out counts as not known."""

    def __init__(self, data: QueryDict | None = None, answers: Mapping[str, Any] | None = None) -> None:
        wordings = [wording for section in intake_answers.sections() for wording in section.wordings]
        super().__init__(wordings, answers or {}, data)
        questionnaire = content.questionnaire()
        for id, number in numbered(questionnaire).items():
            field = self.fields[id]
            field.required = False
            vars(field)["one_of"] = True  # the top of the page says once that all are optional
            field.label = f"{number}. {field.label}"
            field.help_text = counted_if(questionnaire, questionnaire.questions.all[id])

    def sections(self) -> list[tuple[LocalizedText, LocalizedText | None, list[forms.BoundField]]]:
        """Return the title, introduction and fields of each section. The first section's introduction is None."""
        first, *_others = intake_answers.sections()
        return [
            (
                section.title,
                None if section is first else section.intro,
                [self[wording.id] for wording in section.wordings],
            )
            for section in intake_answers.sections()
        ]

    def clean(self) -> dict[str, Any]:
        """Refuse a crisis answer to a question that is not asked, as the command line does, instead of dropping it."""
        given = {
            id: list(dict.fromkeys(value)) if isinstance(value, list) else value
            for id, value in self.answers.items()
        }
        completed = complete(content.ruleset().questions, intake_answers.chosen(given))
        for crisis in crisis_answers(content.ruleset(), completed.dropped):
            self.add_error(
                crisis.question, _("Your other answers leave this question out: see when it is counted")
            )
        return given


@require_http_methods(["GET", "HEAD", "POST"])
def try_it(request: HttpRequest) -> HttpResponse:
    """Show the level for any answers, without storing them. Show help first if an answer is about danger."""
    if request.method == "POST":
        return keep(request)
    kept = unpacked(held.in_cookie(request, TRY))
    post = QueryDict(mutable=True)
    for id, options in kept.values.items():
        post.setlist(id, [*options])
    if not kept.told:
        return try_it_page(request, TryItForm(answers=TryItForm().posted(post)))
    form = TryItForm(post)
    form.refuse(kept.unusable)
    valid = form.is_valid()
    remember(request, carenav_place=form.cleaned_data.get("place"))
    danger = bool(crisis_posted(post))
    if not valid:
        return try_it_page(request, form, danger=danger)
    said = decide_raw(content.ruleset(), form.answers)
    danger = danger or bool(said.crisis or said.urgent)
    danger = danger or (said.decision is not None and said.decision.level is Level.INPATIENT)
    return try_it_page(request, form, said, danger)


def keep(request: HttpRequest) -> HttpResponse:
    """Set the cookie with the chosen answers, or delete it, and redirect to the page that shows the level."""
    response = redirect("recommend:try_it")
    if CLEAR in request.POST:
        held.drop_cookie(request, response, TRY)
        return response
    only_filled_in = language.switched(request) and "answered" not in request.POST
    told = not only_filled_in or bool(crisis_posted(request.POST))
    kept = held.of_form(TRY, TryItForm(request.POST), told, only_errors=False)
    held.set_cookie(response, packed(kept), TRY)
    return response


# ---- as small as a cookie has to be


def packed(kept: Held) -> Held:
    """Return the chosen options in a short form for the cookie: per question, a number with a bit for each option."""
    values = {}
    for id, options in kept.values.items():
        offered = [*content.questionnaire().wordings[id].options]
        values[id] = sum(1 << offered.index(option) for option in options)
    ids = numbered(content.questionnaire())
    said = ".".join(f"{values.get(id, 0):x}" for id in ids)
    refused = [str(ids[id]) for id in kept.unusable]
    version = content.questionnaire().version
    return replace(kept, values={version: [said]}, questions=(), unusable=refused)


def unpacked(kept: Held) -> Held:
    """Return the answers that :func:`packed` shortened; nothing if they belong to another version of the questions."""
    said = "".join(kept.values.get(content.questionnaire().version, ()))
    if not said:
        return NOTHING
    ids = numbered(content.questionnaire())
    values: dict[str, list[str]] = {}
    for id, number in zip(ids, said.split("."), strict=True):
        offered = content.questionnaire().wordings[id].options
        chosen = [option for place, option in enumerate(offered) if int(number, 16) >> place & 1]
        values |= {id: chosen} if chosen else {}
    return replace(kept, values=values, unusable=[id for id in ids if str(ids[id]) in kept.unusable])


# ---- in words


def try_it_page(
    request: HttpRequest, form: TryItForm, said: Recommended | None = None, danger: bool = False
) -> HttpResponse:
    context = {"form": form, "answer": said and in_words(said), "danger": danger}
    return render(request, "patient/try_it.html", context)


def in_words(said: Recommended) -> dict[str, object]:
    """Return what the rules decide for the answers that were tried, in words for the template."""
    if said.decision is None:
        return {"stop": said.stop}
    decision = said.decision
    ruleset = content.ruleset()
    words = RulesInWords(ruleset, content.questionnaire())
    level = content.continuum().level
    return {
        "level": level(decision.level.id),
        "rules": [words.rule(ruleset.rule(id)) for id in sorted(decision.decided_by)],
        "areas": [at_grade(ruleset, area, decision.areas[area]) for area in ruleset.areas],
        "unknown": len(decision.unknowns.questions),
        "lowest": level(decision.unknowns.lowest.id),
        "highest": level(decision.unknowns.highest.id),
    }
