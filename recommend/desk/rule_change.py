"""After a rule change, mark the cases that the new rule set decides differently, so that the desk reviews them.

Marking changes neither the stored recommendation nor the disposition.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from intake import content, journey
from recommend.desk.models import OPEN_STATUSES, Case, CaseChange, CaseStatus, StaleReason
from recommend.engine import RuleSet, complete, rate
from recommend.levels.choices import LevelOfCare
from recommend.result.snapshot import is_priority
from recommend.rules.replay import BATCH, in_batches
from recommend.rules.stored_answers import AnswersReader, Comparability

MARKED = (*OPEN_STATUSES, CaseStatus.PLACED)
"""A placed person may need more now; a case closed without a placement has no plan to change."""


class Verdict(NamedTuple):
    """What decides when a person is seen.

    Attributes:
        level: "" if a person must review the case.
        urgent: whether it goes to the top of the list.
    """

    level: str
    urgent: bool

    @property
    def level_in_words(self) -> str:
        return str(LevelOfCare(self.level).label) if self.level else "A person must look"


class NotComparable(NamedTuple):
    """In place of a verdict: an answer means something else in the questions of the live rules."""

    urgent: bool = False

    @property
    def level_in_words(self) -> str:
        return "Not comparable: an answer means something else in today’s questions"


def current_level(ruleset: RuleSet, answers: journey.Answers | None) -> Verdict:
    """Decide by these rules, without reasons. If the engine fails: no level and urgent, as when answers are sent.

    Args:
        ruleset: the rules.
        answers: to the questions of the rules; None if they could not be read, and the engine fails.
    """
    if answers is None:
        return Verdict("", True)
    try:
        signals = rate(ruleset, complete(ruleset.questions, journey.chosen(answers)))
        level = ruleset.level_at(signals.state).id
        return Verdict(level, is_priority(level, signals.kinds("crisis"), signals.kinds("urgent")))
    except Exception:  # any failure must put the case before a person
        return Verdict("", True)


def stored_level(level: str, crisis: Collection[str] | None, urgent: Collection[str] | None) -> Verdict:
    """Return the verdict of a stored recommendation.

    Args:
        level: "" for none.
        crisis: crisis alerts.
        urgent: urgent alerts.
    """
    return Verdict(level, is_priority(level, crisis, urgent))


def current_verdict(case: Case) -> Verdict | NotComparable | None:
    """Return what the live rule set says to a case, if it differs from what is stored.

    None also if the case answered a questionnaire that no mapping leads from.
    """
    submission, ruleset = case.submission, content.ruleset()
    made = submission.recommendation
    if made.ruleset_digest == ruleset.digest:
        return None
    read = AnswersReader(ruleset.questions).read(submission.questionnaire, submission.answers)
    if read.reasons:
        return None if read.answers is None else NotComparable()
    now = current_level(ruleset, read.answers)
    snapshot = made.snapshot
    then = stored_level(made.level, snapshot.crisis, snapshot.urgent)
    return None if now == then else now


# ---- all cases


class ComparedCase(NamedTuple):
    """What is read of a case to compare it.

    Attributes:
        key: id of the case.
        submission: id of its latest submission.
        questionnaire: version that was answered.
        crisis: stored crisis alerts, as the database reads them out of the JSON; None where a person must look.
        urgent: stored urgent alerts, likewise.
    """

    key: int
    submission: int
    answers: journey.Answers
    questionnaire: str
    level: str
    crisis: list[str] | None
    urgent: list[str] | None


def affected_cases() -> QuerySet[Case]:
    """Return the open or placed cases that were decided by another rule set than the live one."""
    by_others = ~Q(submission__recommendation__ruleset_digest=content.ruleset().digest)
    return Case.objects.filter(by_others, status__in=MARKED, erased_at__isnull=True)


def compared_cases() -> Iterator[ComparedCase]:
    """Yield the affected cases as :func:`mark_stale` reads them."""
    made = "submission__recommendation__"
    fields = (
        "submission",
        "submission__answers",
        "submission__questionnaire",
        f"{made}level",
        f"{made}outcome__crisis",
        f"{made}outcome__urgent",
    )
    return (ComparedCase(*row) for row in in_batches(affected_cases(), *fields))


@dataclass
class StaleResult:
    """What one run found.

    Attributes:
        comparability: how many affected cases could be compared, and why the others could not.
        differ: those that the live rule set decides differently.
        marked: those that this run marked; the rest were marked before or changed concurrently.
    """

    comparability: Comparability
    differ: int = 0
    marked: int = 0


def mark_stale(found: Iterable[ComparedCase]) -> StaleResult:
    """Mark the cases that the live rule set decides differently. A second run marks no case twice, reviewed or not.

    Each batch is a transaction of its own.

    Raises:
        ContentError: the mapping file from the questions that were answered cannot be used.
    """
    ruleset = content.ruleset()
    reader = AnswersReader(ruleset.questions)
    result = StaleResult(reader.tally)
    found = iter(found)
    while rows := list(islice(found, BATCH)):
        differ = {}
        for row in rows:
            answers, not_comparable = reader.read(row.questionnaire, row.answers)
            if not_comparable:
                continue
            if current_level(ruleset, answers) != stored_level(row.level, row.crisis, row.urgent):
                differ[row.key] = row.submission
        result.differ += len(differ)
        result.marked += mark(differ, f"{StaleReason.RULES} {ruleset.version} {ruleset.digest[:12]}")
    return result


@transaction.atomic
def mark(differ: dict[int, int], why: str) -> int:
    """Mark these cases; locks them. Skips those already marked for this rule set, or sent again or closed meanwhile.

    Args:
        differ: id of the submission that was compared, by id of its case.
        why: value for the history, with the rule set.

    Returns:
        How many cases were marked.
    """
    cases = Case.objects.select_for_update().filter(pk__in=differ, status__in=MARKED, erased_at__isnull=True)
    # Locked first, so that two concurrent runs do not both find a case unmarked.
    held = {case.pk for case in cases.only("pk", "submission_id") if differ[case.pk] == case.submission_id}
    marks = CaseChange.objects.filter(case__in=held, what=CaseChange.ChangeType.STALE, after=why)
    new = held - set(marks.values_list("case", flat=True))
    CaseChange.objects.bulk_create(
        CaseChange(case_id=key, what=CaseChange.ChangeType.STALE, after=why) for key in sorted(new)
    )
    # A case that is stale already keeps its time and reason; the history has the rule change.
    Case.objects.filter(pk__in=new, stale_since__isnull=True).update(
        stale_since=timezone.now(), stale_because=StaleReason.RULES
    )
    Case.objects.filter(pk__in=new).update(version=F("version") + 1)
    return len(new)
