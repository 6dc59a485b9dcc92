"""A charter: what a rule set must keep, whatever its rules look like, read from a file of its own."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from .answers import AnswerPattern, Questions
from .content_file import Text
from .levels import Level
from .ruleset import Invariant


@dataclass(frozen=True)
class Bound:
    """A ceiling: a promise that some answers alone never lead above a level.

    Attributes:
        kind: ``only`` (all options of some questions at once), ``cap`` (a state) or ``one_step`` (one refusal).
        at_most: the highest level allowed; None for ``one_step``.
        only: the questions of an ``only`` bound.
        cap: the grade of each signal named, ``areas`` for all areas, "yes" for a flag.
        but: rated questions that a ``one_step`` bound leaves out.
        at_most_levels: how many levels a ``one_step`` refusal may raise.
        unless: a condition on signals; people who meet it are left out of a ``one_step`` bound. Empty: nobody is.
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
    """Part of "a worse answer never lowers": an answer that must lead to no lower level than another.

    Attributes:
        question: the question both belong to.
        answer: the option that must not lower.
        than: the option it is compared with.
    """

    question: str
    answer: str
    than: str


@dataclass(frozen=True)
class OnlyRaises:
    """Part of "the week never lowers a need": a question that may only raise, to one level, beside other needs.

    Attributes:
        question: the question, such as ``age``.
        beside: a condition on signals, without which its answer changes no level.
        to: the only level to which it may raise.
    """

    question: str
    beside: str
    to: Level


@dataclass(frozen=True)
class Week:
    """What the two named properties about the week and about worse answers are proved of.

    Attributes:
        questions: questions that may move the level in the overlap zone only.
        worth_as_much: answers compared with others of the same question.
        only_raises: questions that may raise to one level, beside other needs.
    """

    questions: tuple[str, ...] = ("weekly_hours", "free_times", "work_around", "who", "age", "place", "share")
    worth_as_much: tuple[WorthAsMuch, ...] = (WorthAsMuch("weekly_hours", "unsure", "h9"),)
    only_raises: tuple[OnlyRaises, ...] = ()


@dataclass(frozen=True)
class Waiver:
    """A decision to lower a promise of the charter before, signed and for a limited time.

    Attributes:
        promise: its id there.
        rows: the rows of it, in the option ids of the questions before, that no longer hold; empty: all of it.
        who: the role that answers for it.
        why: the clinical reason.
        until: the last day on which it holds.
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
        version: a whole number, as text.
        digest: SHA-256 of the file.
        follows: the version of the charter before; None for the first.
        questions: the questions its promises are about.
        invariants: the floors.
        bounds: the ceilings.
        reasons: the clinical reason of each promise, by its id.
        sources: the sources of each promise, by its id.
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
        """List what is promised without its wording, in an order of its own, to tell whether a charter was changed."""
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
    """Return rows of answers in one fixed order, so that equal rows are written alike."""
    return sorted(sorted((id, sorted(options)) for id, options in row.items()) for row in rows)
