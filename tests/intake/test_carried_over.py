"""Unsent answers to an earlier version of the questions: kept where they mean the same, asked again where not."""

import random

import pytest
from django.test import Client
from django.urls import reverse

from intake import content, drafts
from intake.answers import asked, chosen
from intake.journey import Journey
from intake.models import Draft
from recommend.engine import check
from tests.support.people import WELL, draft_for

OLD = "2026.1"
GONE = ("racing", "home", "recent_treatment")
WELL_THEN = {id: value for id, value in WELL.items() if id not in GONE} | {
    "home": "some_stress",
    "nights": "always",
    "recent_treatment": "weekly_helping",
}
pytestmark = pytest.mark.django_db


def old_draft(client: Client, **answers: object) -> Draft:
    return draft_for(client, WELL_THEN | answers, questionnaire=OLD, checked="confirmed then")


def test_draft_of_an_earlier_version_goes_on_where_something_is_new(client: Client) -> None:
    old_draft(client)
    assert client.get(reverse("intake:go_on")).url == reverse("intake:section", args=["2-3"])
    page = client.get(reverse("intake:section", args=["2-3"])).content.decode()
    assert "These questions have changed since you began." in page
    assert 'name="racing"' in page


def test_reading_a_draft_of_an_earlier_version_changes_nothing_stored(client: Client) -> None:
    draft = old_draft(client)
    client.get(reverse("intake:go_on"))
    stored = Draft.objects.get(pk=draft.pk)
    assert (stored.questionnaire, stored.answers, stored.touched_at) == (OLD, draft.answers, draft.touched_at)


def test_answering_what_is_new_keeps_the_rest_and_says_no_more_of_it(client: Client) -> None:
    draft = old_draft(client)
    answer = client.post(reverse("intake:section", args=["2-3"]), {"racing": "none"})
    assert answer.url == reverse("intake:check")
    stored = Draft.objects.get(pk=draft.pk)
    assert stored.questionnaire == content.questionnaire().version
    assert stored.answers == WELL | {"recent_treatment": ["weekly"], "treatment_fit": "helping"}
    assert stored.checked == ""
    assert (
        "have changed since you began"
        not in client.get(reverse("intake:section", args=["2-3"])).content.decode()
    )


def test_answer_whose_meaning_changed_is_asked_again(client: Client) -> None:
    old_draft(client, emergency=["about_to"], losing_touch="new")
    page = client.get(reverse("intake:section", args=["1"])).content.decode()
    assert 'value="about_to" ' in page
    assert "checked" not in page.split('name="emergency"', 1)[1].split('name="who"', 1)[0]
    assert client.get(reverse("intake:go_on")).url == reverse("intake:section", args=["1"])


def test_draft_with_an_answer_nobody_was_offered_is_asked_everything(client: Client) -> None:
    old_draft(client, home="castle")
    assert client.get(reverse("intake:go_on")).url == reverse("intake:section", args=["1"])


def test_draft_of_an_unknown_version_is_not_opened(client: Client) -> None:
    draft_for(client, WELL, questionnaire="2024.1")
    assert client.get(reverse("intake:go_on")).url == reverse("intake:section", args=["1"])


@pytest.mark.parametrize("seed", range(20))
def test_carried_answers_are_always_answers_to_todays_questions(seed: int) -> None:
    rng = random.Random(seed)
    answers: dict[str, object] = {}
    for id, question in content.questionnaire(OLD).questions.all.items():
        option = rng.choice(question.offered)
        answers[id] = option if question.kind == "one" else [option]
    draft = Draft(questionnaire=OLD, answers=answers)
    drafts.carry_over(draft)
    check(content.questionnaire().questions, draft.answers)
    assert draft.answers.keys() <= asked(draft.answers).keys()
    assert Journey.of(draft).first_open_page is not None
    again = content.mapping_from(OLD).ask_again
    given = chosen(answers)
    assert not any({*given[id]} & options and id in draft.answers for id, options in again.items())
