"""Write cases as a CSV file (RFC 4180) that is streamed, with constant memory.

The first row has the column names. The last column has a notice, in each row, so that rows that are copied elsewhere
still carry it. Times are ISO 8601 in UTC; "; " separates several values in one cell. Contact details and free text are
never exported. Each question has two columns: one with option ids, under the id of the question, and one with English
words, under its English wording.

A file without the answers on substance use must not disclose them in other columns. Reasons, areas and marks are then
computed from the other answers (recommend/result/redaction.py). The recommended level and the disposition cannot be
computed in this way and are left out.
"""

import csv
import io
import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache

from django.db.models import Prefetch, QuerySet

from carenav.plumbing.batches import batches
from carenav.plumbing.csv_cells import defused
from intake import journey
from intake.questionnaire import QuestionItem, Questionnaire
from recommend import content
from recommend.desk.models import Case, ContactAttempt, Disposition
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
"""The notice on redisclosure in our own words; 42 CFR 2.32 has the official one."""

BYTE_ORDER_MARK = "\ufeff"  # without it Excel does not read the file as UTF-8


def csv_line(cells: Iterable[object]) -> str:
    """Return one line of the file, with its line end. None becomes an empty cell, and formulas become text."""
    line = io.StringIO()
    csv.writer(line, lineterminator="\r\n").writerow(
        [defused("" if cell is None else str(cell)) for cell in cells]
    )
    return line.getvalue()


def csv_of(cases: QuerySet[Case], with_substance_use: bool) -> Iterator[bytes]:
    """Yield the file in parts, one for each batch of cases.

    Args:
        cases: the cases. They are written in the order of their ids, because an order by urgency could disclose answers
            that are left out.
        with_substance_use: whether the file has the answers on substance use.
    """
    columns = _columns(with_substance_use)
    notice = {NOTICE: REDISCLOSURE if with_substance_use else LEFT_OUT}
    yield (BYTE_ORDER_MARK + csv_line(columns)).encode()
    for batch in batches(readable(cases), BATCH):
        rows = (row(case, with_substance_use) | notice for case in batch)
        yield "".join(csv_line(cells.get(name, "") for name in columns) for cells in rows).encode()


def readable(cases: QuerySet[Case]) -> QuerySet[Case]:
    """Return the cases with the related objects that their rows need."""
    attempts = Prefetch("contactattempts", ContactAttempt.objects.only("case_id", "error_at"))
    related = cases.select_related("submission__recommendation", "assignee")
    return related.prefetch_related("dispositions", attempts)


# ---- columns and rows

NOTICE = "notice"
WORK = ("language", "assignee", "attempts", "minutes_to_first_contact")
"""Columns about the work on a case; they follow from nothing that the person answered."""

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
        *WORK,
        *level,
        "reasons",
        "reasons in words",
        *(f"area_{area}" for area in content.ruleset().areas),
        "crisis",
        "urgent",
        "ruleset",
        "questionnaire",
        *(name for wording in questions for name in (wording.id, wording.text["en"])),
        NOTICE,
    )


@cache
def _wordings() -> Mapping[str, QuestionItem]:
    """Return each question of any version, in its newest wording, keyed by id. Questions no longer asked come last."""
    versions = [content.questionnaire(), *map(content.questionnaire, content.questionnaire_versions())]
    found: dict[str, QuestionItem] = {}
    for each in versions:
        found = found | {key: item for key, item in each.wordings.items() if key not in found}
    return found


def is_left_out_whole(wording: QuestionItem) -> bool:
    """Return whether all options of a question belong to the segment of substance use."""
    return wording.segments.get(SUBSTANCE_USE, frozenset()) >= set(wording.question.offered)


@dataclass(frozen=True)
class ExportedAnswers:
    """The answers of a case and what follows from them, for one row.

    Attributes:
        level: cells keyed by column; the columns depend on whether the file has the answers on substance use.
        reasons: the ids of the rules that ask for the level.
        areas: the grade of each area, keyed by area.
        crisis: the kinds of crisis marks.
        urgent: the kinds of urgent marks.
        answers: option ids keyed by question id.
    """

    level: Mapping[str, str]
    reasons: Iterable[str] = ()
    areas: Mapping[str, str] = field(default_factory=dict)
    crisis: Iterable[str] = ()
    urgent: Iterable[str] = ()
    answers: Chosen = field(default_factory=dict)


def row(case: Case, with_substance_use: bool) -> dict[str, str]:
    """Return the cells of a case keyed by column.

    Of a case that the person deleted, only reference, times, status and outcome are returned.
    """
    cells = {
        "reference": case.reference,
        "sent_at": utc_text(case.submission.sent_at),
        **{name: utc_text(getattr(case, name)) for name in TIMES if name != "sent_at"},
        "status": case.status,
        "outcome": case.outcome,
    }
    if case.erased_at:
        return cells
    made = case.submission.recommendation
    ruleset, questionnaire = content.ruleset(made.ruleset), content.questionnaire(made.questionnaire)
    exported = full_answers(case) if with_substance_use else redacted_answers(case, ruleset, questionnaire)
    return cells | {
        **work_cells(case),
        **exported.level,
        "reasons": "; ".join(exported.reasons),
        "reasons in words": " ".join(ruleset.rule(rule).because["en"] for rule in exported.reasons),
        **{f"area_{area}": grade for area, grade in exported.areas.items()},
        "crisis": "; ".join(exported.crisis),
        "urgent": "; ".join(exported.urgent),
        "ruleset": made.ruleset,
        "questionnaire": made.questionnaire,
        **answer_cells(exported.answers, questionnaire),
    }


def work_cells(case: Case) -> dict[str, str]:
    """Return the cells of the columns in ``WORK``. Attempts that were entered in error do not count."""
    first = case.first_contact_at
    return {
        "language": case.language,
        "assignee": case.assignee.get_username() if case.assignee else "",
        "attempts": str(sum(each.error_at is None for each in case.contactattempts.all())),
        "minutes_to_first_contact": str(int((first - case.opened_at).total_seconds() // 60)) if first else "",
    }


def full_answers(case: Case) -> ExportedAnswers:
    """Return all answers of a case, with the level, reasons, areas and marks that the person was shown."""
    snapshot = case.submission.recommendation.snapshot
    answers = journey.chosen(case.submission.answers)
    latest: Disposition | None = next(iter(case.dispositions.all()), None)
    level = {
        "level": case.level,
        "disposition": latest.level if latest else "",
        "disposition_reason": latest.reason if latest else "",
    }
    return ExportedAnswers(
        level,
        [reason.rule for reason in snapshot.reasons],
        snapshot.areas,
        snapshot.crisis,
        snapshot.urgent,
        answers,
    )


def redacted_answers(case: Case, ruleset: RuleSet, questionnaire: Questionnaire) -> ExportedAnswers:
    """Return the answers of a case without those on substance use, and what follows from the rest.

    If the engine raises, the error is logged and nothing is returned (an empty ``ExportedAnswers``).

    Args:
        case: the case, with its submission.
        ruleset: the rule set that made the recommendation.
        questionnaire: the questionnaire that the person answered.
    """
    try:
        rest = redact(case.submission.answers, ruleset, questionnaire, SUBSTANCE_USE)
    except Exception:
        logger.exception("case %s cannot be exported without a segment", case.reference)
        return ExportedAnswers({})
    level = {"level_at_least": rest.level.id}
    return ExportedAnswers(level, rest.reasons, rest.areas, rest.crisis, rest.urgent, rest.answers)


def answer_cells(answers: Mapping[str, Iterable[str]], questionnaire: Questionnaire) -> dict[str, str]:
    """Return both cells of each answer, keyed by column, with the words of the questionnaire that was answered."""
    cells = {}
    for question, options in answers.items():
        wording = questionnaire.wordings[question]
        cells[question] = "; ".join(options)
        cells[_wordings()[question].text["en"]] = "; ".join(text["en"] for text in wording.chosen(options))
    return cells


def utc_text(moment: datetime | None) -> str:
    """Return a time as ISO 8601 in UTC, to the second; "" for None."""
    return moment.astimezone(UTC).isoformat(timespec="seconds") if moment else ""
