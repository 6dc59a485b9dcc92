"""Which page comes next and what is still open. Knows questions and pages, no wording."""

import hashlib
import json
import logging
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.http import QueryDict
from django.urls import reverse

from intake import content
from intake.models import Draft
from intake.questionnaire import QuestionItem, Section
from intake.safety_texts import SafetyText
from recommend.engine import Completed, CrisisAnswer, crisis_answers, is_asked, rate
from recommend.engine.answers import Question, matches

logger = logging.getLogger(__name__)

SHARING = "sharing"
"""The last section has a page of its own, after the answers were checked."""

Answers = Mapping[str, Any]
"""Answers as drafts and submissions store them: an option id by question, or a list of them."""


def sections() -> tuple[Section, ...]:
    """List the sections that have a page of questions."""
    return tuple(section for section in content.questionnaire().sections if section.id != SHARING)


def chosen(answers: Answers) -> dict[str, tuple[str, ...]]:
    """Convert stored answers to what the engine reads."""
    return {id: (value,) if isinstance(value, str) else tuple(value) for id, value in answers.items()}


def asked(answers: Answers) -> dict[str, Question]:
    """Return the questions asked of a person with these answers so far."""
    given = chosen(answers)
    found: dict[str, Question] = {}
    so_far: dict[str, tuple[str, ...]] = {}
    for id, question in content.questionnaire().questions.all.items():
        if is_asked(question, so_far):
            found[id] = question
            if id in given:
                so_far[id] = given[id]
    return found


def pruned(answers: Answers) -> dict[str, Any]:
    """Drop the answers to questions that are no longer asked."""
    still = asked(answers)
    return {id: value for id, value in answers.items() if id in still}


def missing(section: Section, answers: Answers) -> list[str]:
    """List the asked questions of a section that need an answer and have none."""
    open_questions = asked(answers)
    return [
        wording.id
        for wording in section.wordings
        if wording.id in open_questions and not wording.question.optional and wording.id not in answers
    ]


def newly_opened(section: Section, answers: Answers) -> list[str]:
    """List what earlier answers opened in the section, once everything else in it is answered."""
    left = missing(section, answers)
    questions = content.questionnaire().questions.all
    return left if all(questions[id].ask_if for id in left) else []


def first_open_section(answers: Answers) -> Section | None:
    """Return the first section that is not finished."""
    return next((section for section in sections() if missing(section, answers)), None)


def can_open(section: Section, answers: Answers) -> bool:
    """Whether every section before this one is finished."""
    order = [each.id for each in sections()]
    first = first_open_section(answers)
    return first is None or order.index(section.id) <= order.index(first.id)


def next_url(draft: Draft | None) -> str:
    """Return the URL of the first open page."""
    if draft is None:
        return section_url(sections()[0])
    if section := first_open_section(draft.answers):
        return section_url(section)
    if not is_checked(draft):
        return reverse("intake:check")
    if "share" not in draft.answers:
        return reverse("intake:share")
    return reverse("intake:contact" if wants_to_send(draft) else "recommend:result")


def url_after(section: Section, draft: Draft) -> str:
    """Where a finished page leads: to itself while it is not finished, else to the next open page."""
    return section_url(section) if missing(section, draft.answers) else next_url(draft)


def is_ready(draft: Draft) -> bool:
    """Whether every section is finished and the answers are confirmed."""
    return not first_open_section(draft.answers) and is_checked(draft)


def wants_to_send(draft: Draft) -> bool:
    """Whether the person chose, with all answers confirmed, to send them to the intake team."""
    return is_ready(draft) and draft.answers.get("share") == "send"


def only_for_them(draft: Draft) -> bool:
    """Whether the person chose, with all answers confirmed, to see the result alone."""
    return is_ready(draft) and draft.answers.get("share") == "only_me"


def asked_by_section(answers: Answers) -> list[tuple[Section, list[QuestionItem]]]:
    """Group the questions asked so far by section."""
    ids = asked(answers)
    return [(section, [w for w in section.wordings if w.id in ids]) for section in sections()]


def section_url(section: Section) -> str:
    return reverse("intake:section", args=[section.id])


def url_before(section: Section) -> str:
    """Return the URL of the page before a section; the start page before the first."""
    order = sections()
    index = order.index(section)
    return section_url(order[index - 1]) if index else reverse("intake:start")


# ---- check your answers


def is_checked(draft: Draft) -> bool:
    """Whether the person has confirmed the answers as they are now."""
    return draft.checked == digest(draft.answers)


def digest(answers: Answers) -> str:
    """Fingerprint the answers on the check page; who may see them is not one of those."""
    return hashlib.sha256(json.dumps(fingerprints(answers), sort_keys=True).encode()).hexdigest()


def fingerprints(answers: Answers) -> dict[str, str]:
    """Fingerprint each answer on the check page, to tell which ones changed since it was shown."""
    return {
        id: hashlib.sha256(json.dumps(value).encode()).hexdigest()[:8]
        for id, value in answers.items()
        if content.questionnaire().section_of[id].id != SHARING
    }


# ---- crisis


def crisis_posted(post: QueryDict) -> list[CrisisAnswer]:
    """Return the posted answers that carry a crisis, whatever else was posted."""
    return crisis_answers(content.ruleset(), {id: tuple(post.getlist(id)) for id in post})


def crisis_kinds(answers: Answers) -> set[str]:
    """Every kind of crisis that the answers so far carry, alone or together; no answer yet counts nothing."""
    given = chosen(pruned(answers))
    try:
        return set(rate(content.ruleset(), Completed(given, frozenset(), {})).kinds("crisis"))
    except (
        Exception
    ):  # an engine that fails must not keep anybody from sending: then a person looks at the case
        logger.exception("the engine failed to see whether answers together are a crisis")
        return set()


def crisis_kinds_with(ids: Collection[str], answers: Answers) -> set[str]:
    """Return the crisis kinds that only the answers to these questions bring about, alone or with others."""
    return crisis_kinds(answers) - crisis_kinds({id: answers[id] for id in answers if id not in ids})


def crisis_together(kinds: Iterable[str], answers: Answers) -> list[CrisisAnswer]:
    """For each of these kinds of crisis, the fewest answers that carry it, alone or together."""
    given = [(id, option) for id, options in chosen(pruned(answers)).items() for option in options]
    found = []
    for kind in kinds:
        needed = given
        for pair in given:
            without = [each for each in needed if each != pair]
            if kind in crisis_kinds(by_question(without)):
                needed = without
        found += [CrisisAnswer(id, option, kind) for id, option in needed]
    return found


def by_question(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Answers out of pairs of a question and an option."""
    answers: dict[str, list[str]] = {}
    for id, option in pairs:
        answers.setdefault(id, []).append(option)
    return answers


def crisis_taken_back(draft: Draft) -> bool:
    """Whether an answer that carried a crisis, alone or together, was changed later."""
    now = chosen(draft.answers)
    changed = any(option not in now.get(id, ()) for id, option in draft.crisis_given)
    return changed or not crisis_kinds(draft.answers).issuperset(draft.crisis_shown)


# ---- texts


def notices(places: Iterable[str], answers: Answers) -> list[SafetyText]:
    """Return the safety texts for these places that hold for the answers so far."""
    wanted = set(places)
    given = chosen(answers)
    return [
        text
        for text in content.safety_texts()
        if wanted & text.places and (text.always or matches(text.answers, given))
    ]
