"""Put a rule set into words for pages: its conditions, ratings, notes and sources.

Every text is generated from the rule set that decides, so the pages cannot differ from it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from carenav.plumbing.i18n.localized_text import LocalizedText
from intake.journey import SHARING
from intake.questionnaire import Questionnaire
from recommend import content
from recommend.engine import Level, Question, RuleSet
from recommend.engine.answers import AnswerPattern
from recommend.engine.ruleset import MARKS, CombinationRule, Frequency, Mark, Note, Rating, Rule
from recommend.engine.scales import FLAG, State
from recommend.levels.continuum import LevelText
from recommend.levels.sources import GENERAL_PRACTICE, Contradiction, Fact
from recommend.rules.phrases import KIND_WORDS, MARK_WORDS, Phrase, at_grade, describe


@dataclass(frozen=True)
class Clause:
    """The answers to one question that make a row match.

    Attributes:
        number: the question's number on the pages.
        but: whether every answer except ``options`` is meant.
    """

    number: int
    id: str
    question: LocalizedText
    but: bool
    options: list[LocalizedText]

    @property
    def answers(self) -> str:
        """The answers, such as "“Yes” or “I’d rather not say”"."""
        named = _(" or ").join(f"“{option}”" for option in self.options)
        return _("anything but %(answer)s") % {"answer": named} if self.but else named


@dataclass(frozen=True)
class Cited:
    """A source of a rule, note or promise: a fact, a contradiction, or general practice, which is neither.

    Attributes:
        about: names of the levels that a fact is about.
    """

    id: str
    fact: Fact | None
    about: list[LocalizedText]
    contradiction: Contradiction | None


@dataclass(frozen=True)
class ShownRule:
    id: str
    because: LocalizedText
    condition: Phrase
    when: str
    overlap: bool
    sources: list[Cited]


@dataclass(frozen=True)
class Effect:
    """What a rating does, in words: the signals that it raises, and the marks that it carries."""

    raises: list[str]
    carries: list[str]


@dataclass(frozen=True)
class ShownOption:
    """One answer and what it means. ``adds`` is what it adds to a frequency sum; None if it belongs to none."""

    text: LocalizedText
    effect: Effect
    adds: int | None


@dataclass(frozen=True)
class ShownQuestion:
    """One question with its answers; ``options`` is empty if no answer to it matters for the level."""

    number: int
    id: str
    text: LocalizedText
    counted_if: str
    options: list[ShownOption]


@dataclass(frozen=True)
class ShownFrequency:
    questions: list[int]
    bands: list[tuple[int, list[str]]]
    sources: list[Cited]


@dataclass(frozen=True)
class ShownCombined:
    id: str
    because: LocalizedText
    condition: Phrase
    when: str
    effect: Effect
    sources: list[Cited]


@dataclass(frozen=True)
class ShownNote:
    """A note in words, with when it is shown: if its condition holds, or one of its rows matches."""

    id: str
    text: LocalizedText
    condition: Phrase | None
    when: str | None
    rows: list[list[Clause]]
    sources: list[Cited]


@dataclass(frozen=True)
class ShownScale:
    """A signal and its grades in words: pairs of a grade's id and its word, least first."""

    label: LocalizedText
    area: bool
    grades: list[tuple[str, LocalizedText]]


class RulesInWords:
    """One rule set in words.

    Args:
        questionnaire: the version that the rule set names.
    """

    def __init__(self, ruleset: RuleSet, questionnaire: Questionnaire) -> None:
        self.ruleset = ruleset
        self.questionnaire = questionnaire
        self.numbers = numbered(questionnaire)

    def rules(self) -> list[tuple[LevelText, list[ShownRule]]]:
        """Return the rules of each level, highest level first. Outpatient has no rules."""
        return [
            (self.level(level), [self.rule(rule) for rule in self.ruleset.rules if rule.level == level])
            for level in sorted(Level, reverse=True)
        ]

    def level(self, level: Level) -> LevelText:
        return content.continuum().level(level.id)

    def rule(self, rule: Rule) -> ShownRule:
        return ShownRule(
            id=rule.id,
            because=LocalizedText(rule.because),
            condition=describe(self.ruleset, rule.when),
            when=rule.when,
            overlap=rule.overlap,
            sources=self.cited(rule.sources),
        )

    def cited(self, ids: Iterable[str]) -> list[Cited]:
        """Return sources by their ids; general practice comes last."""
        return [self.source(id) for id in sorted(ids, key=lambda id: id == GENERAL_PRACTICE)]

    def source(self, id: str) -> Cited:
        fact = content.sources().facts.get(id)
        about = [self.level(level).short for level in fact.levels] if fact else []
        return Cited(id, fact, about, content.sources().contradictions.get(id))

    def questions(self) -> list[tuple[LocalizedText, list[ShownQuestion]]]:
        """Return every numbered question with what its answers mean, under the title of its section."""
        return [
            (section.title, [self.question(wording.id) for wording in section.wordings])
            for section in self.questionnaire.sections
            if any(wording.id in self.numbers for wording in section.wordings)
        ]

    def question(self, id: str) -> ShownQuestion:
        wording = self.questionnaire.wordings[id]
        steps = self.ruleset.steps.get(id, {})
        options = [
            ShownOption(text, self.effect(self.ruleset.rating(id, option)), steps.get(option))
            for option, text in wording.options.items()
        ]
        return ShownQuestion(
            number=self.numbers[id],
            id=id,
            text=wording.text,
            counted_if=counted_if(self.questionnaire, wording.question),
            options=options if id in self.ruleset.rated else [],
        )

    def effect(self, rating: Rating) -> Effect:
        return Effect(self.raised(rating.state), self.carried(rating.marks))

    def raised(self, state: State) -> list[str]:
        return [at_grade(self.ruleset, *literal) for literal in self.ruleset.space.literals(state)]

    def carried(self, marks: Iterable[Mark]) -> list[str]:
        in_order = sorted(marks, key=lambda mark: (MARKS.index(mark[0]), mark[1]))
        return [f"{MARK_WORDS[mark]}: {KIND_WORDS[kind]}" for mark, kind in in_order]

    def frequencies(self) -> list[ShownFrequency]:
        return [self.frequency(table) for table in self.ruleset.frequencies]

    def frequency(self, table: Frequency) -> ShownFrequency:
        return ShownFrequency(
            questions=[self.numbers[id] for id in table.questions],
            bands=[(least, self.raised(state)) for least, state in table.bands],
            sources=self.cited(table.sources),
        )

    def combined(self) -> list[ShownCombined]:
        return [self.together(each) for each in self.ruleset.combined]

    def together(self, each: CombinationRule) -> ShownCombined:
        return ShownCombined(
            id=each.id,
            because=LocalizedText(each.because),
            condition=describe(self.ruleset, each.when),
            when=each.when,
            effect=self.effect(each.gives),
            sources=self.cited(each.sources),
        )

    def notes(self) -> list[ShownNote]:
        return [self.note(note) for note in self.ruleset.notes]

    def note(self, note: Note) -> ShownNote:
        return ShownNote(
            id=note.id,
            text=LocalizedText(note.text),
            condition=describe(self.ruleset, note.when) if note.when else None,
            when=note.when,
            rows=clauses(self.questionnaire, note.rows),
            sources=self.cited(note.sources),
        )

    def scales(self) -> list[ShownScale]:
        """Return every signal that has grades (all except flags), areas first."""
        return [
            ShownScale(
                label=LocalizedText(self.ruleset.words[signal]["label"]),
                area=signal in self.ruleset.space.areas,
                grades=[(grade, LocalizedText(self.ruleset.words[signal][grade])) for grade in scale],
            )
            for signal, scale in self.ruleset.space.scales.items()
            if scale != FLAG
        ]


def numbered(questionnaire: Questionnaire) -> Mapping[str, int]:
    """Return the numbers of the questions on the pages, by id. The question who may see the answers has none."""
    asked = (id for id, section in questionnaire.section_of.items() if section.id != SHARING)
    return {id: number for number, id in enumerate(asked, 1)}


def clauses(questionnaire: Questionnaire, rows: Iterable[AnswerPattern]) -> list[list[Clause]]:
    """Put rows of answers into words: for each row, one clause for each question in it."""
    return [[_clause(questionnaire, id, options) for id, options in row.items()] for row in rows]


def _clause(questionnaire: Questionnaire, id: str, options: frozenset[str]) -> Clause:
    wording = questionnaire.wordings[id]
    named = [option for option in wording.options if option in options]
    others = [option for option in wording.options if option not in options]
    but = len(others) == 1 and len(named) > 1
    shown = wording.chosen(others if but else named)
    return Clause(numbered(questionnaire)[id], id, wording.text, but, shown)


def counted_if(questionnaire: Questionnaire, question: Question) -> str:
    """Return in words when the answer to a question counts; "" if it always does."""
    if not question.ask_if:
        return ""
    rows = [
        _(" and ").join(
            _("question %(number)s is %(answers)s") % {"number": clause.number, "answers": clause.answers}
            for clause in row
        )
        for row in clauses(questionnaire, question.ask_if)
    ]
    return _("Only counted if %(when)s.") % {"when": _(", or ").join(rows)}
