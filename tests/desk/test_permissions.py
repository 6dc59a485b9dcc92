"""Every address of the site, for everybody: permissions.toml says what each gets; one missing there fails."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.support.permissions import ALL, TABLE, VISITORS, address
from tests.support.staff import sign_in, staff_user

pytestmark = pytest.mark.django_db

STATUSES = {"200", "302", "403", "404", "405", "in"}


ROWS = {name: row for table in ("patients", "staff") for name, row in TABLE[table].items()}


def visit(visitor: str, path: str, method: str = "get") -> str:
    client = Client()
    if visitor == "password only":
        client.force_login(staff_user("clinical lead"))
    elif visitor != "anonymous":
        sign_in(client, visitor)
    response = getattr(client, method)(path)
    to_sign_in = response.status_code == 302 and response["Location"].startswith(reverse("admin:login"))
    return "in" if to_sign_in else str(response.status_code)


def test_the_table_has_every_address_and_no_other():
    assert set(ROWS) == set(ALL)
    assert len(ALL) > 40


def test_every_staff_address_is_among_those_of_staff(values):
    for name in ALL:
        assert (name in TABLE["staff"]) == address(name, values).startswith("/staff/"), name


@pytest.mark.parametrize("name", ROWS)
def test_each_address_answers_each_role_as_the_table_says(name, values):
    row = ROWS[name]
    wanted = [row] * len(VISITORS) if isinstance(row, str) else row
    assert len(wanted) == len(VISITORS)
    assert set(wanted) <= STATUSES
    path = address(name, values)
    assert {visitor: visit(visitor, path) for visitor in VISITORS} == dict(zip(VISITORS, wanted, strict=True))


REFUSED = {"in", "403", "404", "405"}


@pytest.mark.parametrize("name", TABLE["staff"])
def test_post_is_refused_wherever_get_is(name, values):
    path = address(name, values)
    for visitor, wanted in zip(VISITORS, TABLE["staff"][name], strict=True):
        if wanted in REFUSED - {"405"}:
            assert visit(visitor, path, "post") in REFUSED, visitor


@pytest.mark.parametrize("name", TABLE["staff"])
def test_table_opens_nothing_without_second_factor_nor_cases_to_admins(name):
    row = TABLE["staff"][name]
    if name not in TABLE["always"]["open"]:
        assert row[:2] == ["in", "in"]
    if any(word in name for word in TABLE["always"]["of_cases"]):
        assert row[4] in ("403", "404")
