"""What to ask the person of one case, in the order to ask it.

1. Safety questions without a known answer, whatever the level, and crisis answers that were changed before sending.
2. The guide of each kind of urgency that holds.
3. Other questions without a known answer that would change the level.
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
"""Questions of the third part: a call is no questionnaire."""

OF_QUESTIONNAIRE = "question."
"""How the id of an item begins that is a question of the questionnaire; others begin with the id of their guide."""


@dataclass(frozen=True)
class Item:
    """One question to ask.

    Attributes:
        id: of the question, unique on the page.
        ask: as it is spoken.
        then: what to do, if that cannot wait.
        said: what the person answered, or had answered before they changed it.
        learned: what was asked and learned before, newest first.
    """

    id: str
    ask: LocalizedText
    then: str = ""
    said: Sequence[LocalizedText] = ()
    learned: Sequence[CallAnswer] = ()


@dataclass(frozen=True)
class Group:
    """Questions under one heading. ``is_guide``: they come from a guide, which a clinical lead signs off."""

    title: str
    items: tuple[Item, ...]
    is_guide: bool = False
    signed_off: SignOff | None = None


def call_guide(case: Case, desk: ForTheDesk | None, answers: Iterable[CallAnswer]) -> list[Group]:
    """Return what to ask the person of a case.

    Args:
        case: with its submission and recommendation.
        desk: what would change the level; None where the rules could not be applied.
        answers: what was learned on calls, newest first.
    """
    known = list(answers)
    made = case.submission.recommendation
    snapshot, ruleset = made.snapshot, content.ruleset(made.ruleset)
    changed_before = changed_crisis_answers(case)
    safety = [id for id in snapshot.unknown if id in snapshot.may_be_crisis or is_about_safety(ruleset, id)]
    first = list(dict.fromkeys([*safety, *changed_before]))
    hinges = [hinge.id for hinge in desk.pivotal_questions if hinge.unknown] if desk else []
    last = [id for id in hinges if id not in first][:MOST_OPEN]
    groups = [
        Group("Open safety questions", _asked_again(case, first, changed_before, known)),
        *(
            Group(
                each.title,
                tuple(_spoken(question, known) for question in each.questions),
                is_guide=True,
                signed_off=each.signed_off,
            )
            for each in guides_for(case, snapshot)
        ),
        Group("Not answered, and it would change the level", _asked_again(case, last, {}, known)),
    ]
    return [group for group in groups if group.items]


def items_named(case: Case, ids: Iterable[str]) -> list[Item]:
    """Return questions by their ids, without what was said; an unknown id is left out."""
    spoken = {question.id: question.ask for guide in guides() for question in guide.questions}
    wordings = content.questionnaire(case.submission.questionnaire).wordings
    asked = {f"{OF_QUESTIONNAIRE}{id}": wording.text for id, wording in wordings.items()}
    known = spoken | asked
    return [Item(id, known[id]) for id in ids if id in known]


def changed_crisis_answers(case: Case) -> dict[str, list[str]]:
    """Return the crisis answers that the person changed before sending, as they were, by question."""
    now = journey.chosen(case.submission.answers)
    given = [(id, option) for id, option in case.submission.crisis_given if option not in now.get(id, ())]
    return by_question(given)


def guides_for(case: Case, snapshot: RecommendationSnapshot) -> list[Guide]:
    """Return the guides of the kinds of urgency that hold: crisis first, and those of answers since taken back."""
    marks = list(
        dict.fromkeys([*snapshot.crisis, *snapshot.urgent, *filter(None, case.urgent_because.split(","))])
    )
    found = [each for each in guides() if each.is_for(marks, snapshot.resources)]
    return sorted(found, key=lambda guide: min([marks.index(k) for k in guide.kinds if k in marks] or [99]))


def is_about_safety(ruleset: RuleSet, question: str) -> bool:
    """Return whether some answer to a question carries a crisis or an urgent mark by itself."""
    ratings = ruleset.ratings.get(question, {})
    return any(mark in ("crisis", "urgent") for rating in ratings.values() for mark, _kind in rating.marks)


def _asked_again(
    case: Case,
    ids: Iterable[str],
    changed: Mapping[str, Sequence[str]],
    known: Sequence[CallAnswer],
) -> tuple[Item, ...]:
    """Return questions of the questionnaire, with what the person answered to them."""
    wordings = content.questionnaire(case.submission.questionnaire).wordings
    chosen = journey.chosen(case.submission.answers)
    return tuple(
        Item(
            id=f"{OF_QUESTIONNAIRE}{id}",
            ask=wordings[id].text,
            said=wordings[id].chosen(changed.get(id) or chosen.get(id, ())),
            learned=_learned(f"{OF_QUESTIONNAIRE}{id}", known),
        )
        for id in ids
    )


def _spoken(question: GuideQuestion, known: Sequence[CallAnswer]) -> Item:
    return Item(question.id, question.ask, question.then, learned=_learned(question.id, known))


def _learned(id: str, known: Sequence[CallAnswer]) -> tuple[CallAnswer, ...]:
    return tuple(each for each in known if each.question == id)
