"""Send, change and delete answers as people do in a browser."""

from django.test import Client
from django.utils import timezone

from intake import journey
from intake.models import Draft, Submission
from recommend import content
from recommend.desk.models import Case
from recommend.desk.submissions.submit import store_contact
from recommend.desk.tiers import classify
from recommend.result.models import Recommendation
from recommend.result.snapshot import outcome_of
from tests.support.codes import CODE
from tests.support.people import ALICE, CONTACT, DANA, WELL, checked_draft_for
from tests.support.walker import parsed_page

CANARIES = {
    "name": "Aldebaran Betelgeuse",
    "phone": "617 555 0142",
    "email": "capella@example.com",
    "safe_times": "deneb",
    "language": "electra",
    "access_needs": "fomalhaut",
    "note": "gemma",
}


def send_answers(client, person=DANA, **fields) -> tuple[str, str]:
    """Send a person's answers, and return the reference and the private code on the result page."""
    given = [["suicidal_now", "yes"]]
    answers = person.answers | {"share": "send"}
    checked_draft_for(client, answers, crisis_given=given, crisis_change="mistake", **fields)
    assert client.post("/send/", CONTACT | CANARIES)["Location"] == "/result/"
    text = parsed_page(client.get("/result/")).text
    return Submission.objects.latest("pk").reference, CODE.search(text)[0]


def delete_elsewhere(reference, code, client=None, **extra):
    """Delete answers by reference and code, by default in another client, and return the page after the redirect."""
    return (client or Client()).post("/delete/", {"reference": reference, "code": code}, follow=True, **extra)


def delete_here(client):
    """Delete answers in the client that sent them, and return the page after the redirect."""
    return client.post("/delete/", {"here": "yes"}, follow=True)


def is_deleted(response) -> bool:
    """Return whether the page after a redirect confirms that the submission was deleted."""
    return response.redirect_chain == [("/delete/done/", 302)] and "What you sent is deleted" in response.text


def change(client) -> Draft:
    """Press "Change my answers" on the result page, and return the draft that this creates."""
    assert client.post("/result/change/")["Location"] == "/answers/check/"
    return Draft.objects.latest("pk")


def answer(draft: Draft, answers, share="send") -> None:
    """Store these answers in a draft, confirmed, with the answer to the sharing question."""
    draft.answers = answers | {"share": share}
    draft.checked = journey.digest(draft.answers)
    draft.save()


def send_again(client, person=ALICE, **contact) -> Submission:
    answer(change(client), person.answers)
    assert client.post("/send/", CONTACT | contact)["Location"] == "/result/"
    return Submission.objects.latest("pk")


WELL_IN_2026_1 = {id: WELL[id] for id in WELL if id != "racing"} | {
    "home": "stable",
    "recent_treatment": "none",
}
"""The calmest answers to the questions of version 2026.1, which allows one answer each on home and treatment."""


def stored_under(version: str, answers) -> Case:
    """Return a stored case that was decided by the questions and rules of this version, such as "2026.1"."""
    ruleset, questions = content.ruleset(version), content.questionnaire(version)
    snapshot = outcome_of(ruleset, answers)
    number = Submission.objects.count()
    sent = Submission.objects.create(
        key=f"key {number}",
        reference=f"OLD-{number:04}",
        answers=answers,
        questionnaire=version,
        consented_at=timezone.now(),
    )
    store_contact(sent, {"email": ""} | CONTACT)
    Recommendation.objects.create(
        submission=sent,
        level=snapshot.level_id,
        outcome=snapshot.to_json(),
        ruleset=version,
        ruleset_digest=ruleset.digest,
        questionnaire=version,
        questionnaire_digest=questions.digest,
        safety_digest=content.safety_texts_of(ruleset).digest,
    )
    case = Case(submission=sent, reference=sent.reference, level=snapshot.level_id)
    classify(case, snapshot, answers, ruleset)
    case.save()
    return case
