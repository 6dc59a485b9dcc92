"""A charter: the promises that a rule set must keep, whatever its rules. ``charter_file.py`` reads it from its file."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from .answers import AnswerPattern, Questions
from .content_file import Text
from .levels import Level
from .ruleset import Invariant


@dataclass(frozen=True)
class Bound:
    """An upper bound: a promise that certain answers never lead above a level.

    The kinds are: ``only``, about people who answer some questions with all options at once and all others with the
    least; ``cap``, about people whose signals are at most at some grades; ``one_step``, about one answer of skip or
    unsure.

    Attributes:
        kind: ``only``, ``cap`` or ``one_step``.
        at_most: the highest level allowed; None for ``one_step``.
        only: for ``only``, the ids of the questions that are answered with all options.
        cap: for ``cap``, the highest grade by signal; ``areas`` for all areas, the grade "yes" for a flag. Signals
            that are not named have their least grade.
        but: for ``one_step``, ids of rated questions that the bound does not cover.
        at_most_levels: for ``one_step``, by how many levels skip or unsure may raise, compared with the least answer.
        unless: for ``one_step``, a condition on signals; the bound does not cover people who meet it. Empty if it
            covers everyone.
    """

    id: str
    kind: str
    at_most: Level | None = None
    only: tuple[str, ...] = ()
    cap: Mapping[str, str] | None = None
    but: frozenset[str] = frozenset()
    at_most_levels: int = 0
    unless: str = ""


@dataclass(frozen=True)
class WorthAsMuch:
    """Part of "a worse answer never lowers": one answer must not lead to a lower level than another.

    Attributes:
        question: the id of the question that offers both.
        answer: the option that must not lower the level.
        than: the option it is compared with.
    """

    question: str
    answer: str
    than: str


@dataclass(frozen=True)
class OnlyRaises:
    """Part of "the week never lowers a need": a question that may only raise, to one level, beside other needs.

    Attributes:
        question: the id of the question, such as ``age``.
        beside: a condition on signals; for people who do not meet it, the answer must not change the level.
        to: the only level that the answer may raise to.
    """

    question: str
    beside: str
    to: Level


@dataclass(frozen=True)
class Week:
    """What the properties ``week-never-lowers-need`` and ``a-worse-answer-never-lowers`` are about.

    Attributes:
        questions: ids of the questions about the week, which may change the level in the overlap zone only.
        worth_as_much: options that are compared with another option of the same question.
        only_raises: questions that may raise to one level, beside other needs.
    """

    questions: tuple[str, ...] = ("weekly_hours", "free_times", "work_around", "who", "age", "place", "share")
    worth_as_much: tuple[WorthAsMuch, ...] = (WorthAsMuch("weekly_hours", "unsure", "h9"),)
    only_raises: tuple[OnlyRaises, ...] = ()


@dataclass(frozen=True)
class Waiver:
    """A signed decision to lower a promise of the previous charter for a limited time.

    Attributes:
        promise: the id of the promise in the previous charter.
        rows: the rows of the promise that no longer hold, with the option ids of the previous questions; empty for the
            entire promise.
        who: the role that is responsible.
        why: the clinical reason.
        until: the last day on which the waiver is valid.
    """

    promise: str
    rows: tuple[AnswerPattern, ...]
    who: str
    why: Text
    until: date


@dataclass(frozen=True, eq=False)
class Charter:
    """The promises of a rule set.

    Attributes:
        version: a whole number from 1, as text.
        digest: SHA-256 of the file.
        follows: the version of the previous charter; None for the first.
        questions: the questions that its promises are about.
        invariants: the promises of at least a level, and the named properties.
        bounds: the promises of at most a level.
        week: the answers that two of the named properties are about.
        waivers: the promises of the previous charter that it does not keep.
        reasons: the clinical reason of each promise, by the promise's id.
        sources: the sources of each promise, by the promise's id.
    """

    version: str
    digest: str
    follows: str | None
    questions: Questions
    invariants: tuple[Invariant, ...]
    bounds: tuple[Bound, ...]
    week: Week
    waivers: tuple[Waiver, ...]
    reasons: Mapping[str, Text]
    sources: Mapping[str, tuple[str, ...]]

    def promises(self) -> list[object]:
        """Return all promises without their wording, in a fixed order.

        Two charters that promise the same give equal lists, so this shows whether a charter was changed.
        """
        rows = [
            ("invariant", each.id, each.property, each.level and each.level.id, rows_as_lists(each.rows))
            for each in self.invariants
        ]
        bounds = [
            (
                "bound",
                each.id,
                each.kind,
                each.at_most and each.at_most.id,
                sorted(each.only),
                sorted((each.cap or {}).items()),
                sorted(each.but),
                each.at_most_levels,
                each.unless,
            )
            for each in self.bounds
        ]
        waivers = [
            ("waiver", each.promise, rows_as_lists(each.rows), each.who, each.until.isoformat())
            for each in self.waivers
        ]
        week = (
            "week",
            sorted(self.week.questions),
            sorted((each.question, each.answer, each.than) for each in self.week.worth_as_much),
            sorted((each.question, each.beside, each.to.id) for each in self.week.only_raises),
        )
        follows = ("follows", self.follows, self.questions.version)
        return [follows, *sorted(rows, key=str), *sorted(bounds, key=str), *sorted(waivers, key=str), week]


def rows_as_lists(rows: Iterable[AnswerPattern]) -> list[list[tuple[str, list[str]]]]:
    """Convert rows of answers to sorted lists, so that equal rows become equal lists."""
    return sorted(sorted((id, sorted(options)) for id, options in row.items()) for row in rows)
