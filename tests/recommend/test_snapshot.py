"""A stored recommendation: the JSON that comes back from the database is the JSON that went in."""

import copy
import json
import logging
from random import Random

import pytest
from django.test import Client

from intake import answers as intake_answers
from intake import content
from recommend.engine import Level
from recommend.result.json_parts import SnapshotError
from recommend.result.models import Recommendation
from recommend.result.shown import NOTHING_SHOWN
from recommend.result.snapshot import outcome_of
from recommend.result.stored_snapshot import (
    FIRST_KEYS,
    LATEST,
    NEEDS_MANUAL_REVIEW,
    RecommendationSnapshot,
    rules_in,
)
from recommend.result.text import result_text
from tests.support.people import ALICE, CHARLIE
from tests.support.results import EVERYBODY, page
from tests.support.submissions import send_answers

SOMEBODY = {
    "level": "iop",
    "reasons": [{"rule": "weekly-not-enough", "answers": {"recent_treatment": ["weekly_not_enough"]}}],
    "not_less": [{"level": "outpatient", "rules": ["weekly-not-enough"]}],
    "not_more": [
        {"level": "php", "rule": "extreme-symptoms", "lacking": [["symptoms", "extreme"]]},
        {"level": "inpatient", "rule": None, "lacking": []},
    ],
    "fired": ["weekly-not-enough"],
    "combined": ["recent-attempt-and-thoughts-this-week"],
    "areas": {"symptoms": "moderate", "risk": "none"},
    "crisis": ["suicide"],
    "urgent": ["withdrawal"],
    "resources": ["naloxone"],
    "notes": ["online"],
    "unknown": ["home"],
    "range": ["iop", "php"],
    "may_be_crisis": ["home"],
    "settling": "home",
    "enough": {"recent_treatment": ["weekly_not_enough"]},
    "changes": [{"answers": {"home": ["unsafe"]}, "level": "php"}],
    "texts": {"result": ["means"], "desk": ["means-first"]},
}
"""Every key of version 2 with something in it."""

FIRST = {key: value for key, value in SOMEBODY.items() if key in FIRST_KEYS}


def stored_and_read(data: object) -> object:
    """What the database gives back, key order aside."""
    return json.loads(json.dumps(data))


def drawn(draw: Random) -> dict[str, object]:
    """Some answers to the questions; one of twenty is left open."""
    answers: dict[str, object] = {}
    for id, wording in content.questionnaire().wordings.items():
        offered = wording.question.offered
        if draw.random() < 0.05:
            continue
        option = draw.choice([offered[0], draw.choice(offered)])
        answers[id] = option if wording.question.kind == "one" else [option]
    return intake_answers.pruned(answers | {"who": "me", "age": "18_64"})


# ---- the round trip


@pytest.mark.some(4)
@pytest.mark.parametrize("answers", EVERYBODY, ids=lambda answers: str(len(answers)))
def test_what_is_stored_for_a_known_person_comes_back_the_same(answers):
    snapshot = outcome_of(content.ruleset(), answers)
    raw = stored_and_read(snapshot.to_json())
    assert RecommendationSnapshot.from_json(raw) == snapshot
    assert RecommendationSnapshot.from_json(raw).to_json() == raw


@pytest.mark.some(8)
@pytest.mark.parametrize("seed", range(20))
def test_what_is_stored_for_any_answers_comes_back_the_same(seed):
    snapshot = outcome_of(content.ruleset(), drawn(Random(seed)))
    raw = stored_and_read(snapshot.to_json())
    assert RecommendationSnapshot.from_json(raw) == snapshot
    assert RecommendationSnapshot.from_json(raw).to_json() == raw


@pytest.mark.parametrize(("raw", "version"), [(FIRST, 1), (SOMEBODY, 2)])
def test_each_version_is_read_and_written_without_another_key(raw, version):
    snapshot = RecommendationSnapshot.from_json(raw)
    assert snapshot.version == version
    assert snapshot.to_json() == raw


def test_a_new_snapshot_has_the_latest_version_and_its_keys():
    snapshot = outcome_of(content.ruleset(), ALICE.answers)
    assert snapshot.version == LATEST
    assert snapshot.to_json().keys() == SOMEBODY.keys()


def test_reading_keeps_every_value():
    snapshot = RecommendationSnapshot.from_json(SOMEBODY)
    assert (snapshot.level, snapshot.level_id, snapshot.range) == (Level.IOP, "iop", (Level.IOP, Level.PHP))
    assert snapshot.reasons[0].answers == {"recent_treatment": ("weekly_not_enough",)}
    assert (snapshot.not_more[0].lacking, snapshot.not_more[1].rule) == ((("symptoms", "extreme"),), None)
    assert (snapshot.crisis, snapshot.urgent, snapshot.areas["symptoms"]) == (
        ("suicide",),
        ("withdrawal",),
        "moderate",
    )
    assert (snapshot.changes[0].level, snapshot.settling) == (Level.PHP, "home")


def test_a_failed_result_is_its_level_alone():
    assert NEEDS_MANUAL_REVIEW.to_json() == {"level": None}
    assert RecommendationSnapshot.from_json({"level": None}) == NEEDS_MANUAL_REVIEW
    assert (NEEDS_MANUAL_REVIEW.level_id, NEEDS_MANUAL_REVIEW.crisis) == ("", ())
    shown = result_text(NEEDS_MANUAL_REVIEW, ALICE.answers, content.ruleset(), content.questionnaire())
    assert shown is NOTHING_SHOWN


@pytest.mark.django_db
def test_a_result_of_the_first_version_is_shown_without_what_it_lacks():
    client = Client()
    send_answers(client, CHARLIE)
    made = Recommendation.objects.get()
    made.outcome = {key: value for key, value in made.outcome.items() if key in FIRST_KEYS}
    made.save()
    html = page(client)
    assert 'data-level="php"' in html
    assert 'class="enough"' not in html


# ---- other shapes


def altered(**changes: object) -> dict[str, object]:
    return copy.deepcopy(SOMEBODY) | changes


SECRET = "an answer"
REFUSED = {
    "not an object": ([], "recommendation: expected an object"),
    "null": (None, "recommendation: expected an object"),
    "level alone": ({"level": "php"}, "recommendation: missing keys: reasons, "),
    "no level and more": (altered(level=None), "level: expected a string"),
    "key missing": (FIRST | {"enough": {}}, "missing keys: changes; unknown keys: 0"),
    "key unknown": (altered(**{SECRET: 1}), "missing keys: none; unknown keys: 1"),
    "level unknown": (altered(level=SECRET), "level: expected the id of a level"),
    "range short": (altered(range=["iop"]), "range: expected two values"),
    "range unknown": (altered(range=["iop", SECRET]), "range: expected the id of a level"),
    "marks as text": (altered(crisis="suicide"), "crisis: expected a list"),
    "marks as numbers": (altered(urgent=[1]), "urgent: expected a string"),
    "marks null": (altered(urgent=None), "urgent: expected a list"),
    "areas as list": (altered(areas=[SECRET]), "areas: expected an object"),
    "grade as number": (altered(areas={"risk": 3}), "areas: expected a string"),
    "place missing": (altered(texts={"result": []}), "texts: missing keys: desk; unknown keys: 0"),
    "reason without rule": (altered(reasons=[{"answers": {}}]), "reasons: missing keys: rule"),
    "reason with more": (
        altered(reasons=[{"rule": "x", "answers": {}, SECRET: 1}]),
        "reasons: missing keys: none; unknown keys: 1",
    ),
    "answer as text": (altered(enough={"home": SECRET}), "enough: expected a list"),
    "change without level": (altered(changes=[{"answers": {}}]), "changes: missing keys: level"),
    "lower level unknown": (altered(not_less=[{"level": SECRET, "rules": []}]), "not_less: expected the id"),
    "lacking three": (
        altered(not_more=[{"level": "php", "rule": None, "lacking": [["a", "b", SECRET]]}]),
        "not_more: expected two values",
    ),
    "settling as list": (altered(settling=[SECRET]), "settling: expected a string"),
}


@pytest.mark.parametrize(("raw", "message"), REFUSED.values(), ids=REFUSED)
def test_another_shape_is_refused_by_place_and_without_answers(raw, message):
    with pytest.raises(SnapshotError) as refused:
        RecommendationSnapshot.from_json(raw)
    assert message in str(refused.value)
    assert SECRET not in str(refused.value)
    assert refused.value.__cause__ is None


@pytest.mark.django_db
def test_a_stored_recommendation_that_cannot_be_read_is_logged(caplog):
    send_answers(Client(), CHARLIE)
    made = Recommendation.objects.get()
    made.outcome["changes"] = SECRET
    with caplog.at_level(logging.ERROR), pytest.raises(SnapshotError):
        _ = made.snapshot
    assert f"stored recommendation {made.pk} cannot be read: changes: expected a list" in caplog.text
    assert SECRET not in caplog.text


# ---- reasons alone


def test_rules_are_read_from_reasons_alone():
    assert rules_in(SOMEBODY["reasons"]) == {"weekly-not-enough"}
    assert rules_in([]) == rules_in(None) == set()


@pytest.mark.parametrize("reasons", [{}, "x", [1], [{}], [{"rule": None}]], ids=repr)
def test_reasons_of_another_shape_are_refused(reasons):
    with pytest.raises(SnapshotError, match=r"^reasons: expected"):
        rules_in(reasons)
