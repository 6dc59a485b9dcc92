"""An outcome in words: everything that a result page and a case page say about it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from django.utils.safestring import SafeString

from carenav.plumbing.i18n.localized_text import LocalizedText
from intake import content as intake_content
from intake import journey
from intake.questionnaire import Questionnaire
from intake.safety.conditions import Facts
from intake.safety.shown import ShownText, line_of, paragraphs_of, shown_texts
from intake.safety.texts import SafetyTexts
from recommend import content
from recommend.engine import Level, RuleSet, Signals, complete, rate
from recommend.engine.analysis.counterfactuals import (
    Counterfactual,
    PivotalQuestion,
    pivotal_questions,
    smallest_counterfactuals,
)
from recommend.engine.analysis.explanation import Reason
from recommend.engine.answers import NONRESPONSE
from recommend.levels.continuum import LevelText
from recommend.result.plan import PlanCard, plan_of, shortened
from recommend.result.stored_snapshot import RecommendationSnapshot

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
class ShownArea:
    """One area: its grade in words, and how far along the scale it stands."""

    id: str
    label: LocalizedText
    grade: str
    words: LocalizedText
    rank: int
    highest: int


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
class ShownPhrases:
    """The answers that are enough for the level, as a result page says them back.

    Attributes:
        said: their short forms, each once.
        about_safety: whether some of them are about suicide, self-injury, guns or harm to others: those are never said.
        left_open: whether questions without an answer count among them.
    """

    said: list[LocalizedText]
    about_safety: bool
    left_open: bool


@dataclass(frozen=True)
class ResultText:
    """An outcome in words. Without a level only a person can answer, and nothing else is said.

    Attributes:
        headline: what goes first; empty where that is the name of the level.
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

    @cached_property
    def on_one_sheet(self) -> tuple[tuple[PlanCard, ...], int]:
        """What is to be done first, as much as one sheet of paper holds, and how many things it leaves out."""
        return shortened(self.plan, MOST_ON_A_SHEET)

    @property
    def covers_place(self) -> bool:
        """Whether a safety text says where to sleep or stay."""
        return any(text.kind == "place" for text in self.texts)


NOTHING_SHOWN = ResultText(None, (), (), (), [], [], [], [], [], [], None, [], [])


def result_text(
    snapshot: RecommendationSnapshot,
    answers: journey.Answers,
    ruleset: RuleSet,
    questionnaire: Questionnaire,
    place: str = "result",
) -> ResultText:
    """Put an outcome into words.

    Args:
        snapshot: as it was computed or stored.
        answers: the answers it was made of.
        ruleset: the rule set that decided
        questionnaire: the questions that were answered
        place: for whom the safety texts are: ``result`` or ``desk``.
    """
    if snapshot.level is None:
        return NOTHING_SHOWN
    words = _Words(ruleset, questionnaire)
    level = words.level(snapshot.level)
    safety = intake_content.safety_texts_of(ruleset)
    facts = facts_of_snapshot(snapshot, answers, ruleset, place)
    texts = shown_texts(
        (text for text in safety.in_time_order if text.id in snapshot.texts[place]), facts.place
    )
    headline = safety.headline(facts)
    reassures = _may_reassure(safety, facts, snapshot)
    return ResultText(
        level=level,
        crisis=snapshot.crisis,
        urgent=snapshot.urgent,
        resources=snapshot.resources,
        reasons=[words.reason(reason) for reason in snapshot.reasons],
        areas=[words.area(area, grade) for area, grade in snapshot.areas.items()],
        not_less=[
            ShownNotLess(words.level(each.level), words.because(each.rules)) for each in snapshot.not_less
        ],
        not_more=[
            ShownNotMore(words.level(each.level), [words.signal(*pair) for pair in each.lacking])
            for each in snapshot.not_more
        ],
        notes=words.notes(snapshot.notes),
        texts=texts,
        range=words.range(snapshot),
        enough=[words.answer(id, options) for id, options in snapshot.sufficient_reason.items()],
        changes=[words.change(change, snapshot.level) for change in snapshot.changes],
        headline=line_of(headline.text, facts.place) if headline else "",
        plan=plan_of(
            texts, words.timed_notes(snapshot.notes), None if level.id in safety.first_step_at else level
        ),
        phrases=words.phrases(snapshot.sufficient_reason),
        reassures=reassures,
        reassurance=paragraphs_of(safety.reassuring if reassures else safety.otherwise, facts.place),
    )


def facts_of_snapshot(
    snapshot: RecommendationSnapshot, answers: journey.Answers, ruleset: RuleSet, page: str
) -> Facts:
    """Collect the facts that safety texts ask for, from what was stored with the answers."""
    return Facts(
        answers=complete(ruleset.questions, journey.chosen(answers)).answers,
        crisis=frozenset(snapshot.crisis),
        urgent=frozenset(snapshot.urgent),
        level=snapshot.level_id or None,
        page=page,
        place=journey.place_of(answers),
        decided_by=tuple(reason.rule for reason in snapshot.reasons),
    )


def _may_reassure(safety: SafetyTexts, facts: Facts, snapshot: RecommendationSnapshot) -> bool:
    """Whether a page may say that the answers point to no danger: nothing known speaks against it, and nothing open."""
    risk = snapshot.areas.get("risk") in ("severe", "extreme")
    return safety.may_reassure(facts) and not risk and not snapshot.may_be_crisis


def answers_by_section(
    answers: journey.Answers, questionnaire: Questionnaire
) -> list[tuple[LocalizedText, list[ShownAnswer]]]:
    """Return every answer in the wording that the person saw, by section."""
    words = _Words(content.ruleset(), questionnaire)
    chosen = journey.chosen(answers)
    return [
        (section.title, [words.answer(w.id, chosen[w.id]) for w in section.wordings if w.id in chosen])
        for section in questionnaire.sections
    ]


def crisis_answers_changed(
    answers: journey.Answers, given: Iterable[tuple[str, str]], questionnaire: Questionnaire
) -> list[ShownAnswer]:
    """Return the crisis answers that the person gave and changed before sending, as they were."""
    words = _Words(content.ruleset(), questionnaire)
    now = journey.chosen(answers)
    return [words.answer(id, [option]) for id, option in given if option not in now.get(id, ())]


@dataclass(frozen=True)
class ShownPivotalQuestion:
    """A question to ask first: what was answered, and how far other answers would move the level."""

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


def for_the_desk(answers: journey.Answers, ruleset: RuleSet, questionnaire: Questionnaire) -> ForTheDesk:
    """List what to ask first, and the smallest changes of any answers that would move the level."""
    words = _Words(ruleset, questionnaire)
    signals = rate(ruleset, complete(ruleset.questions, journey.chosen(answers)))
    level = ruleset.level_at(signals.state)
    changes = smallest_counterfactuals(ruleset, signals, ruleset.rated, largest=2)
    return ForTheDesk(
        pivotal_questions=[words.hinge(hinge, signals) for hinge in pivotal_questions(ruleset, signals)],
        changes=[words.change(change, level) for change in changes],
    )


class _Words:
    """The wording that one rule set and one questionnaire give."""

    def __init__(self, ruleset: RuleSet, questionnaire: Questionnaire) -> None:
        self.ruleset = ruleset
        self.questionnaire = questionnaire

    def level(self, level: Level) -> LevelText:
        return content.continuum().level(level.id)

    def question(self, id: str) -> LocalizedText:
        return self.questionnaire.wordings[id].text

    def answer(self, id: str, options: Iterable[str]) -> ShownAnswer:
        wording = self.questionnaire.wordings[id]
        return ShownAnswer(wording.text, wording.chosen(options))

    def reason(self, reason: Reason) -> ShownReason:
        rule = self.ruleset.rule(reason.rule)
        answers = [self.answer(id, options) for id, options in reason.answers.items()]
        return ShownReason(rule.id, LocalizedText(rule.because), answers, rule.sources, rule.overlap)

    def because(self, rules: Iterable[str]) -> list[LocalizedText]:
        return [LocalizedText(self.ruleset.rule(id).because) for id in rules]

    def notes(self, ids: Iterable[str]) -> list[LocalizedText]:
        return [LocalizedText(note.text) for note in self.ruleset.notes if note.id in set(ids)]

    def timed_notes(self, ids: Iterable[str]) -> list[tuple[str, str]]:
        """Return when each note is due and its words; one without a time is good to know."""
        return [
            (note.time or "good to know", str(LocalizedText(note.text)))
            for note in self.ruleset.notes
            if note.id in set(ids)
        ]

    def phrases(self, answers: Mapping[str, tuple[str, ...]]) -> ShownPhrases | None:
        """Put answers into short forms; None where the questions have none."""
        if not any(item.short for item in self.questionnaire.wordings.values()):
            return None
        given = [(self.questionnaire.wordings[id], option) for id in answers for option in answers[id]]
        said = [item.short[option] for item, option in given if option in item.short]
        never = any(option in item.never_repeat for item, option in given)
        left_open = any(option in NONRESPONSE and option not in item.never_repeat for item, option in given)
        return ShownPhrases(said, never, left_open)

    def area(self, area: str, grade: str) -> ShownArea:
        scale = self.ruleset.space.scales[area]
        return ShownArea(
            id=area,
            label=LocalizedText(self.ruleset.areas[area]),
            grade=grade,
            words=LocalizedText(self.ruleset.words[area][grade]),
            rank=scale.index(grade),
            highest=len(scale) - 1,
        )

    def signal(self, signal: str, grade: str) -> str:
        """Put a signal at a grade into words: "Daily life: almost impossible"; a flag: its phrase."""
        words = self.ruleset.words[signal]
        phrase = str(LocalizedText(words[grade]))
        return f"{LocalizedText(words['label'])}: {phrase}" if "label" in words else phrase

    def change(self, change: Counterfactual, level: Level) -> ShownChange:
        answers = [self.answer(id, options) for id, options in change.answers.items()]
        return ShownChange(self.level(change.level), change.level > level, answers)

    def hinge(self, hinge: PivotalQuestion, signals: Signals) -> ShownPivotalQuestion:
        answer = self.answer(hinge.question, signals.completed.answers[hinge.question])
        levels = self.level(hinge.lowest), self.level(hinge.highest)
        return ShownPivotalQuestion(answer.question, answer.answers, hinge.unknown, *levels)

    def range(self, snapshot: RecommendationSnapshot) -> ShownRange | None:
        if not snapshot.unknown:
            return None
        lowest, highest = snapshot.range
        return ShownRange(
            unknown=[self.question(id) for id in snapshot.unknown],
            lowest=self.level(lowest),
            highest=self.level(highest),
            settling=self.question(snapshot.settling) if snapshot.settling else None,
            may_be_crisis=[self.question(id) for id in snapshot.may_be_crisis],
        )
