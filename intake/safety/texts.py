"""The safety texts of one clinical version: selected by facts, filled with numbers to call.

None of the texts moves the level. A page asks :meth:`SafetyTexts.shown` which of them it must show. They are read by
``texts_file.py``.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property

from carenav.plumbing.i18n.localized_text import LocalizedText
from intake.safety.conditions import Condition, Facts, holds
from recommend.engine import Completed, Decision, RuleSet

TIMES = ("now", "today", "today or tomorrow", "this week", "good to know")
"""When the person acts, without any "If"; soonest first."""

KINDS = ("danger", "body", "means", "plan", "place", "practical")
"""What a text is about. A page never folds away a text of kind ``danger``."""

HOURS = "hours"
"""The placeholder that the clinic fills, not the file."""

ELSEWHERE = "other"
"""The place whose words are used when nobody knows where the person is."""

PLACEHOLDER = re.compile(r"\{(\w+)\}")
BOLD = "**"
SENTENCE_END = re.compile(r"(?<=[.!?])[ ]+|(?<=[.!?][*]{2})[ ]+")
"""The space after a sentence, whether or not the sentence ends in bold words."""

Values = Mapping[str, Mapping[str, Mapping[str, str]]]
"""What a placeholder reads: by its name, place and language."""


@dataclass(frozen=True)
class Wording:
    """A text by language, with placeholders.

    Attributes:
        text: the words; a blank line separates paragraphs, ``**`` encloses what is bold.
        values: what each placeholder reads in each place.
    """

    text: LocalizedText
    values: Values

    def filled(self, language: str, place: str, hours: str = "") -> str:
        """Return the words for a person in this place.

        Args:
            language: one of the languages of the file.
            place: an option of the question ``place``; any other counts as ``other``.
            hours: when the team reads answers, in this language. Without it, sentences that need it are left out.
        """
        words = self.text[language] if hours else without_hours(self.text[language])
        return PLACEHOLDER.sub(lambda match: self._value(match[1], language, place, hours), words)

    def _value(self, name: str, language: str, place: str, hours: str) -> str:
        if name == HOURS:
            return hours
        by_place = self.values[name]
        return by_place.get(place, by_place[ELSEWHERE])[language]


def without_hours(words: str) -> str:
    """Leave out each sentence that needs the hours of the team."""
    paragraphs = (
        " ".join(part for part in SENTENCE_END.split(paragraph) if f"{{{HOURS}}}" not in part)
        for paragraph in words.split("\n\n")
    )
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph)


@dataclass(frozen=True)
class SafetyText:
    """One text.

    Attributes:
        shown_when: the resolved condition.
        places: the pages where it may stand.
        true_when: the resolved condition under which what it says of the person is true; None: it says nothing of
            the person.
        time: one of ``TIMES``.
        kind: one of ``KINDS``.
        lines: the kind of crisis lines that stand under the text; empty: none.
    """

    id: str
    shown_when: Condition
    places: frozenset[str]
    true_when: Condition | None
    time: str
    kind: str
    title: Wording | None
    text: Wording
    lines: str = ""

    def filled(self, language: str, place: str, hours: str = "") -> str:
        """Return the text for a person in this place; see :meth:`Wording.filled`."""
        return self.text.filled(language, place, hours)


@dataclass(frozen=True)
class Headline:
    """What a result says first."""

    id: str
    when: Condition
    text: Wording


@dataclass(frozen=True)
class NextStep:
    """What a result says to some people in place of the texts of their level.

    Attributes:
        sentence: instead of the level's first sentence; None: the level's own.
        text: instead of the level's next step; None: the safety texts say the first step, and no other is shown.
        time: when the text is due, one of ``TIMES``; empty without a text.
        names_open_questions: whether the result names the questions whose answers would help most.
    """

    id: str
    when: Condition
    sentence: Wording | None
    text: Wording | None
    time: str
    names_open_questions: bool


@dataclass(frozen=True)
class CrisisKind:
    """How the crisis page speaks of one kind of danger.

    Attributes:
        heading: opens its block where the page does not know the kind, such as "If you may hurt someone".
        sentence: what the page says first where it knows the kind.
        crisis_line_first: whether the crisis line is listed before the emergency number.
    """

    id: str
    heading: Wording
    sentence: Wording
    crisis_line_first: bool


@dataclass(frozen=True)
class SafetyTexts:
    """All safety texts of one clinical version.

    Attributes:
        digest: SHA-256 of the file.
        all: the texts by id, in the order of the file.
        headlines: the first one whose condition holds is the headline.
        not_reassured: the condition under which no page may say that the answers point to no danger.
        reassuring: the sentence for everyone else.
        otherwise: the sentence that a page says instead.
        crisis_kinds: the kinds of crisis, in the order of the crisis page for everyone.
        next_steps: the first one whose condition holds takes the place of the level's own texts.
    """

    version: str
    digest: str
    all: Mapping[str, SafetyText]
    headlines: tuple[Headline, ...]
    not_reassured: Condition
    reassuring: Wording
    otherwise: Wording
    crisis_kinds: tuple[CrisisKind, ...] = ()
    next_steps: tuple[NextStep, ...] = ()

    @cached_property
    def in_time_order(self) -> tuple[SafetyText, ...]:
        """All texts, what is to be done soonest first; within one time, in the order of the file."""
        return tuple(sorted(self.all.values(), key=lambda text: TIMES.index(text.time)))

    def shown(self, facts: Facts) -> tuple[SafetyText, ...]:
        """Return every text that this page must show this person, in time order."""
        return tuple(
            text for text in self.in_time_order if facts.page in text.places and holds(text.shown_when, facts)
        )

    def may_reassure(self, facts: Facts) -> bool:
        """Return whether a page may say that the answers point to no danger."""
        return not holds(self.not_reassured, facts)

    def reassurance(self, facts: Facts) -> Wording:
        """Return the reassuring sentence, or the one a page says instead."""
        return self.reassuring if self.may_reassure(facts) else self.otherwise

    def headline(self, facts: Facts) -> Headline | None:
        """Return what goes first on the result; None where the recommended level is the headline."""
        return next((headline for headline in self.headlines if holds(headline.when, facts)), None)

    def next_step(self, facts: Facts) -> NextStep | None:
        """Return what takes the place of the level's own texts; None where those stand."""
        return next((step for step in self.next_steps if holds(step.when, facts)), None)


def facts_of(ruleset: RuleSet, completed: Completed, decision: Decision, page: str) -> Facts:
    """Collect the facts about a person whose answers are rated and decided."""
    return Facts(
        answers=completed.answers,
        crisis=frozenset(decision.crisis),
        urgent=frozenset(decision.urgent),
        level=decision.level.id,
        page=page,
        place=next(iter(completed.answers.get("place", ())), ""),
        decided_by=decision.decided_by,
        highest_area=highest_area(ruleset, decision.areas),
        known=how_much_is_known(ruleset, completed.answers, decision.unknowns.questions),
    )


def highest_area(ruleset: RuleSet, areas: Mapping[str, str]) -> str:
    """Return the worst grade among the areas, each given with its grade."""
    grades = ((ruleset.space.scales[area].index(grade), grade) for area, grade in areas.items())
    return max(grades, default=(0, ""))[1]


def how_much_is_known(ruleset: RuleSet, asked: Collection[str], unknown: Collection[str]) -> str:
    """Return one of ``KNOWN`` for the questions a person was asked and those without a usable answer."""
    if not unknown:
        return "all"
    rated = set(ruleset.rated) & set(asked)
    return "little" if 2 * len(rated & set(unknown)) >= len(rated) else "most"
