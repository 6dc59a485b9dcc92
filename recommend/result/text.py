"""Put an outcome into words: everything that a result page and a case page say about it."""

from collections.abc import Iterable, Mapping

from django.utils.html import escape

from carenav.plumbing.i18n.localized_text import LocalizedText
from intake import content as intake_content
from intake import journey
from intake.questionnaire import Questionnaire
from intake.safety.conditions import Facts
from intake.safety.shown import line_of, paragraphs_of, shown_texts
from intake.safety.texts import NextStep, SafetyTexts, highest_area, how_much_is_known
from recommend import content
from recommend.engine import Completed, Level, RuleSet, Signals, complete, rate
from recommend.engine.analysis.counterfactuals import (
    Counterfactual,
    PivotalQuestion,
    pivotal_questions,
    smallest_counterfactuals,
)
from recommend.engine.analysis.explanation import Reason, answers_behind_area
from recommend.engine.answers import NONRESPONSE
from recommend.levels.continuum import LevelText
from recommend.result.plan import Step, Team, plan_of
from recommend.result.shown import (
    NOTHING_SHOWN,
    ForTheDesk,
    ResultText,
    ShownAnswer,
    ShownArea,
    ShownChange,
    ShownNotLess,
    ShownNotMore,
    ShownPhrases,
    ShownPivotalQuestion,
    ShownRange,
    ShownReason,
)
from recommend.result.stored_snapshot import RecommendationSnapshot

MOST_NAMED = 3
"""How many unanswered questions a result names if too little is known."""


def result_text(
    snapshot: RecommendationSnapshot,
    answers: journey.Answers,
    ruleset: RuleSet,
    questionnaire: Questionnaire,
    place: str = "result",
    team: Team | None = None,
) -> ResultText:
    """Put an outcome into words.

    Args:
        snapshot: the outcome, computed or stored.
        answers: the answers that it was computed from.
        ruleset: the rule set that decided.
        questionnaire: the questions that were answered.
        place: for whom the safety texts are: ``result`` or ``desk``.
        team: whom to call about the next step; None if nobody.
    """
    if snapshot.level is None:
        return NOTHING_SHOWN
    words = _Words(ruleset, questionnaire)
    level = words.level(snapshot.level)
    safety = intake_content.safety_texts_of(ruleset)
    completed = complete(ruleset.questions, journey.chosen(answers))
    facts = _facts(snapshot, answers, ruleset, place, completed)
    texts = shown_texts(
        (text for text in safety.in_time_order if text.id in snapshot.texts[place]), facts.place
    )
    headline = safety.headline(facts)
    signals = rate(ruleset, completed)
    reassures = _may_reassure(safety, facts, snapshot)
    own = safety.next_step(facts)
    return ResultText(
        level=level,
        crisis=snapshot.crisis,
        urgent=snapshot.urgent,
        resources=snapshot.resources,
        reasons=[words.reason(reason) for reason in snapshot.reasons],
        areas=[words.area(area, grade, signals) for area, grade in snapshot.areas.items()],
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
        sentence=line_of(own.sentence, facts.place) if own and own.sentence else str(level.sentence),
        is_of_its_own=bool(own and own.sentence),
        would_help=words.most_helpful(snapshot) if own and own.names_open_questions else (),
        plan=plan_of(texts, words.timed_notes(snapshot.notes), _step(own, level, facts.place), team),
        phrases=words.phrases(snapshot.sufficient_reason),
        reassures=reassures,
        reassurance=paragraphs_of(safety.reassuring if reassures else safety.otherwise, facts.place),
    )


def facts_of_snapshot(
    snapshot: RecommendationSnapshot, answers: journey.Answers, ruleset: RuleSet, page: str
) -> Facts:
    """Return the facts that the conditions of safety texts read, from a snapshot and its answers."""
    completed = complete(ruleset.questions, journey.chosen(answers))
    return _facts(snapshot, answers, ruleset, page, completed)


def _facts(
    snapshot: RecommendationSnapshot,
    answers: journey.Answers,
    ruleset: RuleSet,
    page: str,
    completed: Completed,
) -> Facts:
    return Facts(
        answers=completed.answers,
        crisis=frozenset(snapshot.crisis),
        urgent=frozenset(snapshot.urgent),
        level=snapshot.level_id or None,
        page=page,
        place=journey.place_of(answers),
        decided_by=tuple(reason.rule for reason in snapshot.reasons),
        highest_area=highest_area(ruleset, snapshot.areas),
        known=how_much_is_known(ruleset, completed.answers, snapshot.unknown),
    )


def _step(own: NextStep | None, level: LevelText, place: str) -> Step | None:
    """Return the next step: the person's own, else that of the level; None if the safety texts say the first step."""
    if own is None:
        return Step(level.next_step_time, (escape(level.next_step),))
    return Step(own.time, paragraphs_of(own.text, place), stands=True) if own.text else None


def _may_reassure(safety: SafetyTexts, facts: Facts, snapshot: RecommendationSnapshot) -> bool:
    """Return whether a page may say that the answers point to no danger.

    It may not if an answer speaks against it, or if an unknown question could carry a crisis.
    """
    risk = snapshot.areas.get("risk") in ("severe", "extreme")
    return safety.may_reassure(facts) and not risk and not snapshot.may_be_crisis


def crisis_answers_changed(
    answers: journey.Answers, given: Iterable[tuple[str, str]], questionnaire: Questionnaire
) -> list[ShownAnswer]:
    """Return the crisis answers that the person gave and then changed before sending, as they first were.

    Args:
        answers: the answers that were sent.
        given: question and option of each crisis answer that the person ever gave.
        questionnaire: the questions that were answered.
    """
    words = _Words(content.ruleset(), questionnaire)
    now = journey.chosen(answers)
    return [words.answer(id, [option]) for id, option in given if option not in now.get(id, ())]


def for_the_desk(answers: journey.Answers, ruleset: RuleSet, questionnaire: Questionnaire) -> ForTheDesk:
    """Return which questions to ask first, and the smallest changes of any answers that would move the level."""
    words = _Words(ruleset, questionnaire)
    signals = rate(ruleset, complete(ruleset.questions, journey.chosen(answers)))
    level = ruleset.level_at(signals.state)
    changes = smallest_counterfactuals(ruleset, signals, ruleset.rated, largest=2)
    return ForTheDesk(
        pivotal_questions=[words.hinge(hinge, signals) for hinge in pivotal_questions(ruleset, signals)],
        changes=[words.change(change, level) for change in changes],
    )


class _Words:
    """The words that one rule set and one questionnaire have for the parts of an outcome."""

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
        """Return the time and the words of each note. A note without a time is "good to know"."""
        return [
            (note.time or "good to know", str(LocalizedText(note.text)))
            for note in self.ruleset.notes
            if note.id in set(ids)
        ]

    def phrases(self, answers: Mapping[str, tuple[str, ...]]) -> ShownPhrases | None:
        """Return answers in short forms; None if the questionnaire has none."""
        if not any(item.short for item in self.questionnaire.wordings.values()):
            return None
        given = [(self.questionnaire.wordings[id], option) for id in answers for option in answers[id]]
        said = [item.short[option] for item, option in given if option in item.short]
        never = any(option in item.never_repeat and option not in NONRESPONSE for item, option in given)
        left_open = any(option in NONRESPONSE for _item, option in given)
        return ShownPhrases(said, never, left_open)

    def area(self, area: str, grade: str, signals: Signals) -> ShownArea:
        scale = self.ruleset.space.scales[area]
        raised = answers_behind_area(self.ruleset, signals, area, grade) if scale.index(grade) else {}
        return ShownArea(
            id=area,
            label=LocalizedText(self.ruleset.areas[area]),
            grade=grade,
            words=LocalizedText(self.ruleset.words[area][grade]),
            rank=scale.index(grade),
            highest=len(scale) - 1,
            said=self.phrases(raised) if raised else None,
        )

    def signal(self, signal: str, grade: str) -> str:
        """Return a signal at a grade in words, such as "Daily life: almost impossible". A flag has its own phrase."""
        words = self.ruleset.words[signal]
        phrase = str(LocalizedText(words[grade]))
        return f"{LocalizedText(words['label'])}: {phrase}" if "label" in words else phrase

    def change(self, change: Counterfactual, level: Level) -> ShownChange:
        answers = [self.answer(id, options) for id, options in change.answers.items()]
        return ShownChange(self.level(change.level), change.level > level, answers)

    def hinge(self, hinge: PivotalQuestion, signals: Signals) -> ShownPivotalQuestion:
        answer = self.answer(hinge.question, signals.completed.answers[hinge.question])
        levels = self.level(hinge.lowest), self.level(hinge.highest)
        return ShownPivotalQuestion(hinge.question, answer.question, answer.answers, hinge.unknown, *levels)

    def most_helpful(self, snapshot: RecommendationSnapshot) -> tuple[LocalizedText, ...]:
        """Return the topics of the unknown questions that matter most, at most ``MOST_NAMED``.

        First come questions that could carry a crisis, then the one that would move the level most.
        """
        settling = (snapshot.settling,) if snapshot.settling else ()
        topics = intake_content.pages().topics
        named = [
            topics.get(id, self.question(id))
            for id in (*snapshot.may_be_crisis, *settling, *snapshot.unknown)
        ]
        each_once = {str(topic): topic for topic in named}
        return tuple(each_once.values())[:MOST_NAMED]

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
