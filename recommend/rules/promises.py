"""Put the promises and waivers of a charter into words, for the rules page and the proof page."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from carenav.plumbing.i18n.localized_text import LocalizedText
from intake.questionnaire import Questionnaire
from recommend.engine import RuleSet
from recommend.engine.charter import Bound, Charter, Waiver
from recommend.engine.ruleset import Invariant
from recommend.levels.continuum import LevelText
from recommend.rules.phrases import GRADES, Phrase, at_grade, describe
from recommend.rules.words import Cited, Clause, RulesInWords, clauses

PROPERTY_WORDS = {
    "crisis-is-always-inpatient": gettext_lazy(
        "Every answer that opens the crisis page, alone or together with others, leads to care the same day."
    ),
    "week-never-lowers-need": gettext_lazy(
        "The week, who is asking, their age and their place never lower a level that health or safety asks for. "
        "They only choose between outpatient care and an IOP, where the sources name both."
    ),
    "a-worse-answer-never-lowers": gettext_lazy(
        "A worse answer never leads to less care. Where answers go from the best to the worst, “I’m not sure” and "
        "“I’d rather not say” never count as the best one."
    ),
}

WEEK_WHERE_AGE_RAISES = gettext_lazy(
    "The week, insurance, who is asking and their place never lower a level that health or safety asks for. "
    "They only choose between outpatient care and an IOP, where the sources name both. Age never lowers a level. "
    "It raises one only beside other dangers, and then to care the same day."
)
"""The words of ``week-never-lowers-need`` if the charter allows age to raise a level."""


@dataclass(frozen=True)
class ShownPromise:
    """One promise in words: a named property, a promise of at least a level, or one of at most a level.

    Attributes:
        property: the promise as a sentence; "" if rows and level say it all.
        written: the words of a named property in the charter file; "" for other promises.
        rows: answers that lead at least to ``level``, if they match one of these rows.
        level: the least or the highest level that is promised; None for a named property or a ``one_step`` bound.
        ceiling: whether the promise is one of at most a level.
        parts: what an upper bound is about, one line each.
        unless: the condition of people whom an upper bound does not cover; None if it covers everyone.
    """

    id: str
    property: str
    written: str
    rows: list[list[Clause]]
    level: LevelText | None
    reason: LocalizedText
    sources: list[Cited]
    ceiling: bool = False
    parts: tuple[str, ...] = ()
    unless: Phrase | None = None


@dataclass(frozen=True)
class ShownWaiver:
    """A promise of the previous charter that is kept only in part, or not at all.

    Attributes:
        promise: the id of the promise in the previous charter.
        rows: the answers that it no longer covers, in the words of the previous questions; empty if it covers nothing.
        who: the role that is responsible.
        why: the clinical reason.
        until: the last day on which the waiver is valid.
    """

    promise: str
    rows: list[list[Clause]]
    who: str
    why: LocalizedText
    until: date


class PromisesInWords:
    """A charter in words.

    Args:
        charter: the charter that the rule set keeps.
        ruleset: the rule set.
        questionnaire: the questions that both are about.
        before: the questions of the charter it follows, whose options its waivers name; None for the first charter.
    """

    def __init__(
        self, charter: Charter, ruleset: RuleSet, questionnaire: Questionnaire, before: Questionnaire | None
    ) -> None:
        self.charter = charter
        self.ruleset = ruleset
        self.questionnaire = questionnaire
        self.before = before
        self.words = RulesInWords(ruleset, questionnaire)

    def promises(self) -> list[ShownPromise]:
        """Return every promise in the order of the file; those of at least a level come before those of at most one."""
        return [*map(self.floor, self.charter.invariants), *map(self.ceiling, self.charter.bounds)]

    def floor(self, invariant: Invariant) -> ShownPromise:
        return ShownPromise(
            id=invariant.id,
            property=self.property_words(invariant.id) if invariant.property else "",
            written=invariant.property or "",
            rows=clauses(self.questionnaire, invariant.rows),
            level=None if invariant.level is None else self.words.level(invariant.level),
            reason=LocalizedText(self.charter.reasons[invariant.id]),
            sources=self.words.cited(self.charter.sources[invariant.id]),
        )

    def property_words(self, id: str) -> str:
        if id == "week-never-lowers-need" and self.charter.week.only_raises:
            return str(WEEK_WHERE_AGE_RAISES)
        return str(PROPERTY_WORDS[id])

    def ceiling(self, bound: Bound) -> ShownPromise:
        said, parts = {"only": self.only, "cap": self.cap, "one_step": self.one_step}[bound.kind](bound)
        return ShownPromise(
            id=bound.id,
            property=said,
            written="",
            rows=[],
            level=None if bound.at_most is None else self.words.level(bound.at_most),
            reason=LocalizedText(self.charter.reasons[bound.id]),
            sources=self.words.cited(self.charter.sources[bound.id]),
            ceiling=True,
            parts=parts,
            unless=describe(self.ruleset, bound.unless) if bound.unless else None,
        )

    def only(self, bound: Bound) -> tuple[str, tuple[str, ...]]:
        said = _("Any answers to these questions, with the answers of least concern to all others:")
        return said, self.question_texts(bound.only)

    def cap(self, bound: Bound) -> tuple[str, tuple[str, ...]]:
        """Return a heading, and a line for each grade of the cap. Signals that are not named have their least grade."""
        cap = dict(bound.cap or {})
        worst = cap.pop("areas", None)
        areas = [_("All seven areas: %(grade)s") % {"grade": GRADES[worst]}] if worst else []
        named = [at_grade(self.ruleset, signal, grade) for signal, grade in cap.items()]
        return _("Nothing worse than all of this together:"), (*areas, *named)

    def one_step(self, bound: Bound) -> tuple[str, tuple[str, ...]]:
        said = _(
            "Not answering one question, instead of giving the answer of least concern, raises the level by "
            "%(number)s at most. These questions are left out:"
        ) % {"number": bound.at_most_levels}
        asked = [id for id in self.questionnaire.wordings if id in bound.but]
        return said, self.question_texts(asked)

    def question_texts(self, ids: tuple[str, ...] | list[str]) -> tuple[str, ...]:
        return tuple(f"{self.words.numbers[id]}. {self.questionnaire.wordings[id].text}" for id in ids)

    def waivers(self) -> list[ShownWaiver]:
        return [self.waiver(each) for each in self.charter.waivers]

    def waiver(self, waiver: Waiver) -> ShownWaiver:
        rows = clauses(self.before, waiver.rows) if self.before else []
        return ShownWaiver(waiver.promise, rows, waiver.who, LocalizedText(waiver.why), waiver.until)
