"""Select the questions to ask the person of one case by phone.

They are, in this order:

1. Safety questions without a known answer, and crisis answers that were changed before sending.
2. The guides for the case's kinds of urgency.
3. Other questions without a known answer that could change the level.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from carenav.plumbing.i18n.localized_text import LocalizedText
from intake import journey
from intake.crisis import by_question
from recommend import content
from recommend.desk.call_guide.guides import Guide, GuideQuestion, SignOff, guides
from recommend.desk.models import CallAnswer, Case
from recommend.engine import RuleSet
from recommend.result.shown import ForTheDesk
from recommend.result.stored_snapshot import RecommendationSnapshot

MOST_OPEN = 5
"""The most questions of the third part, so that a call does not get too long."""

OF_QUESTIONNAIRE = "question."
"""Prefix of the ids of items from the questionnaire. The ids of other items begin with the id of their guide."""


@dataclass(frozen=True)
class Item:
    """One question to ask.

    Attributes:
        id: unique on the page; see ``OF_QUESTIONNAIRE``.
        ask: the spoken question.
        then: what to do at once, before the call ends; "" if nothing.
        said: the person's answer; of a changed crisis answer, the earlier one.
        learned: what staff learned on earlier calls, newest first.
    """

    id: str
    ask: LocalizedText
    then: str = ""
    said: Sequence[LocalizedText] = ()
    learned: Sequence[CallAnswer] = ()


@dataclass(frozen=True)
class Group:
    """Questions under one heading.

    Attributes:
        title: the heading.
        items: the questions, in order.
        is_guide: whether they come from a guide, which a clinical lead signs off.
        signed_off: who approved the guide; None if nobody has.
    """

    title: str
    items: tuple[Item, ...]
    is_guide: bool = False
    signed_off: SignOff | None = None


def call_guide(case: Case, desk: ForTheDesk | None, answers: Iterable[CallAnswer]) -> list[Group]:
    """Return the groups of questions to ask the person of a case; groups without questions are left out.

    Args:
        case: the case, with its submission and recommendation.
        desk: the explanation of the level, with its pivotal questions; None if the rules could not be applied.
        answers: what staff learned on earlier calls, newest first.
    """
    known = list(answers)
    made = case.submission.recommendation
    snapshot, ruleset = made.snapshot, content.ruleset(made.ruleset)
    changed_before = changed_crisis_answers(case)
    safety = [id for id in snapshot.unknown if id in snapshot.may_be_crisis or is_about_safety(ruleset, id)]
    first = list(dict.fromkeys([*safety, *changed_before]))
    hinges = [hinge.id for hinge in desk.pivotal_questions if hinge.unknown] if desk else []
    last = [id for id in hinges if id not in first][:MOST_OPEN]
    active = guides_for(case, snapshot)
    then = {each.same_as: each.then for guide in active for each in guide.questions}
    groups = [
        Group("Open safety questions", _asked_again(case, first, changed_before, then, known)),
        *(
            Group(
                each.title,
                tuple(
                    _spoken(question, known) for question in each.questions if question.same_as not in first
                ),
                is_guide=True,
                signed_off=each.signed_off,
            )
            for each in active
        ),
        Group("Not answered, and it would change the level", _asked_again(case, last, {}, {}, known)),
    ]
    return [group for group in groups if group.items]


def items_named(case: Case, ids: Iterable[str]) -> list[Item]:
    """Return items with these ids, without the person's answers; unknown ids are left out."""
    spoken = {question.id: question.ask for guide in guides() for question in guide.questions}
    wordings = content.questionnaire(case.submission.questionnaire).wordings
    asked = {f"{OF_QUESTIONNAIRE}{id}": wording.text for id, wording in wordings.items()}
    known = spoken | asked
    return [Item(id, known[id]) for id in ids if id in known]


def changed_crisis_answers(case: Case) -> dict[str, list[str]]:
    """Return the crisis answers that the person changed before sending: earlier option ids, keyed by question id."""
    now = journey.chosen(case.submission.answers)
    given = [(id, option) for id, option in case.submission.crisis_given if option not in now.get(id, ())]
    return by_question(given)


def guides_for(case: Case, snapshot: RecommendationSnapshot) -> list[Guide]:
    """Return the guides for a case's kinds of urgency, those for crisis marks first.

    Kinds of crisis from answers that the person changed before sending count too.
    """
    marks = list(
        dict.fromkeys([*snapshot.crisis, *snapshot.urgent, *filter(None, case.urgent_because.split(","))])
    )
    found = [each for each in guides() if each.is_for(marks, snapshot.resources)]
    return sorted(found, key=lambda guide: min([marks.index(k) for k in guide.kinds if k in marks] or [99]))


def is_about_safety(ruleset: RuleSet, question: str) -> bool:
    """Return whether any answer to a question carries a crisis or urgent mark by itself."""
    ratings = ruleset.ratings.get(question, {})
    return any(mark in ("crisis", "urgent") for rating in ratings.values() for mark, _kind in rating.marks)


def _asked_again(
    case: Case,
    ids: Iterable[str],
    changed: Mapping[str, Sequence[str]],
    then: Mapping[str, str],
    known: Sequence[CallAnswer],
) -> tuple[Item, ...]:
    """Return items for questions of the questionnaire, with the person's answers.

    Args:
        case: the case.
        ids: the ids of the questions.
        changed: earlier option ids of changed crisis answers, keyed by question id.
        then: what to do at once, keyed by question id.
        known: what staff learned on earlier calls.
    """
    wordings = content.questionnaire(case.submission.questionnaire).wordings
    chosen = journey.chosen(case.submission.answers)
    return tuple(
        Item(
            id=f"{OF_QUESTIONNAIRE}{id}",
            ask=wordings[id].text,
            then=then.get(id, ""),
            said=wordings[id].chosen(changed.get(id) or chosen.get(id, ())),
            learned=_learned(f"{OF_QUESTIONNAIRE}{id}", known),
        )
        for id in ids
    )


def _spoken(question: GuideQuestion, known: Sequence[CallAnswer]) -> Item:
    return Item(question.id, question.ask, question.then, learned=_learned(question.id, known))


def _learned(id: str, known: Sequence[CallAnswer]) -> tuple[CallAnswer, ...]:
    return tuple(each for each in known if each.question == id)
