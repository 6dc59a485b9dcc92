"""Sort the answers of a case into the order in which a coordinator reads them.

First come questions without a known answer, those about safety first; then answers that matter to the rules, those
about danger first; then answers that do not, such as times and insurance. Answers that are the calmest choice of their
question are only counted on the page, until the user unfolds them.
"""

from dataclasses import dataclass, field

from intake import journey
from intake.questionnaire import Questionnaire
from recommend.engine import RuleSet
from recommend.engine.answers import NONRESPONSE, Question
from recommend.result.shown import ShownAnswer
from recommend.result.stored_snapshot import RecommendationSnapshot

CRISIS, URGENT, RAISED = range(3)


@dataclass
class AnswersInOrder:
    """The answers of one person.

    Attributes:
        unknown: questions without an answer, or answered with "I'm not sure" or "I'd rather not say".
        raised: answers that carry a mark or raise a signal.
        other: answers that do not matter to the rules, such as times and insurance.
        calm: answers that are the calmest choice of their question: no, never, not at all, none of these.
    """

    unknown: list[ShownAnswer] = field(default_factory=list)
    raised: list[ShownAnswer] = field(default_factory=list)
    other: list[ShownAnswer] = field(default_factory=list)
    calm: list[ShownAnswer] = field(default_factory=list)


def in_order(
    answers: journey.Answers,
    snapshot: RecommendationSnapshot,
    ruleset: RuleSet,
    questionnaire: Questionnaire,
) -> AnswersInOrder:
    """Sort the answers of a person, each in the wording that they saw.

    Args:
        answers: the answers of a submission.
        snapshot: the recommendation for them, which says which questions have no known answer.
        ruleset: the rule set that made the recommendation.
        questionnaire: the questionnaire that was answered.
    """
    chosen = journey.chosen(answers)
    wordings = questionnaire.wordings
    left_open = {id for id, options in chosen.items() if not NONRESPONSE.isdisjoint(options)}
    asked = [*snapshot.may_be_crisis, *snapshot.unknown, *(id for id in wordings if id in left_open)]
    found = AnswersInOrder()
    found.unknown = [
        ShownAnswer(wordings[id].text, wordings[id].chosen(chosen.get(id, ())))
        for id in dict.fromkeys(asked)
        if id in wordings
    ]
    raised: list[tuple[int, ShownAnswer]] = []
    for id, wording in wordings.items():
        if id not in chosen or id in asked:
            continue
        shown = ShownAnswer(wording.text, wording.chosen(chosen[id]))
        if (rank := rank_of(ruleset, id, chosen[id])) is not None:
            raised.append((rank, shown))
        else:
            calm = id in ruleset.rated and is_calmest(ruleset.questions.all[id], chosen[id])
            (found.calm if calm else found.other).append(shown)
    found.raised = [shown for _, shown in sorted(raised, key=lambda each: each[0])]
    return found


def rank_of(ruleset: RuleSet, question: str, options: tuple[str, ...]) -> int | None:
    """Return a rank of an answer, lowest for the most serious: ``CRISIS``, ``URGENT`` or ``RAISED``.

    None if the answer carries no mark and raises no signal.
    """
    ratings = [ruleset.rating(question, option) for option in options]
    marks = {mark for rating in ratings for mark, _ in rating.marks}
    added = any(ruleset.steps.get(question, {}).get(option) for option in options)
    if "crisis" in marks:
        return CRISIS
    if "urgent" in marks:
        return URGENT
    return RAISED if marks or added or any(rating.state for rating in ratings) else None


def is_calmest(question: Question, options: tuple[str, ...]) -> bool:
    """Return whether a question was answered with its calmest choice."""
    if question.kind == "many":
        return bool(options) and question.exclusive.issuperset(options)
    return question.ordered and options == question.options[:1]
