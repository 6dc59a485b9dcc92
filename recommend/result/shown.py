"""The parts of a result as pages show them, in the words of one rule set and one questionnaire."""

from dataclasses import dataclass
from functools import cached_property

from django.utils.safestring import SafeString

from carenav.plumbing.i18n.localized_text import LocalizedText
from intake.safety.shown import ShownText
from recommend.levels.continuum import LevelText
from recommend.result.plan import PlanCard, shortened

MOST_CARDS_FIRST = 3
"""How many cards of the plan come before the reasons. If there are more, "Good to know" comes after them."""

MOST_ON_A_SHEET = 3
"""How many things to do are on the sheet for the first call. With more, long Spanish texts do not fit one page."""


@dataclass(frozen=True)
class ShownAnswer:
    """One question and what the person answered, in the words of the questionnaire."""

    question: LocalizedText
    answers: list[LocalizedText]


@dataclass(frozen=True)
class ShownReason:
    """A rule that decided, in words, with the answers behind it.

    Attributes:
        overlap: whether the rule is an overlap rule: the level below would fit as well, and the person's week decided.
    """

    rule: str
    because: LocalizedText
    answers: list[ShownAnswer]
    sources: tuple[str, ...]
    overlap: bool


@dataclass(frozen=True)
class ShownPhrases:
    """Some of a person's answers, in the short forms that a result page repeats to them.

    Attributes:
        said: the short forms.
        about_safety: whether some of the answers are about suicide, self-injury, guns or harm to others. These are
            never in ``said``.
        left_open: whether some of the answers are skip or unsure. Those do not count for ``about_safety``.
    """

    said: list[LocalizedText]
    about_safety: bool
    left_open: bool


@dataclass(frozen=True)
class ShownArea:
    """One area with its grade.

    Attributes:
        grade: the id of the grade.
        words: the grade in words.
        rank: the position of the grade on its scale, from 0.
        highest: the highest possible rank.
        said: the answers that raised the area, in short form; None if none did, or if the questions have no short
            forms.
    """

    id: str
    label: LocalizedText
    grade: str
    words: LocalizedText
    rank: int
    highest: int
    said: ShownPhrases | None


@dataclass(frozen=True)
class ShownNotLess:
    """A lower level, and why it does not fit."""

    level: LevelText
    because: list[LocalizedText]


@dataclass(frozen=True)
class ShownNotMore:
    """A higher level, and what would have to be true for it.

    Attributes:
        lacking: the signals that would have to be higher, in words; empty if only danger would lead to this level.
    """

    level: LevelText
    lacking: list[str]


@dataclass(frozen=True)
class ShownChange:
    """Other answers, and the level they would give.

    Attributes:
        higher: whether that level is higher than the person's.
    """

    level: LevelText
    higher: bool
    answers: list[ShownAnswer]


@dataclass(frozen=True)
class ShownRange:
    """How far answers to the unknown questions could move the level.

    Attributes:
        unknown: the unknown questions.
        lowest, highest: the range of levels.
        settling: the unknown question whose answer would move the level most; None if no single one does.
        may_be_crisis: the unknown questions to which an answer could carry a crisis.
    """

    unknown: list[LocalizedText]
    lowest: LevelText
    highest: LevelText
    settling: LocalizedText | None
    may_be_crisis: list[LocalizedText]

    @property
    def is_one_level(self) -> bool:
        """Whether no answer to the unknown questions moves the level, apart from a crisis."""
        return self.lowest.id == self.highest.id

    @property
    def may_be_care_today(self) -> bool:
        """Whether an answer could call for care today although the level may be lower."""
        return bool(self.may_be_crisis) and not self.lowest.is_same_day


@dataclass(frozen=True)
class ResultText:
    """An outcome in words. If ``level`` is None, the engine failed, and the other parts are empty.

    Attributes:
        enough: the fewest answers that keep the level from falling.
        headline: the first line; empty if that is the name of the level.
        sentence: the first sentence about the level.
        is_of_its_own: whether that sentence says something else than that the level fits, such as that too little is
            known.
        would_help: unanswered questions to name first if too little is known.
        plan: what to do and to know, soonest first.
        phrases: the answers behind the level in short form; None if the questions have no short forms.
        reassures: whether ``reassurance`` says that the answers point to no danger.
        reassurance: that sentence, or the one that a page shows in its place.
    """

    level: LevelText | None
    crisis: tuple[str, ...]
    urgent: tuple[str, ...]
    resources: tuple[str, ...]
    reasons: list[ShownReason]
    areas: list[ShownArea]
    not_less: list[ShownNotLess]
    not_more: list[ShownNotMore]
    notes: list[LocalizedText]
    texts: list[ShownText]
    range: ShownRange | None
    enough: list[ShownAnswer]
    changes: list[ShownChange]
    headline: str = ""
    sentence: str = ""
    is_of_its_own: bool = False
    would_help: tuple[LocalizedText, ...] = ()
    plan: tuple[PlanCard, ...] = ()
    phrases: ShownPhrases | None = None
    reassures: bool = False
    reassurance: tuple[SafeString, ...] = ()

    @property
    def only_the_week_decides(self) -> bool:
        """Whether all reasons are overlap rules, so that with another week the level below would fit as well."""
        return bool(self.reasons) and all(reason.overlap for reason in self.reasons)

    @property
    def needs_numbers(self) -> bool:
        """Whether phone numbers come first: there is danger, or the plan asks for something today."""
        return bool(self.crisis or self.urgent) or any(card.is_urgent for card in self.plan)

    @property
    def plan_first(self) -> tuple[PlanCard, ...]:
        """The cards that come before the reasons."""
        return self.plan[:MOST_CARDS_FIRST]

    @property
    def plan_later(self) -> tuple[PlanCard, ...]:
        """The cards that come after the reasons."""
        return self.plan[MOST_CARDS_FIRST:]

    @property
    def open_programs(self) -> int:
        """How many programs a page shows unfolded: one if there is danger, which must stay in sight, else two."""
        danger = any(item.is_danger for card in self.plan for item in card.items)
        return 1 if danger or self.needs_numbers else 2

    @property
    def says_when_contacted(self) -> bool:
        """Whether the plan says when the team gets in touch, so that the page need not say it elsewhere."""
        return any(item.promises for card in self.plan for item in card.items)

    @cached_property
    def on_one_sheet(self) -> tuple[tuple[PlanCard, ...], int]:
        """The cards with what to do first, for one sheet of paper, and how many things to do are left out."""
        return shortened(self.plan, MOST_ON_A_SHEET)

    @property
    def covers_place(self) -> bool:
        """Whether a safety text says where to sleep or stay."""
        return any(text.kind == "place" for text in self.texts)


NOTHING_SHOWN = ResultText(None, (), (), (), [], [], [], [], [], [], None, [], [])


@dataclass(frozen=True)
class ShownPivotalQuestion:
    """A question to ask first: what the person answered, and how far other answers would move the level."""

    id: str
    question: LocalizedText
    answers: list[LocalizedText]
    unknown: bool
    lowest: LevelText
    highest: LevelText


@dataclass(frozen=True)
class ForTheDesk:
    """What only coordinators see: which questions to ask first, and which small changes of answers move the level."""

    pivotal_questions: list[ShownPivotalQuestion]
    changes: list[ShownChange]
