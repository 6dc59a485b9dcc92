"""Fill in the form of a case page as a browser does."""

import re

from django.test import Client

from recommend.desk.models import Case
from tests.support.cases import case_url


def page(client: Client, case: Case) -> str:
    response = client.get(case_url(case))
    assert response.status_code == 200
    return response.text


def filled(client: Client, case: Case, **fields: str) -> dict[str, str]:
    """Return the POST data of the form of a case as this client gets it, with these fields filled in."""
    html = page(client, case)
    hidden = {
        name: re.search(rf'name="{name}" value="([^"]*)"', html)[1] for name in ("version", "since", "whose")
    }
    return {**hidden, "who": "", "level": "", "status": "", **fields}


def unsaved_url(case: Case) -> str:
    return f"/staff/desk/case/{case.pk}/unsaved/"
