"""Save drafts with return codes and open them again."""

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
    """Return a draft of this client that is saved with a return code, and the code."""
    draft = draft_for(client, answers, **fields)
    return draft, code_on(client.post("/save/", follow=True))


def come_back(code, client=None, **extra):
    return (client or Client()).post("/come-back/", {"code": code}, **extra)


def is_taken(response) -> bool:
    """Return whether a return code opened its draft, by the redirect to another page."""
    return response.status_code == 302 and response["Location"] != "/come-back/"


def is_refused(response) -> bool:
    """Return whether a return code was refused, by the redirect back to its page."""
    return response.status_code == 302 and response["Location"] == "/come-back/"


def is_slowed(response) -> bool:
    """Return whether a return code was not checked because there had been too many wrong codes."""
    return is_refused(response) and "Retry-After" in response
