"""The answers on a case page: unknown and of concern first, the calm ones folded, and every answer once."""

import re
from dataclasses import replace

import pytest

from recommend import content
from recommend.desk.models import Case
from recommend.desk.pages.answers_in_order import AnswersInOrder, in_order
from tests.support.cases import at_desk, case_url, new_case
from tests.support.people import ALICE, BOB, CHARLIE, DANA, ERIN

pytestmark = pytest.mark.django_db


def ordered(case: Case) -> AnswersInOrder:
    made = case.submission.recommendation
    versions = content.ruleset(made.ruleset), content.questionnaire(made.questionnaire)
    return in_order(case.submission.answers, made.snapshot, *versions)


def questions(answers: list) -> list[str]:
    return [str(each.question) for each in answers]


def wording(case: Case, *ids: str) -> list[str]:
    asked = content.questionnaire(case.submission.questionnaire).wordings
    return [str(asked[id].text) for id in ids]


@pytest.mark.some(2)
@pytest.mark.parametrize("person", [ALICE, BOB, CHARLIE, DANA, ERIN], ids=lambda each: each.name)
def test_every_answer_stands_in_one_group_and_none_is_left_out(person):
    case = new_case(person)
    found = ordered(case)
    all_of_them = questions([*found.unknown, *found.raised, *found.other, *found.calm])
    assert len(all_of_them) == len(set(all_of_them))
    assert set(wording(case, *case.submission.answers)) <= set(all_of_them)


def test_an_unknown_safety_question_comes_first_of_the_unknown():
    case = new_case(replace(DANA, differs=DANA.differs | {"suicidal_now": "skip", "nervous": "unsure"}))
    found = questions(ordered(case).unknown)
    assert found[0] == wording(case, "suicidal_now")[0]
    assert wording(case, "nervous")[0] in found[1:]


def test_danger_stands_before_other_concerns_and_no_concern_is_folded():
    case = new_case(DANA)
    found = ordered(case)
    made = case.submission.recommendation
    ruleset = content.ruleset(made.ruleset)
    marked = [
        id
        for id, value in case.submission.answers.items()
        for option in ([value] if isinstance(value, str) else value)
        if any(mark in ("crisis", "urgent") for mark, _ in ruleset.rating(id, option).marks)
    ]
    first = questions(found.raised)[: len(marked)]
    assert marked
    assert set(first) == set(wording(case, *marked))
    behind = {id for reason in made.snapshot.reasons for id in reason.answers}
    assert not set(questions(found.calm)) & set(wording(case, *behind))


def test_answers_that_the_rules_do_not_read_are_not_called_calm():
    """Who it is about, where they are and their age have a first choice, and no calmest one."""
    case = new_case(ALICE)
    found = ordered(case)
    ruleset = content.ruleset(case.submission.recommendation.ruleset)
    unread = [id for id in case.submission.answers if id not in ruleset.rated]
    assert unread
    assert set(wording(case, *unread)) <= set(questions(found.other))
    assert not set(wording(case, *unread)) & set(questions(found.calm))


def test_calm_answers_are_counted_and_folded_on_the_page():
    case = new_case(ALICE)
    html = at_desk().get(case_url(case)).text
    fold = r"<summary>(\d+) answered no, never or with the mildest choice</summary>(.*?)</details>"
    folded = re.search(fold, html, re.DOTALL)
    assert folded
    calm = ordered(case).calm
    assert int(folded[1]) == len(calm) == folded[2].count("<dt>")
    assert len(calm) > 10
