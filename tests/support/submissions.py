"""People who send their answers, change them and delete them."""

from django.test import Client

from intake import journey
from intake.models import Draft, Submission
from tests.support.codes import CODE
from tests.support.people import ALICE, CONTACT, DANA, checked_draft_for
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
    """Send a person's answers; says the reference and the private code, as the result page shows them."""
    given = [["suicidal_now", "yes"]]
    answers = person.answers | {"share": "send"}
    checked_draft_for(client, answers, crisis_given=given, crisis_change="mistake", **fields)
    assert client.post("/send/", CONTACT | CANARIES)["Location"] == "/result/"
    text = parsed_page(client.get("/result/")).text
    return Submission.objects.latest("pk").reference, CODE.search(text)[0]


def delete_elsewhere(reference, code, client=None, **extra):
    return (client or Client()).post("/delete/", {"reference": reference, "code": code}, **extra)


def change(client) -> Draft:
    """Press "Change my answers"."""
    assert client.post("/result/change/")["Location"] == "/answers/check/"
    return Draft.objects.latest("pk")


def answer(draft: Draft, answers, share="send") -> None:
    """What the person answers now, checked, and with whom they share it."""
    draft.answers = answers | {"share": share}
    draft.checked = journey.digest(draft.answers)
    draft.save()


def send_again(client, person=ALICE, **contact) -> Submission:
    answer(change(client), person.answers)
    assert client.post("/send/", CONTACT | contact)["Location"] == "/result/"
    return Submission.objects.latest("pk")
