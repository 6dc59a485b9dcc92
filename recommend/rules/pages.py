"""Pages about the rules, open to everyone: how carenav decides, where the sources disagree, the proof, and a try.

They ask no database, store nothing and log nothing.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from carenav.plumbing.csv_cells import defused
from carenav.plumbing.i18n import language
from carenav.plumbing.i18n.localized_text import LocalizedText
from carenav.plumbing.request_state import remember
from intake import answers as intake_answers
from intake.crisis import crisis_posted
from intake.forms import QuestionsForm
from recommend import content
from recommend.engine import Level, RuleSet, complete, crisis_answers
from recommend.engine.analysis.difference import bands_in_words, rating_in_words
from recommend.engine.analysis.proof import row_in_words
from recommend.engine.answers import AnswerPattern
from recommend.engine.charter import Bound
from recommend.engine.ruleset import CombinationRule, Frequency, Rule
from recommend.rules.charters import charter_path, charter_to_show
from recommend.rules.json_lines import Recommended, decide_raw
from recommend.rules.promises import PromisesInWords
from recommend.rules.words import RulesInWords, at_grade, counted_if, numbered

SOUND = {
    "loads": _("The file can be read, and names no question, answer or signal that is not there."),
    "rows-rise": _("In every ordered question, a worse answer raises at least what a milder one raises."),
}
"""What is proved of every rule set, whatever it promises."""

CSV_COLUMNS = ("id", "kind", "level", "condition", "gives", "because", "sources", "overlap")


@require_safe
def rules(request: HttpRequest) -> HttpResponse:
    """Show every rule, rating, note and promise in words, each with its sources."""
    words = RulesInWords(content.ruleset(), content.questionnaire())
    context = {
        "words": words,
        "levels": words.rules(),
        "ruleset": content.ruleset(),
        "promises": promises().promises(),
    }
    return render(request, "patient/rules.html", context)


def promises() -> PromisesInWords:
    """Return the promises of the charter that the rule set in use keeps."""
    ruleset = content.ruleset()
    charter, before = charter_to_show(charter_path(ruleset, settings.RULESET).stem)
    return PromisesInWords(charter, ruleset, content.questionnaire(), before)


@require_safe
def rules_toml(request: HttpRequest) -> HttpResponse:
    """Serve the rule set: the very file that decides."""
    return download(settings.RULESET.read_bytes(), "application/toml", "toml")


@require_safe
def rules_csv(request: HttpRequest) -> HttpResponse:
    """Serve the whole rule set as one table."""
    response = download(b"", "text/csv; charset=utf-8", "csv")
    rows = csv.writer(response)
    rows.writerow(CSV_COLUMNS)
    rows.writerows(csv_rows(content.ruleset()))
    return response


def download(body: bytes, content_type: str, ending: str) -> HttpResponse:
    name = f"carenav-rules-{content.ruleset().version}.{ending}"
    return HttpResponse(
        body, content_type=content_type, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


def csv_rows(ruleset: RuleSet) -> Iterable[list[str]]:
    """Yield one row for each entry of the rule set, in the order in which it decides. A cell may be empty."""
    for row in (*rating_rows(ruleset), *rule_rows(ruleset), *promise_rows(ruleset)):
        yield [defused(row.get(column, "")) for column in CSV_COLUMNS]


def rating_rows(ruleset: RuleSet) -> Iterator[dict[str, str]]:
    """Yield rows for what answers raise: one by one, added up, and together."""
    space = ruleset.space
    for question, ratings in ruleset.ratings.items():
        for option, rating in ratings.items():
            gives = rating_in_words(space, rating)
            yield {"id": f"{question} = {option}", "kind": "rating", "gives": gives}
    for table in ruleset.frequencies:
        gives = bands_in_words(space, table)
        yield {"id": " + ".join(table.questions), "kind": "sum", "gives": gives} | cited(table)
    for each in ruleset.combined:
        gives = rating_in_words(space, each.gives)
        yield {"id": each.id, "kind": "combined", "condition": each.when, "gives": gives} | cited(each)


def rule_rows(ruleset: RuleSet) -> Iterator[dict[str, str]]:
    for rule in ruleset.rules:
        zone = {"overlap": "yes" if rule.overlap else "no"}
        yield (
            {"id": rule.id, "kind": "rule", "level": rule.level.id, "condition": rule.when}
            | zone
            | cited(rule)
        )


def promise_rows(ruleset: RuleSet) -> Iterator[dict[str, str]]:
    """Yield rows for the notes beside a result and for what is proved of the whole."""
    for note in ruleset.notes:
        said = {"because": str(LocalizedText(note.text)), "sources": " ".join(note.sources)}
        yield {"id": note.id, "kind": "note", "condition": note.when or any_row(note.rows)} | said
    charter = promises().charter
    for each in charter.invariants:
        level = "" if each.level is None else each.level.id
        condition = each.property or any_row(each.rows)
        said = {"because": str(LocalizedText(charter.reasons[each.id]))}
        cites = {"sources": " ".join(charter.sources[each.id])}
        yield {"id": each.id, "kind": "invariant", "level": level, "condition": condition} | said | cites
    for bound in charter.bounds:
        level = "" if bound.at_most is None else bound.at_most.id
        said = {"because": str(LocalizedText(charter.reasons[bound.id]))}
        cites = {"sources": " ".join(charter.sources[bound.id])}
        yield {"id": bound.id, "kind": "bound", "level": level, "condition": limits(bound)} | said | cites


def limits(bound: Bound) -> str:
    """Write what a ceiling is about, in the terms of the charter file."""
    if bound.kind == "only":
        return f"only {', '.join(bound.only)}"
    if bound.kind == "cap":
        return ", ".join(f"{signal} = {grade}" for signal, grade in (bound.cap or {}).items())
    unless = f", unless {bound.unless}" if bound.unless else ""
    return f"one refusal, but {', '.join(sorted(bound.but))}: at most {bound.at_most_levels} level(s){unless}"


def any_row(rows: Iterable[AnswerPattern]) -> str:
    return " or ".join(map(row_in_words, rows))


def cited(each: Rule | CombinationRule | Frequency) -> dict[str, str]:
    """Return the reason for an entry and its sources."""
    because = {} if isinstance(each, Frequency) else {"because": str(LocalizedText(each.because))}
    return because | {"sources": " ".join(each.sources)}


@require_safe
def about(request: HttpRequest) -> HttpResponse:
    """Show where everything about the rules can be read."""
    return render(request, "patient/about.html")


@require_safe
def disagreements(request: HttpRequest) -> HttpResponse:
    """Show where sources disagree, what carenav does about it, and what no source says."""
    sources, ruleset = content.sources(), content.ruleset()
    found = [
        (each, [rule for rule in ruleset.rules if each.id in rule.sources])
        for each in sources.contradictions.values()
    ]
    return render(request, "patient/disagreements.html", {"contradictions": found, "sources": sources})


@require_safe
def proof(request: HttpRequest) -> HttpResponse:
    """Show what was proved, of which files, when, and how to prove it again."""
    data, ruleset = content.proof(), content.ruleset()
    proved = {check["id"] for check in data["checks"] if check["proved"]}
    words = RulesInWords(ruleset, content.questionnaire())
    kept = promises()
    levels = [(content.continuum().level(level.id), f"reachable:{level.id}") for level in Level]
    needed = [(words.rule(rule), f"decides-alone:{rule.id}") for rule in ruleset.rules]
    context = {
        "proof": data,
        "date": date.fromisoformat(data["date"]),
        "number": len(proved),
        "charter": kept.charter.version,
        "promises": [promise for promise in kept.promises() if promise.id in proved],
        "waivers": kept.waivers(),
        "sound": [(SOUND[id], id) for id in SOUND if id in proved],
        "levels": [(level, check) for level, check in levels if check in proved],
        "needed": [(rule, check) for rule, check in needed if check in proved],
        "counts": counts(data["combinations"]),
        "total": sum(data["combinations"].values()),
        "files": [
            settings.RULESET.relative_to(settings.BASE_DIR),
            settings.QUESTIONNAIRE.relative_to(settings.BASE_DIR),
            charter_path(ruleset, settings.RULESET).relative_to(settings.BASE_DIR),
        ],
    }
    return render(request, "patient/proof.html", context)


def counts(combinations: Mapping[str, int]) -> list[dict[str, object]]:
    """Return how many combinations of answers lead to each level, and their share; most care first."""
    total = sum(combinations.values())
    return [
        {
            "level": content.continuum().level(level.id),
            "count": combinations[level.id],
            "share": share(combinations[level.id], total),
        }
        for level in sorted(Level, reverse=True)
    ]


def share(part: int, total: int) -> str:
    """Format a percentage with two significant digits, however small it is."""
    percent = 100 * part / total
    digits = 2
    while percent and round(percent, digits) < 10 ** (1 - digits):
        digits += 1
    return f"{number_format(round(percent, digits), digits)}\N{NO-BREAK SPACE}%"


# ---- try it


class TryItForm(QuestionsForm):
    """All questions on one page; each may be left out, and then counts as not known."""

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
        """Return title, introduction and fields of each section; the first introduction is left out."""
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
    """Show the level for any answers, without storing them. Help comes first if an answer is about danger."""
    if request.method != "POST":
        return try_it_page(request, TryItForm())
    form = TryItForm(request.POST)
    valid = form.is_valid()
    remember(request, carenav_place=form.cleaned_data.get("place"))
    danger = bool(crisis_posted(request.POST))
    if language.switched(request) and not danger and "answered" not in request.POST:
        return try_it_page(request, TryItForm(answers=form.data))
    if not valid:
        return try_it_page(request, form, danger=danger, status=422)
    said = decide_raw(content.ruleset(), form.answers)
    danger = danger or bool(said.crisis or said.urgent)
    danger = danger or (said.decision is not None and said.decision.level is Level.INPATIENT)
    return try_it_page(request, form, said, danger)


def try_it_page(
    request: HttpRequest,
    form: TryItForm,
    said: Recommended | None = None,
    danger: bool = False,
    status: int = 200,
) -> HttpResponse:
    context = {"form": form, "answer": said and in_words(said), "danger": danger}
    return render(request, "patient/try_it.html", context, status=status)


def in_words(said: Recommended) -> dict[str, object]:
    """Put into words what the rules say to the answers that were tried."""
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
