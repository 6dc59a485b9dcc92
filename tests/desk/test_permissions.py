"""Every address of the site, for everybody: permissions.toml says what each gets; one missing there fails."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from recommend.desk.models import Case
from recommend.programs.models import Program
from tests.desk.staff import sign_in, staff_user
from tests.people import CONTACT, DANA, checked_draft_for

pytestmark = pytest.mark.django_db

TABLE = tomllib.loads((Path(__file__).parent / "permissions.toml").read_text(encoding="utf-8"))
VISITORS = ("anonymous", "password only", "coordinator", "clinical lead", "administrator")
STATUSES = {"200", "302", "403", "404", "405", "in"}


def patterns(resolver: URLResolver, space: str = "", route: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every pattern of the site by its name, or by its route where it has none."""
    for each in resolver.url_patterns:
        here = route + str(each.pattern)
        if isinstance(each, URLResolver):
            inner = ":".join(filter(None, [space, each.namespace]))
            yield from patterns(each, inner, here)
        else:
            yield (f"{space}:{each.name}".lstrip(":") if each.name else here), each


ALL = dict(patterns(get_resolver()))
ROWS = {name: row for table in ("patients", "staff") for name, row in TABLE[table].items()}


@pytest.fixture
def values() -> dict[str, Any]:
    """What stands in for the variables of an address: things that are there, of somebody else."""
    checked_draft_for(sender := Client(), DANA.answers | {"share": "send"})
    sender.post("/send/", CONTACT)
    program = Program.objects.create(name="Harbor", level="iop", online=True, phone="617 555 0100")
    person = staff_user("coordinator", "somebody")
    return TABLE["values"] | {
        "desk_case": Case.objects.get().pk,
        "recommend_program": program.pk,
        "auth_user": person.pk,
        "content_type_id": ContentType.objects.get_for_model(Program).pk,
        "object_id": program.pk,
    }


def address(name: str, values: dict[str, Any]) -> str:
    if name in TABLE["addresses"]:
        return TABLE["addresses"][name]
    pattern = ALL[name].pattern
    given = {variable: values[variable] for variable in pattern.converters}
    model = name.partition(":")[2].rpartition("_")[0]
    if "object_id" in given and model in values:
        given["object_id"] = values[model]
    return reverse(name, kwargs=given)


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
def test_an_address(name, values):
    row = ROWS[name]
    wanted = [row] * len(VISITORS) if isinstance(row, str) else row
    assert len(wanted) == len(VISITORS)
    assert set(wanted) <= STATUSES
    path = address(name, values)
    assert {visitor: visit(visitor, path) for visitor in VISITORS} == dict(zip(VISITORS, wanted, strict=True))


REFUSED = {"in", "403", "404", "405"}


@pytest.mark.parametrize("name", TABLE["staff"])
def test_who_may_not_open_a_staff_page_may_not_post_there_either(name, values):
    path = address(name, values)
    for visitor, wanted in zip(VISITORS, TABLE["staff"][name], strict=True):
        if wanted in REFUSED - {"405"}:
            assert visit(visitor, path, "post") in REFUSED, visitor


@pytest.mark.parametrize("name", TABLE["staff"])
def test_no_row_opens_a_page_without_a_second_factor_or_a_case_to_an_administrator(name):
    row = TABLE["staff"][name]
    if name not in TABLE["always"]["open"]:
        assert row[:2] == ["in", "in"]
    if any(word in name for word in TABLE["always"]["of_cases"]):
        assert row[4] in ("403", "404")
