"""The table of who may open which URL (tests/desk/permissions.toml), and values for the variables of URLs."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from recommend.desk.models import Case
from recommend.programs.models import Program
from tests.support.people import CONTACT, DANA, checked_draft_for
from tests.support.staff import staff_user

TABLE = tomllib.loads((Path(__file__).parents[1] / "desk" / "permissions.toml").read_text(encoding="utf-8"))
VISITORS = ("anonymous", "password only", "coordinator", "clinical lead", "administrator")


def patterns(resolver: URLResolver, space: str = "", route: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Yield every URL pattern of the site with its name, or with its route if it has no name.

    Args:
        resolver: the resolver whose patterns are yielded.
        space: the namespace so far.
        route: the route so far.
    """
    for each in resolver.url_patterns:
        here = route + str(each.pattern)
        if isinstance(each, URLResolver):
            inner = ":".join(filter(None, [space, each.namespace]))
            yield from patterns(each, inner, here)
        else:
            yield (f"{space}:{each.name}".lstrip(":") if each.name else here), each


ALL = dict(patterns(get_resolver()))


def address_values() -> dict[str, Any]:
    """Store some objects, and return a value for each variable of a URL, such as the ids of these objects.

    They belong to other people than the visitor.
    """
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
