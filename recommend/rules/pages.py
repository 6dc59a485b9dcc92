"""Public pages about the rules: how carenav decides, where the sources disagree, and the proof.

They do not query the database, and they store and log nothing.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from carenav.plumbing.csv_cells import defused
from carenav.plumbing.i18n.localized_text import LocalizedText
from recommend import content
from recommend.engine import Level, RuleSet
from recommend.engine.analysis.difference import bands_in_words, rating_in_words
from recommend.engine.analysis.proof import row_in_words
from recommend.engine.answers import AnswerPattern
from recommend.engine.charter import Bound
from recommend.engine.ruleset import CombinationRule, Frequency, Rule
from recommend.rules.charters import charter_path, charter_to_show
from recommend.rules.promises import PromisesInWords
from recommend.rules.words import RulesInWords

SOUND = {
    "loads": _("The file can be read, and names no question, answer or signal that is not there."),
    "rows-rise": _("In every ordered question, a worse answer raises at least what a milder one raises."),
}
"""What the checks that every rule set must pass prove, in words, by the id of the check."""

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
    """Return the promises of the charter that the rule set in use keeps, in words."""
    ruleset = content.ruleset()
    charter, before = charter_to_show(charter_path(ruleset, settings.RULESET).stem)
    return PromisesInWords(charter, ruleset, content.questionnaire(), before)


@require_safe
def rules_toml(request: HttpRequest) -> HttpResponse:
    """Download the TOML file of the rule set in use."""
    return download(settings.RULESET.read_bytes(), "application/toml", "toml")


@require_safe
def rules_csv(request: HttpRequest) -> HttpResponse:
    """Download the rule set in use and the promises of its charter as one table."""
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
    """Yield one row for each rating, rule, note and promise, in the order in which they decide. Cells may be empty."""
    for row in (*rating_rows(ruleset), *rule_rows(ruleset), *promise_rows(ruleset)):
        yield [defused(row.get(column, "")) for column in CSV_COLUMNS]


def rating_rows(ruleset: RuleSet) -> Iterator[dict[str, str]]:
    """Yield rows for what answers raise: one by one, added up, and in combination."""
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
    """Yield rows for the notes of the rule set and the promises of its charter."""
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
    """Return what an upper bound limits, in the terms of the charter file."""
    if bound.kind == "only":
        return f"only {', '.join(bound.only)}"
    if bound.kind == "cap":
        return ", ".join(f"{signal} = {grade}" for signal, grade in (bound.cap or {}).items())
    unless = f", unless {bound.unless}" if bound.unless else ""
    return f"one refusal, but {', '.join(sorted(bound.but))}: at most {bound.at_most_levels} level(s){unless}"


def any_row(rows: Iterable[AnswerPattern]) -> str:
    return " or ".join(map(row_in_words, rows))


def cited(each: Rule | CombinationRule | Frequency) -> dict[str, str]:
    """Return the cells for the reason and the sources of an entry. A frequency table has no reason."""
    because = {} if isinstance(each, Frequency) else {"because": str(LocalizedText(each.because))}
    return because | {"sources": " ".join(each.sources)}


@require_safe
def about(request: HttpRequest) -> HttpResponse:
    """Show links to everything that can be read about the rules."""
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
    """Show what was proved, about which files and when, and how to prove it again."""
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
    """Return how many combinations of answers lead to each level, and their share, highest level first."""
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
    """Format a percentage with at least two significant digits, however small it is."""
    percent = 100 * part / total
    digits = 2
    while percent and round(percent, digits) < 10 ** (1 - digits):
        digits += 1
    return f"{number_format(round(percent, digits), digits)}\N{NO-BREAK SPACE}%"
