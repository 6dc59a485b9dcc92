"""What a page shows of a result: its parts, in the words of one rule set and one questionnaire."""

from dataclasses import dataclass
from functools import cached_property

from django.utils.safestring import SafeString

from carenav.plumbing.i18n.localized_text import LocalizedText
from intake.safety.shown import ShownText
from recommend.levels.continuum import LevelText
from recommend.result.plan import PlanCard, shortened

MOST_CARDS_FIRST = 3
"""Cards before the reasons: what is only good to know comes after them where there are more."""

MOST_ON_A_SHEET = 3
"""Things to do on the sheet for the first call. With more, the longest of them in Spanish do not fit one page."""


@dataclass(frozen=True)
class ShownAnswer:
    """One question and what the person answered, in their own wording."""

    question: LocalizedText
    answers: list[LocalizedText]


@dataclass(frozen=True)
class ShownReason:
    """A rule that decided, in words, with the answers behind it.

    Attributes:
        overlap: whether the level below would do as well, and the week decided.
    """

    rule: str
    because: LocalizedText
    answers: list[ShownAnswer]
    sources: tuple[str, ...]
    overlap: bool


@dataclass(frozen=True)
class ShownPhrases:
    """Some of a person's answers, as a result page says them back.

    Attributes:
        said: their short forms, each once.
        about_safety: whether some of them are about suicide, self-injury, guns or harm to others: those are never said.
        left_open: whether questions without an answer count among them; a refusal says nothing about safety.
    """

    said: list[LocalizedText]
    about_safety: bool
    left_open: bool


@dataclass(frozen=True)
class ShownArea:
    """One area: its grade in words, and how far along the scale it stands.

    Attributes:
        said: the answers that raised it, in short form; None where nothing did, or the questions have no short forms.
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
    """A lower level, and what speaks against it."""

    level: LevelText
    because: list[LocalizedText]


@dataclass(frozen=True)
class ShownNotMore:
    """A higher level, and what would have to be so for it; nothing where only danger would."""

    level: LevelText
    lacking: list[str]


@dataclass(frozen=True)
class ShownChange:
    """Other answers, and the level they would give."""

    level: LevelText
    higher: bool
    answers: list[ShownAnswer]


@dataclass(frozen=True)
class ShownRange:
    """How far the unknown answers could move the level."""

    unknown: list[LocalizedText]
    lowest: LevelText
    highest: LevelText
    settling: LocalizedText | None
    may_be_crisis: list[LocalizedText]

    @property
    def is_one_level(self) -> bool:
        """Whether the unknown answers move nothing, a crisis apart."""
        return self.lowest.id == self.highest.id

    @property
    def may_be_care_today(self) -> bool:
        """Whether one of them may call for care today, where the level does not do so already."""
        return bool(self.may_be_crisis) and not self.lowest.is_same_day


@dataclass(frozen=True)
class ResultText:
    """An outcome in words. Without a level only a person can answer, and nothing else is said.

    Attributes:
        headline: what goes first; empty where that is the name of the level.
        sentence: the first sentence about the level.
        is_of_its_own: whether it says something else than that the level fits, such as that too little is known.
        would_help: questions without an answer to name first, where too little is known.
        plan: what to do and what to know, soonest first.
        phrases: the answers behind the level in short form; None for questions that have no short forms.
        reassures: whether ``reassurance`` says that the answers point to no danger.
        reassurance: that sentence, or the one a page says instead.
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
        """Whether every reason is an overlap rule, so that with another week the level below would do as well."""
        return bool(self.reasons) and all(reason.overlap for reason in self.reasons)

    @property
    def needs_numbers(self) -> bool:
        """Whether the numbers to call go first: danger, or care today or tomorrow."""
        return bool(self.crisis or self.urgent) or any(card.is_urgent for card in self.plan)

    @property
    def plan_first(self) -> tuple[PlanCard, ...]:
        """The cards that come before the reasons."""
        return self.plan[:MOST_CARDS_FIRST]

    @property
    def plan_later(self) -> tuple[PlanCard, ...]:
        """The cards that come after the reasons. They are not folded."""
        return self.plan[MOST_CARDS_FIRST:]

    @property
    def open_programs(self) -> int:
        """How many programs a page shows unfolded: one where the plan tells of a danger, which must stay in sight."""
        danger = any(item.is_danger for card in self.plan for item in card.items)
        return 1 if danger or self.needs_numbers else 2

    @property
    def says_when_contacted(self) -> bool:
        """Whether the plan says when the team gets in touch, so that nothing else has to."""
        return any(item.promises for card in self.plan for item in card.items)

    @cached_property
    def on_one_sheet(self) -> tuple[tuple[PlanCard, ...], int]:
        """What is to be done first, as much as one sheet of paper holds, and how many things it leaves out."""
        return shortened(self.plan, MOST_ON_A_SHEET)

    @property
    def covers_place(self) -> bool:
        """Whether a safety text says where to sleep or stay."""
        return any(text.kind == "place" for text in self.texts)


NOTHING_SHOWN = ResultText(None, (), (), (), [], [], [], [], [], [], None, [], [])


@dataclass(frozen=True)
class ShownPivotalQuestion:
    """A question to ask first: what was answered, and how far other answers would move the level."""

    id: str
    question: LocalizedText
    answers: list[LocalizedText]
    unknown: bool
    lowest: LevelText
    highest: LevelText


@dataclass(frozen=True)
class ForTheDesk:
    """What only the coordinator sees: what to ask first, and what any changed answer would do."""

    pivotal_questions: list[ShownPivotalQuestion]
    changes: list[ShownChange]
