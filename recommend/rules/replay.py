"""Decide stored submissions again, to see what would change.

:func:`replay` uses another rule set and counts which levels would change. :func:`rederive` uses each case's own
versions and checks that the stored outcome still follows from them.

Nothing is written, and no answers are shown. Rows are read in batches, each with its own query. So memory use does not
grow with the number of rows, nothing stays locked, and the database server keeps no cursor.
"""

from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import Enum
from functools import cache
from itertools import chain
from typing import Any, NamedTuple, TypeVar

from django.conf import settings
from django.core.management.base import OutputWrapper
from django.db.models import QuerySet

from carenav.plumbing.batches import batches
from carenav.plumbing.i18n.localized_text import languages
from intake import content, journey
from intake.models import Submission
from recommend.engine import ContentError, Level, RuleSet, complete, load_ruleset, rate
from recommend.result.models import Recommendation
from recommend.result.snapshot import outcome_of
from recommend.result.stored_snapshot import NEEDS_MANUAL_REVIEW, RecommendationSnapshot
from recommend.rules.stored_answers import AnswersReader, Comparability

T = TypeVar("T")

BATCH = 500

STORED_LEVELS: dict[str | None, Level | None] = {"": None, None: None} | {level.id: level for level in Level}
"""The level of a stored recommendation, by its database value; None if the engine failed or there is none."""


def in_batches(rows: QuerySet[Any], *fields: str) -> Iterator[tuple[Any, ...]]:
    """Yield the primary key and the fields of each row, in the order of the keys."""
    return chain.from_iterable(batches(rows.values_list("pk", *fields), BATCH))


class Progress:
    """A progress bar for a long run. It is drawn on a terminal only.

    Args:
        out: where to draw, for example the standard error of a command.
        total: how many rows there are.
    """

    WIDTH = 40

    def __init__(self, out: OutputWrapper, total: int) -> None:
        self.out = out
        self.total = total
        self.drawn = out.isatty()

    def over(self, rows: Iterable[T]) -> Iterator[T]:
        """Yield the same rows, and move the bar while they are consumed. Remove it at the end."""
        if not self.drawn:
            yield from rows
            return
        try:
            for done, row in enumerate(rows):
                if done % BATCH == 0:
                    self.draw(done)
                yield row
        finally:
            self.clear()

    def draw(self, done: int) -> None:
        part = min(done / self.total, 1) if self.total else 1  # more rows may come during the run
        bar = ("#" * int(part * self.WIDTH)).ljust(self.WIDTH, ".")
        self.write(f"\r[{bar}] {part:4.0%}  {done:,} of {self.total:,}")

    def clear(self) -> None:
        """Remove the bar from its line, so that something else can be printed there."""
        if self.drawn:
            self.write("\r\033[K")

    def write(self, text: str) -> None:
        self.out.write(text, style_func=str, ending="")
        self.out.flush()


# ---- another rule set


class Move(NamedTuple):
    """The stored level of a case and its level now; None if the engine failed and a person has to look."""

    before: Level | None
    after: Level | None

    @property
    def fails(self) -> bool:
        """Whether there was a level, and now the engine fails."""
        return self.after is None and self.before is not None

    @property
    def down(self) -> bool:
        return self.before is not None and self.after is not None and self.after < self.before

    @property
    def place(self) -> int:
        """The sort key: moves down first, the furthest before others, then moves to no level, then the rest."""
        if self.before is None or self.after is None:
            return 0 if self.fails else len(Level)
        return self.after - self.before


@dataclass
class LevelShifts:
    """How a rule set changes the levels of stored submissions.

    Attributes:
        counts: how many submissions make each move, including those whose level stays.
        changed: the primary keys of the submissions whose level changes, by move, in 8 bytes each.
        comparability: how many submissions could be compared, and why the others could not.
    """

    counts: Counter[Move] = field(default_factory=Counter)
    changed: dict[Move, "array[int]"] = field(default_factory=lambda: defaultdict(lambda: array("q")))
    comparability: Comparability = field(default_factory=Comparability)

    @property
    def loudest_first(self) -> list[Move]:
        """The moves that change the level, those that matter most first; see :attr:`Move.place`."""
        return sorted(self.changed, key=lambda move: move.place)


def submissions() -> Iterator[tuple[Any, ...]]:
    """Yield every submission that counts, in the form that :func:`replay` reads."""
    # A deleted submission has no answers. One that the person changed and sent again is replaced by the new one.
    left = Submission.objects.filter(replaced_by__isnull=True).exclude(answers={})
    return in_batches(left, "answers", "questionnaire", "recommendation__level")


def replay(ruleset: RuleSet, rows: Iterable[tuple[Any, ...]]) -> LevelShifts:
    """Decide submissions with a rule set, and compare the levels with the stored ones.

    Args:
        ruleset: the rule set to decide with.
        rows: what :func:`submissions` yields.

    Raises:
        ContentError: the mapping file from the questions that were answered is not valid.
    """
    reader = AnswersReader(ruleset.questions)
    shifts = LevelShifts(comparability=reader.tally)
    for key, stored_answers, version, stored in rows:
        answers, not_comparable = reader.read(version, stored_answers)
        if not_comparable:
            continue
        now = None if answers is None else level_now(ruleset, answers)
        move = Move(STORED_LEVELS[stored], now)
        shifts.counts[move] += 1
        if move.before is not move.after:
            shifts.changed[move].append(key)
    return shifts


def level_now(ruleset: RuleSet, answers: journey.Answers) -> Level | None:
    """Return the level of stored answers without reasons, or None if the engine fails."""
    try:
        signals = rate(ruleset, complete(ruleset.questions, journey.chosen(answers)))
    except Exception:
        return None
    return ruleset.level_at(signals.state)


def references(keys: "array[int]") -> Iterator[str]:
    """Yield the references of submissions, given their primary keys."""
    for start in range(0, len(keys), BATCH):
        some = Submission.objects.filter(pk__in=keys[start : start + BATCH].tolist())
        yield from some.order_by("pk").values_list("reference", flat=True)


# ---- under its own versions


class Verdict(Enum):
    """The result of deriving a stored recommendation again."""

    SAME = "the same"
    DIFFERS = "different"
    FAILS_AGAIN = "without a level still"
    WORKS_NOW = "without a level that would get one now"


@dataclass(frozen=True)
class Finding:
    """One stored recommendation, derived again.

    Attributes:
        reference: the reference of the submission.
        verdict: the result.
        what: if it differs, the names of what differs, or why it cannot be derived; else "".
    """

    reference: str
    verdict: Verdict
    what: str = ""


class Stored(NamedTuple):
    """One stored recommendation. From ``level`` on, each field is named like its column."""

    key: int
    reference: str
    answers: journey.Answers
    level: str
    outcome: object
    ruleset: str
    ruleset_digest: str
    questionnaire: str
    questionnaire_digest: str
    safety_digest: str


class Versions(NamedTuple):
    """A rule set with its questions, and the digests of the questionnaire and of the safety texts."""

    ruleset: RuleSet
    questionnaire_digest: str
    safety_digest: str


def recommendations() -> Iterator[Stored]:
    """Return an iterator over every stored recommendation, in the form that :func:`rederive` reads."""
    rows = in_batches(
        Recommendation.objects.all(), "submission__reference", "submission__answers", *Stored._fields[3:]
    )
    return (Stored(*row) for row in rows)


def rederive(rows: Iterable[Stored]) -> Iterator[Finding]:
    """Derive recommendations again, each with its own versions, and compare everything that is stored.

    The safety texts come from the file of the recommendation's version in ``intake/safety/``.
    """
    # Read each pair of versions once, also one that fails.
    load = cache(versions_of)
    return (finding(stored, load(stored.ruleset, stored.questionnaire)) for stored in rows)


def versions_of(ruleset: str, questionnaire: str) -> Versions | str:
    """Return the files of a rule set and a questionnaire, or the error message if they cannot be used."""
    try:
        asked = content.questionnaire(questionnaire)
        path = settings.RULESET.with_stem(ruleset)
        rules = load_ruleset(path, asked.questions, languages())
        return Versions(rules, asked.digest, content.safety_texts_of(rules).digest)
    except (ContentError, ValueError) as error:  # ValueError: not a possible file name
        return str(error)


def finding(stored: Stored, versions: Versions | str) -> Finding:
    """Compare one recommendation with what its own versions lead to now.

    Args:
        stored: the recommendation.
        versions: its versions, or why they cannot be used.
    """
    if isinstance(versions, str):
        return Finding(stored.reference, Verdict.DIFFERS, f"cannot be derived again: {versions}")
    fresh = fresh_outcome(versions.ruleset, stored.answers)
    what = changed_digests(stored, versions)
    failed = stored.level == "" and stored.outcome == NEEDS_MANUAL_REVIEW.to_json()
    if not failed:
        what += changed_keys(stored, fresh.to_json())
    if what:
        return Finding(stored.reference, Verdict.DIFFERS, f"differs in {', '.join(what)}")
    if not failed:
        return Finding(stored.reference, Verdict.SAME)
    return Finding(stored.reference, Verdict.FAILS_AGAIN if fresh.level is None else Verdict.WORKS_NOW)


def fresh_outcome(ruleset: RuleSet, answers: journey.Answers) -> RecommendationSnapshot:
    """Return the outcome of answers under a rule set, or NEEDS_MANUAL_REVIEW if the engine fails."""
    try:
        return outcome_of(ruleset, answers)
    except Exception:
        return NEEDS_MANUAL_REVIEW


def changed_digests(stored: Stored, versions: Versions) -> list[str]:
    """Return the names of the digests that differ from those stored with the recommendation."""
    now = {
        "ruleset_digest": versions.ruleset.digest,
        "questionnaire_digest": versions.questionnaire_digest,
    }
    if stored.safety_digest:  # older recommendations have none
        now["safety_digest"] = versions.safety_digest
    return [name for name, digest in now.items() if getattr(stored, name) != digest]


def changed_keys(stored: Stored, fresh: dict[str, object]) -> list[str]:
    """Return the names of what would be stored differently now: the level, and keys of the outcome.

    Args:
        stored: the recommendation. Its outcome is the JSON as stored, not a snapshot: a snapshot could refuse JSON
            that was altered, or lose keys that were added.
        fresh: the JSON that would be stored now.
    """
    beside = ["the level beside the outcome"] if stored.level != (fresh["level"] or "") else []
    if not isinstance(stored.outcome, dict):
        return [*beside, "the whole outcome"]
    keys = sorted(stored.outcome.keys() | fresh.keys())
    missing = object()
    return beside + [key for key in keys if stored.outcome.get(key, missing) != fresh.get(key, missing)]
