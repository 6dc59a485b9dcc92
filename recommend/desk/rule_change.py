"""After a change of rules, mark the cases that the new rule set decides differently as stale, for review by staff.

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
"""The statuses of cases that are compared. A placed person may now need more care; a closed case has no plan to change.
"""


class Verdict(NamedTuple):
    """The part of a recommendation that is compared.

    Attributes:
        level: the id of the level; "" if staff must review the case.
        urgent: whether the case is urgent.
    """

    level: str
    urgent: bool

    @property
    def level_in_words(self) -> str:
        return str(LevelOfCare(self.level).label) if self.level else "A person must look"


class NotComparable(NamedTuple):
    """Used in place of a verdict if an answer has another meaning in today's questions."""

    urgent: bool = False

    @property
    def level_in_words(self) -> str:
        return "Not comparable: an answer means something else in today’s questions"


def current_level(ruleset: RuleSet, answers: journey.Answers | None) -> Verdict:
    """Return the verdict of a rule set; no level and urgent if the engine raises, as when answers are submitted.

    Args:
        ruleset: the rule set.
        answers: answers to the questions of the rule set; None if they could not be read, which counts as failure.
    """
    if answers is None:
        return Verdict("", True)
    try:
        signals = rate(ruleset, complete(ruleset.questions, journey.chosen(answers)))
        level = ruleset.level_at(signals.state).id
        return Verdict(level, is_priority(level, signals.kinds("crisis"), signals.kinds("urgent")))
    except Exception:  # after any failure, staff must review the case
        return Verdict("", True)


def stored_level(level: str, crisis: Collection[str] | None, urgent: Collection[str] | None) -> Verdict:
    """Return the verdict of a stored recommendation.

    Args:
        level: the id of the level; "" for none.
        crisis: the kinds of crisis marks; None if the engine failed.
        urgent: the kinds of urgent marks; None if the engine failed.
    """
    return Verdict(level, is_priority(level, crisis, urgent))


def current_verdict(case: Case) -> Verdict | NotComparable | None:
    """Return the verdict of today's rule set on a case if it differs from the stored one, else None.

    None too if no mapping leads from the questionnaire that was answered to today's.
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


# ---- comparing all cases


class ComparedCase(NamedTuple):
    """The columns of a case that are read to compare it.

    Attributes:
        key: the id of the case.
        submission: the id of its latest submission.
        answers: the answers of that submission.
        questionnaire: the version of the questionnaire that was answered.
        level: the id of the stored level; "" for none.
        crisis: the stored kinds of crisis marks; None if the engine failed and staff must review the case.
        urgent: the stored kinds of urgent marks; None in the same case.
    """

    key: int
    submission: int
    answers: journey.Answers
    questionnaire: str
    level: str
    crisis: list[str] | None
    urgent: list[str] | None


def affected_cases() -> QuerySet[Case]:
    """Return the open or placed cases that were decided by another rule set than today's."""
    by_others = ~Q(submission__recommendation__ruleset_digest=content.ruleset().digest)
    return Case.objects.filter(by_others, status__in=MARKED, erased_at__isnull=True)


def compared_cases() -> Iterator[ComparedCase]:
    """Yield the affected cases, for :func:`mark_stale`."""
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
    """The result of one run.

    Attributes:
        comparability: how many cases could be compared, and why the others could not.
        differ: the number of cases that today's rule set decides differently.
        marked: the number of those that this run marked; the others were marked before, or changed concurrently.
    """

    comparability: Comparability
    differ: int = 0
    marked: int = 0


def mark_stale(found: Iterable[ComparedCase]) -> StaleResult:
    """Mark the cases that today's rule set decides differently as stale.

    A later run does not mark a case again for the same rule set, even if it was reviewed. Each batch has its own
    transaction.

    Args:
        found: the cases, from :func:`compared_cases`.

    Raises:
        ContentError: a mapping file from an earlier questionnaire cannot be used.
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
    """Mark these cases as stale, and lock them.

    Cases are skipped that are already marked for this rule set, or that were sent again or closed in the meantime.

    Args:
        differ: the id of the submission that was compared, keyed by the id of its case.
        why: the value for the history, which names the rule set.

    Returns:
        the number of cases marked.
    """
    cases = Case.objects.select_for_update().filter(pk__in=differ, status__in=MARKED, erased_at__isnull=True)
    # Lock the cases first, so that two concurrent runs do not both mark the same case.
    held = {case.pk for case in cases.only("pk", "submission_id") if differ[case.pk] == case.submission_id}
    marks = CaseChange.objects.filter(case__in=held, what=CaseChange.ChangeType.STALE, after=why)
    new = held - set(marks.values_list("case", flat=True))
    CaseChange.objects.bulk_create(
        CaseChange(case_id=key, what=CaseChange.ChangeType.STALE, after=why) for key in sorted(new)
    )
    # A case that is already stale keeps its time and reason; the history says that the rules changed too.
    Case.objects.filter(pk__in=new, stale_since__isnull=True).update(
        stale_since=timezone.now(), stale_because=StaleReason.RULES
    )
    Case.objects.filter(pk__in=new).update(version=F("version") + 1)
    return len(new)
