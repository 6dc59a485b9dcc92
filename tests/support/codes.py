"""Private codes: how a draft is saved with one, and how a person returns to it."""

import re

from django.test import Client

from carenav.plumbing import codes
from intake.models import Draft
from tests.support.people import WELL, draft_for
from tests.support.walker import parsed_page

CODE = re.compile(rf"\b(?:[{codes.ALPHABET}]{{4}}-){{3}}[{codes.ALPHABET}]{{4}}\b")
WRONG = "AAAA-AAAA-AAAA-AAAA"
FROM_ELSEWHERE = {"REMOTE_ADDR": "192.0.2.77"}


def code_on(response) -> str:
    assert response.status_code == 200
    return CODE.search(parsed_page(response).text)[0]


def saved(client, answers=WELL, **fields) -> tuple[Draft, str]:
    """A draft of this browser, saved with a code."""
    draft = draft_for(client, answers, **fields)
    return draft, code_on(client.post("/save/", follow=True))


def come_back(code, client=None, **extra):
    return (client or Client()).post("/come-back/", {"code": code}, **extra)


def is_taken(response) -> bool:
    """Whether a code opened its draft: the post leads on."""
    return response.status_code == 302 and response["Location"] != "/come-back/"


def is_refused(response) -> bool:
    """Whether a code was refused: the post leads to the page again, which says why."""
    return response.status_code == 302 and response["Location"] == "/come-back/"


def is_slowed(response) -> bool:
    """Whether a code was not even looked at, because there were too many wrong ones."""
    return is_refused(response) and "Retry-After" in response
