"""The safety texts of one clinical version, and which of them a page must show a person.

A page calls :meth:`SafetyTexts.shown`. Safety texts have no effect on the level. ``texts_file.py`` reads them.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property

from carenav.plumbing.i18n.localized_text import LocalizedText
from intake.safety.conditions import Condition, Facts, holds
from recommend.engine import Completed, Decision, RuleSet

TIMES = ("now", "today", "today or tomorrow", "this week", "good to know")
"""When the person should act, soonest first."""

KINDS = ("danger", "body", "means", "plan", "place", "practical")
"""What a text is about. Pages must not hide a text of kind ``danger`` in a part that has to be unfolded."""

HOURS = "hours"
"""The placeholder for the clinic's hours, which come from the clinic's settings; the file defines all others."""

ELSEWHERE = "other"
"""The place whose phone numbers and words are used if the person's place is not known."""

PLACEHOLDER = re.compile(r"\{(\w+)\}")
BOLD = "**"
SENTENCE_END = re.compile(r"(?<=[.!?])[ ]+|(?<=[.!?][*]{2})[ ]+")
"""The space after a sentence, even if the sentence ends with bold words."""

Values = Mapping[str, Mapping[str, Mapping[str, str]]]
"""The words that replace each placeholder, keyed by placeholder name, then place, then language."""


@dataclass(frozen=True)
class Wording:
    """A text in each language, with placeholders such as ``{crisis_line}``.

    Attributes:
        text: the words in each language; blank lines separate paragraphs, ``**`` encloses bold words.
        values: the words that replace each placeholder.
    """

    text: LocalizedText
    values: Values

    def filled(self, language: str, place: str, hours: str = "") -> str:
        """Return the words in one language for a person in this place, with placeholders replaced.

        Args:
            language: one of the languages of the file.
            place: an option of the question ``place``; anything else counts as ``ELSEWHERE``.
            hours: when the team reads answers, in this language. If it is "", sentences with ``{hours}`` are left out.
        """
        words = self.text[language] if hours else without_hours(self.text[language])
        return PLACEHOLDER.sub(lambda match: self._value(match[1], language, place, hours), words)

    def _value(self, name: str, language: str, place: str, hours: str) -> str:
        if name == HOURS:
            return hours
        by_place = self.values[name]
        return by_place.get(place, by_place[ELSEWHERE])[language]


def without_hours(words: str) -> str:
    """Return the words without the sentences that have the placeholder ``{hours}``."""
    paragraphs = (
        " ".join(part for part in SENTENCE_END.split(paragraph) if f"{{{HOURS}}}" not in part)
        for paragraph in words.split("\n\n")
    )
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph)


@dataclass(frozen=True)
class SafetyText:
    """One safety text.

    Attributes:
        shown_when: the condition, resolved, under which the pages in ``places`` show it.
        places: the ids of those pages.
        true_when: the condition, resolved, under which its statements about the person are true; None if it makes no
            such statement. Only tests use it.
        time: when the person should act; one of ``TIMES``.
        kind: what it is about; one of ``KINDS``.
        title: its heading; None if it has none.
        text: its paragraphs.
        lines: the kind of crisis lines to list under it; "" for none.
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
    """A headline of the result page that replaces the recommended level as headline if its condition holds."""

    id: str
    when: Condition
    text: Wording


@dataclass(frozen=True)
class NextStep:
    """Words on the result page for some people that replace those of their level.

    Attributes:
        when: the resolved condition under which they do.
        sentence: replaces the first sentence of the level; None keeps the level's own.
        text: replaces the next step of the level; None shows no next step, because a safety text already says it.
        time: when to do what ``text`` says, one of ``TIMES``; "" without a text.
        names_open_questions: whether the result lists the unanswered questions whose answers would help most.
    """

    id: str
    when: Condition
    sentence: Wording | None
    text: Wording | None
    time: str
    names_open_questions: bool


@dataclass(frozen=True)
class CrisisKind:
    """The words of the crisis page about one kind of danger.

    Attributes:
        heading: the heading of its part if the person's kind of danger is not known, such as "If you may hurt
            someone".
        sentence: the first sentence of the page if the person has this kind of danger.
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
        headlines: the first one whose condition holds replaces the level as headline of the result.
        not_reassured: the condition under which no page may say that the answers point to no danger.
        reassuring: the sentence that says so, for people for whom that condition does not hold.
        otherwise: the sentence for people for whom it holds.
        crisis_kinds: the kinds of crisis, in the order in which the crisis page lists them.
        next_steps: the first one whose condition holds replaces the texts of the level.
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
        """All texts in the order of ``TIMES``; texts of the same time are in the order of the file."""
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
        """Return the reassuring sentence, or ``otherwise`` if a page may not reassure this person."""
        return self.reassuring if self.may_reassure(facts) else self.otherwise

    def headline(self, facts: Facts) -> Headline | None:
        """Return the headline of the result; None if the recommended level itself is the headline."""
        return next((headline for headline in self.headlines if holds(headline.when, facts)), None)

    def next_step(self, facts: Facts) -> NextStep | None:
        """Return the words that replace the texts of the level; None if the level's own texts are shown."""
        return next((step for step in self.next_steps if holds(step.when, facts)), None)


def facts_of(ruleset: RuleSet, completed: Completed, decision: Decision, page: str) -> Facts:
    """Return the facts about a person whose answers have been rated and decided.

    Args:
        ruleset: the rule set that decided.
        completed: the completed answers.
        decision: the decision on them.
        page: the page being rendered, such as ``result``.
    """
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
    """Return the highest grade of any area; "" if there are no areas.

    Args:
        ruleset: the rule set, which orders the grades.
        areas: the grade of each area, keyed by area.
    """
    grades = ((ruleset.space.scales[area].index(grade), grade) for area, grade in areas.items())
    return max(grades, default=(0, ""))[1]


def how_much_is_known(ruleset: RuleSet, asked: Collection[str], unknown: Collection[str]) -> str:
    """Return one of ``KNOWN``.

    Args:
        ruleset: the rule set, which says which questions are rated.
        asked: the ids of the questions that the person was asked.
        unknown: the ids of the questions without a usable answer.
    """
    if not unknown:
        return "all"
    rated = set(ruleset.rated) & set(asked)
    return "little" if 2 * len(rated & set(unknown)) >= len(rated) else "most"
