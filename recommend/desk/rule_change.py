"""A new rule set is live: which cases it would decide otherwise, so that somebody looks at them again.

A case is only marked. What was recommended stays as it was shown, and so does what the desk decided.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from intake import content, journey
from recommend.desk.models import OPEN_STATUSES, Case, CaseChange, CaseStatus, StaleReason
from recommend.engine import RuleSet, complete, rate
from recommend.levels.choices import LevelOfCare
from recommend.result.snapshot import is_priority
from recommend.rules.replay import BATCH, in_batches

MARKED = (*OPEN_STATUSES, CaseStatus.PLACED)
"""Whoever is placed may need more now; what was closed without a place is nobody's plan."""


class Call(NamedTuple):
    """What decides who is seen when: the level ("" where a person must look), and whether it is urgent."""

    level: str
    urgent: bool

    @property
    def level_in_words(self) -> str:
        return str(LevelOfCare(self.level).label) if self.level else "A person must look"


def current_level(ruleset: RuleSet, answers: journey.Answers) -> Call:
    """By these rules, without the reasons; no level where the engine fails, as when the answers are sent."""
    try:
        signals = rate(ruleset, complete(ruleset.questions, journey.chosen(answers)))
        level = ruleset.level_at(signals.state).id
        return Call(level, is_priority(level, signals.kinds("crisis"), signals.kinds("urgent")))
    except Exception:
        return Call("", True)


def stored_level(level: str, crisis: Collection[str] | None, urgent: Collection[str] | None) -> Call:
    """By what is stored with a recommendation."""
    return Call(level, is_priority(level, crisis, urgent))


def call_of_today(case: Case) -> Call | None:
    """What today's rules say to a case, where it is something else than what is stored; for its page.

    None too where they are made for other questions: nothing is guessed then.
    """
    submission, ruleset = case.submission, content.ruleset()
    made = submission.recommendation
    if made.ruleset_digest == ruleset.digest or submission.questionnaire != ruleset.questions.version:
        return None
    now = current_level(ruleset, submission.answers)
    then = stored_level(made.level, made.outcome.get("crisis"), made.outcome.get("urgent"))
    return None if now == then else now


# ---- all cases


class Row(NamedTuple):
    """A case as it is compared; the names of its columns, and of what belongs to it, by these fields."""

    key: int
    submission: int
    answers: Any
    questionnaire: str
    level: str
    crisis: Any
    urgent: Any


def affected_cases() -> QuerySet[Case]:
    """Cases that another rule set than today's decided, and that somebody is working on or has placed."""
    by_others = ~Q(submission__recommendation__ruleset_digest=content.ruleset().digest)
    return Case.objects.filter(by_others, status__in=MARKED, erased_at__isnull=True)


def decided_before() -> Iterator[Row]:
    """The cases at stake, as :func:`mark_stale` reads them."""
    made = "submission__recommendation__"
    fields = (
        "submission",
        "submission__answers",
        "submission__questionnaire",
        f"{made}level",
        f"{made}outcome__crisis",
        f"{made}outcome__urgent",
    )
    return (Row(*row) for row in in_batches(affected_cases(), *fields))


@dataclass
class Marked:
    """What a run found.

    Args:
        compared: cases by another rule set than today's, on the same questions.
        differ: those that today's rules decide otherwise.
        marked: those of them that this run marked; the others were marked before, or changed at this moment.
        elsewhere: cases that answered other questions, by version. Not compared, never guessed.
    """

    compared: int = 0
    differ: int = 0
    marked: int = 0
    elsewhere: Counter[str] = field(default_factory=Counter)


def mark_stale(found: Iterable[Row]) -> Marked:
    """Mark the cases that today's rules decide otherwise. Running it again marks nothing twice, looked at or not."""
    ruleset, result = content.ruleset(), Marked()
    found = iter(found)
    while rows := list(islice(found, BATCH)):
        differ = {}
        for row in rows:
            if row.questionnaire != ruleset.questions.version:
                result.elsewhere[row.questionnaire] += 1
                continue
            result.compared += 1
            if current_level(ruleset, row.answers) != stored_level(row.level, row.crisis, row.urgent):
                differ[row.key] = row.submission
        result.differ += len(differ)
        result.marked += mark(differ, f"{StaleReason.RULES} {ruleset.version} {ruleset.digest[:12]}")
    return result


@transaction.atomic
def mark(differ: dict[int, int], why: str) -> int:
    """Mark these cases, unless they were marked for the same rule set before, or sent again or ended at this moment.

    Args:
        differ: the submission that was compared, by case.
        why: what the history says, the rule set in it.
    """
    cases = Case.objects.select_for_update().filter(pk__in=differ, status__in=MARKED, erased_at__isnull=True)
    # Locked first: two runs at once do not both see a case without its mark.
    held = {case.pk for case in cases.only("pk", "submission_id") if differ[case.pk] == case.submission_id}
    marks = CaseChange.objects.filter(case__in=held, what=CaseChange.ChangeType.STALE, after=why)
    new = held - set(marks.values_list("case", flat=True))
    CaseChange.objects.bulk_create(
        CaseChange(case_id=key, what=CaseChange.ChangeType.STALE, after=why) for key in sorted(new)
    )
    # One that is to be looked at already keeps since when and why: the history tells of the rules.
    Case.objects.filter(pk__in=new, stale_since__isnull=True).update(
        stale_since=timezone.now(), stale_because=StaleReason.RULES
    )
    Case.objects.filter(pk__in=new).update(version=F("version") + 1)
    return len(new)
