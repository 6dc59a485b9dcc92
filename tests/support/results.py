"""Get result pages for some answers, and read their texts."""

import json
import re
from functools import cache
from typing import Any

from django.test import Client
from django.utils.html import strip_tags

from recommend import content
from recommend.desk.submissions import submit
from recommend.engine import is_asked
from recommend.result.shown import ResultText
from recommend.result.snapshot import outcome_of
from recommend.result.stored_snapshot import RecommendationSnapshot
from recommend.result.text import result_text
from tests.support.people import CONTACT, PEOPLE, WELL, checked_draft_for

OPEN = WELL | {
    "burden": "skip",
    "harm_others": "skip",
    "losing_touch": "skip",
    "suicidal_now": "skip",
    "guns": "no",
    "nights": "always",
}
UNSAFE = WELL | {"home": ["unsafe"], "other_symptoms": "moderate"}
WORST = WELL | {
    "emergency": ["body", "drunk_high"],
    "age": "65_plus",
    "wish_dead": "yes",
    "burden": "yes",
    "suicidal_week": "yes",
    "past_attempt": "yes",
    "last_attempt": "past_week",
    "suicidal_now": "yes",
    "suicide_plan": "plan",
    "self_injury": "medical",
    "harm_others": "may_act",
    "guns": "reach",
    "racing": "strong",
    "losing_touch": "command",
    "nervous": "daily",
    "worry": "daily",
    "low_interest": "daily",
    "low_mood": "daily",
    "other_symptoms": "extreme",
    "trend": "much_worse",
    "functioning": "extremely",
    "self_care": "stopped",
    "also": ["baby", "stopped", "opioids", "overdose", "sedatives", "eating", "eating_body"],
    "eating_often": "daily",
    "substance_use": "mixed",
    "withdrawal": "seizure",
    "physical_health": "unstable",
    "people": "none",
    "home": ["unsafe", "no_home"],
    "nights": "never",
    "recent_treatment": ["weekly", "iop_now", "php_now", "left_hospital"],
    "treatment_fit": "not_enough",
    "crises": "many",
    "how_long": "months",
    "work_around": ["full_time", "care", "transport", "online", "one_to_one", "cost"],
}
"""The most serious answer to every question, which gives the longest result page."""


def without_answers() -> dict[str, str | list[str]]:
    """Return answers with "I'd rather not say" or "I'm not sure" to every question that offers it."""
    answers = dict(WELL)
    for question in content.ruleset().questions.all.values():
        given = {id: (value,) if isinstance(value, str) else tuple(value) for id, value in answers.items()}
        if not is_asked(question, given):
            answers.pop(question.id, None)
        elif refusals := [option for option in ("skip", "unsure") if option in question.offered]:
            answers[question.id] = refusals[0] if question.kind == "one" else refusals[:1]
    return answers


UNSURE = without_answers()

EVERYBODY = [*(person.answers for person in PEOPLE), OPEN, UNSAFE, WORST]


def kept(answers: dict[str, Any]) -> str:
    """Return the result page of a person who does not share their answers."""
    client = Client()
    checked_draft_for(client, answers | {"share": "only_me"})
    return page(client)


def sent(answers: dict[str, Any]) -> str:
    """Return the result page of a person who sent their answers to the team."""
    client = Client()
    submit.submit(checked_draft_for(client, answers | {"share": "send"}), CONTACT | {"email": ""})
    return page(client)


def page(client: Client) -> str:
    response = client.get("/result/")
    assert response.status_code == 200
    return response.content.decode()


def main(html: str) -> str:
    return html.partition("<main")[2].partition("</main>")[0]


def words(html: str) -> str:
    """Return the text of the main part of a page, without tags, with single blanks and a line for each block."""
    text = re.sub(r"</(p|li|h[1-6]|dd|dt|summary|span|b)>", "\n", main(html))
    return re.sub(r"[ \t]+", " ", strip_tags(text)).replace("&#x27;", "’").replace("&quot;", "")


def in_order(html: str, *parts: str) -> bool:
    places = [html.find(part) for part in parts]
    assert -1 not in places, dict(zip(parts, places, strict=True))
    return places == sorted(places)


@cache
def outcome_for(answers: str) -> RecommendationSnapshot:
    return outcome_of(content.ruleset(), json.loads(answers))


def shown_for(answers: dict[str, Any]) -> ResultText:
    snapshot = outcome_for(json.dumps(answers))
    return result_text(snapshot, answers, content.ruleset(), content.questionnaire())


WELL_2026_1 = {id: answer for id, answer in WELL.items() if id != "racing"} | {
    "home": "stable",
    "recent_treatment": "none",
}
"""The calmest answers to the questions of version 2026.1."""
BOB_2026_1 = WELL_2026_1 | {"other_symptoms": "severe", "recent_treatment": "weekly_not_enough"}
CHARLIE_2026_1 = WELL_2026_1 | {"functioning": "extremely", "other_symptoms": "severe"}
WORST_2026_1 = WELL_2026_1 | {
    "emergency": ["body", "drunk_high"],
    "wish_dead": "yes",
    "suicidal_week": "yes",
    "past_attempt": "yes",
    "last_attempt": "past_week",
    "suicidal_now": "yes",
    "suicide_plan": "plan",
    "harm_others": "may_act",
    "losing_touch": "command",
    "self_care": "stopped",
    "substance_use": "daily",
    "withdrawal": "seizure",
}


def shown_by_2026_1(answers: dict[str, Any]) -> ResultText:
    """Return the texts of a result with the rules and questions of version 2026.1."""
    ruleset, questionnaire = content.ruleset("2026.1"), content.questionnaire("2026.1")
    return result_text(outcome_of(ruleset, answers), answers, ruleset, questionnaire)


NEVER = (
    r"low risk",
    r"you are safe",
    r"you need the hospital",
    r"not a medical device",
    r"(?<!\bif )\byou have (a|an|the|some|severe|strong|symptoms|depression|anxiety|psychosis)\b",
)
