"""Cases as a CSV file (RFC 4180), line by line: memory stays flat however many there are.

The first row is a notice, the second the names of the columns. Times are ISO 8601 in UTC. Where several things stand
in one cell, "; " is between them. Contact details and free text are never in it. Answers stand twice: under the id of
the question as option ids, for programs, and under its English wording in English words, for people.

Without the answers on substance use, everything that would tell them is worked out from the other answers
(recommend/segments.py), and what cannot be is left out: the level recommended, and what the team decided after it.
"""

import csv
import logging
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache

from django.db.models import QuerySet

from intake import journey
from intake.questionnaire import QuestionItem, Questionnaire
from recommend import content
from recommend.desk.models import Case, Disposition
from recommend.engine import RuleSet
from recommend.result.redaction import Chosen, redact

logger = logging.getLogger(__name__)

BATCH = 500
SUBSTANCE_USE = "substance_use"

LEFT_OUT = (
    "Answers on substance use are left out, and so is all that would tell them. Level, reasons, areas and kinds are "
    "what the other answers alone ask for: the person needs at least this much."
)
REDISCLOSURE = (
    "This file holds records on substance use that 42 CFR Part 2 protects. Do not use them or pass them on unless the "
    "person's written consent or 42 CFR Part 2 itself allows it; a general authorization is not enough. "
    "See 42 CFR 2.32."
)
"""In our own words; the section is cited so that its wording can be read."""

BYTE_ORDER_MARK = "\ufeff"  # without it Excel reads UTF-8 as something else

# What a spreadsheet may take for a formula: the signs, their full-width and small forms, or white space before them.
FORMULA = re.compile(r"[\t\r\n]|[\s\ufeff\u200b-\u200f]*[=+\-@＝＋－＠﹦﹢﹣﹫|]")


def defused(cell: str) -> str:
    """A cell that no spreadsheet runs. An apostrophe in front makes it text; all that follows stays readable."""
    return f"'{cell}" if FORMULA.match(cell) else cell


class _Line:
    """A file that hands back what the csv module writes to it."""

    def write(self, line: str) -> str:
        return line


_writer = csv.writer(_Line(), lineterminator="\r\n")


def line(cells: Iterable[object]) -> str:
    return _writer.writerow([defused("" if cell is None else str(cell)) for cell in cells])


def csv_of(cases: QuerySet[Case], with_substance_use: bool) -> Iterator[bytes]:
    """The file, a batch of cases at a time."""
    columns = _columns(with_substance_use)
    notice = REDISCLOSURE if with_substance_use else LEFT_OUT
    yield (BYTE_ORDER_MARK + line([notice, *[""] * (len(columns) - 1)]) + line(columns)).encode()
    for batch in in_batches(cases):
        rows = (row(case, with_substance_use) for case in batch)
        yield "".join(line(cells.get(name, "") for name in columns) for cells in rows).encode()


def in_batches(cases: QuerySet[Case]) -> Iterator[list[Case]]:
    """In the order in which they came: any other, urgent first, would tell."""
    cases = cases.order_by("pk").select_related("submission__recommendation").prefetch_related("dispositions")
    batch = list(cases[:BATCH])
    while batch:
        yield batch
        batch = list(cases.filter(pk__gt=batch[-1].pk)[:BATCH])


# ---- columns and rows

TIMES = ("sent_at", "opened_at", "acknowledged_at", "first_contact_at", "finished_at")


@cache
def _columns(with_substance_use: bool) -> tuple[str, ...]:
    level = ("level", "disposition", "disposition_reason") if with_substance_use else ("level_at_least",)
    questions = [
        wording for wording in _wordings().values() if with_substance_use or not is_left_out_whole(wording)
    ]
    return (
        "reference",
        *TIMES,
        "status",
        "outcome",
        *level,
        "reasons",
        "reasons in words",
        *(f"area_{area}" for area in content.ruleset().areas),
        "crisis",
        "urgent",
        "ruleset",
        "questionnaire",
        *(name for wording in questions for name in (wording.id, wording.text["en"])),
    )


@cache
def _wordings() -> Mapping[str, QuestionItem]:
    """Every question that a stored case may answer, in today's wording; those asked no more come last."""
    versions = [content.questionnaire(), *map(content.questionnaire, content.questionnaire_versions())]
    found: dict[str, QuestionItem] = {}
    for each in versions:
        found = found | {id: wording for id, wording in each.wordings.items() if id not in found}
    return found


def is_left_out_whole(wording: QuestionItem) -> bool:
    """Whether nothing of this question remains without the answers on substance use."""
    return wording.segments.get(SUBSTANCE_USE, frozenset()) >= set(wording.question.offered)


@dataclass(frozen=True)
class Told:
    """What a row says of the answers and of what follows from them."""

    level: Mapping[str, str]
    reasons: Iterable[str] = ()
    areas: Mapping[str, str] = field(default_factory=dict)
    crisis: Iterable[str] = ()
    urgent: Iterable[str] = ()
    answers: Chosen = field(default_factory=dict)


def row(case: Case, with_substance_use: bool) -> dict[str, str]:
    """The cells of a case by column; of one that its person deleted, only that it was there."""
    cells = {
        "reference": case.reference,
        "sent_at": time(case.submission.sent_at),
        **{name: time(getattr(case, name)) for name in TIMES if name != "sent_at"},
        "status": case.status,
        "outcome": case.outcome,
    }
    if case.erased_at:
        return cells
    made = case.submission.recommendation
    ruleset, questionnaire = content.ruleset(made.ruleset), content.questionnaire(made.questionnaire)
    told = all_of(case) if with_substance_use else without(case, ruleset, questionnaire)
    return cells | {
        **told.level,
        "reasons": "; ".join(told.reasons),
        "reasons in words": " ".join(ruleset.rule(id).because["en"] for id in told.reasons),
        **{f"area_{area}": grade for area, grade in told.areas.items()},
        "crisis": "; ".join(told.crisis),
        "urgent": "; ".join(told.urgent),
        "ruleset": made.ruleset,
        "questionnaire": made.questionnaire,
        **answer_cells(told.answers, questionnaire),
    }


def all_of(case: Case) -> Told:
    """Everything, as it was shown."""
    outcome = case.submission.recommendation.outcome
    answers = journey.chosen(case.submission.answers)
    latest: Disposition | None = next(iter(case.dispositions.all()), None)
    level = {
        "level": case.level,
        "disposition": latest.level if latest else "",
        "disposition_reason": latest.reason if latest else "",
    }
    if outcome["level"] is None:
        return Told(level, answers=answers)
    return Told(
        level,
        [reason["rule"] for reason in outcome["reasons"]],
        outcome["areas"],
        outcome["crisis"],
        outcome["urgent"],
        answers,
    )


def without(case: Case, ruleset: RuleSet, questionnaire: Questionnaire) -> Told:
    """What the other answers tell; nothing where even they cannot be read by the rules: a person must look."""
    try:
        rest = redact(case.submission.answers, ruleset, questionnaire, SUBSTANCE_USE)
    except Exception:
        logger.exception("case %s cannot be exported without a segment", case.reference)
        return Told({})
    level = {"level_at_least": rest.level.id}
    return Told(level, rest.reasons, rest.areas, rest.crisis, rest.urgent, rest.answers)


def answer_cells(answers: Mapping[str, Iterable[str]], questionnaire: Questionnaire) -> dict[str, str]:
    cells = {}
    for id, options in answers.items():
        wording = questionnaire.wordings[id]
        cells[id] = "; ".join(options)
        cells[_wordings()[id].text["en"]] = "; ".join(text["en"] for text in wording.chosen(options))
    return cells


def time(moment: datetime | None) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds") if moment else ""
