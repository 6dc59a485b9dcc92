"""The data inventory: what every database field is for, how long it is kept and who sees it.

Each app declares its own models in ``data.toml`` beside its code; ``data_of_django.toml`` has the tables of Django.
``manage.py data_inventory`` writes them all into docs/data-inventory.md. A field without an entry is a problem, and so
is an entry without a field.
"""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db.models import AutoField, Field, Model

from carenav.plumbing.crypto import EncryptedTextField

CLASSES = {
    "personal": (
        "says who a person is, or leads to what they sent",
        "seen by staff who work on cases; in no log line, mail or number; references may be exported",
    ),
    "contact": (
        "how to reach a person",
        "encrypted or hashed; never exported; in no log line, mail or number",
    ),
    "health": (
        "answers, or what follows from them",
        "free text encrypted, the rest plain; in no address, log line, mail or number; exported after a fresh code",
    ),
    "substance-use": (
        "answers on alcohol or drugs, or what follows from them",
        "as health; exported only where it is asked for, with a notice",
    ),
    "staff": (
        "who at the clinic did what",
        "passwords and codes hashed, keys encrypted; the access log is signed and never deleted",
    ),
    "technical": ("says nothing about anybody by itself", "tokens and codes hashed"),
    "content": ("public words and facts of the clinic", "shown to everybody, or to staff"),
}
"""What each class is, and how it is treated."""

OF_A_MODEL = {"about", "kept", "seen_by"}
OF_A_FIELD = {"class", "purpose", "kept", "seen_by", "stored"}
OF_SOMETHING_OUTSIDE = ("what", "class", "purpose", "kept", "seen_by")
PROJECT = Path(__file__).parents[2]
DJANGO = Path(__file__).with_name("data_of_django.toml")


@dataclass(frozen=True)
class Entry:
    """What is declared about one field.

    Attributes:
        name: the name of the field.
        classes: keys of ``CLASSES``.
        purpose: what it is for.
        kept: how long.
        seen_by: who can see it.
        stored: "encrypted", "plain", or what the declaration says, such as "hash".
    """

    name: str
    classes: tuple[str, ...]
    purpose: str
    kept: str
    seen_by: str
    stored: str


def declared_in(model: type[Model]) -> Path:
    """Return the file in which the fields of a model are declared, whether it exists or not."""
    folder = Path(apps.get_app_config(model._meta.app_label).path)
    return folder / "data.toml" if folder.is_relative_to(PROJECT) and ".venv" not in folder.parts else DJANGO


@cache
def read(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def files() -> list[Path]:
    """Return all declarations, those of lower rooms first."""
    return list(dict.fromkeys([DJANGO, *(declared_in(model) for model in apps.get_models())]))


def fields(model: type[Model]) -> "list[Field[Any, Any]]":
    """Return the fields of a model that store something, without the numbers that the database gives its rows."""
    found = [*model._meta.concrete_fields, *model._meta.many_to_many]
    return [field for field in found if not isinstance(field, AutoField)]


def declaration(model: type[Model]) -> dict[str, Any]:
    found: dict[str, Any] = read(declared_in(model)).get(model.__name__, {})
    return found


def entries(model: type[Model]) -> list[Entry]:
    """Return what is declared about the fields of a model. Call :func:`problems` first."""
    declared = declaration(model)
    return [entry_of(field, declared | declared["fields"][field.name]) for field in fields(model)]


def entry_of(field: "Field[Any, Any]", told: dict[str, Any]) -> Entry:
    stored = "encrypted" if isinstance(field, EncryptedTextField) else told.get("stored", "plain")
    return Entry(field.name, as_tuple(told["class"]), told["purpose"], told["kept"], told["seen_by"], stored)


def as_tuple(value: str | list[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def problems() -> Iterator[str]:
    """Yield a sentence for each field without a whole entry, and for each entry without a field."""
    for model in apps.get_models():
        yield from problems_of(model)
    known = {(declared_in(model), model.__name__) for model in apps.get_models()}
    for path in files():
        for name in read(path):
            if name != "outside" and (path, name) not in known:
                yield f"{shown(path)} has [{name}], but there is no such model"
        for row in read(path).get("outside", []):
            if sorted(row) != sorted(OF_SOMETHING_OUTSIDE):
                yield f"{shown(path)}: an [[outside]] needs exactly {', '.join(OF_SOMETHING_OUTSIDE)}"


def problems_of(model: type[Model]) -> Iterator[str]:
    path, declared = shown(declared_in(model)), declaration(model)
    where = f"[{model.__name__}] in {path}"
    if missing := OF_A_MODEL - {*declared}:
        yield f"{model._meta.label}: add {', '.join(sorted(missing))} to {where}"
    told = declared.get("fields", {})
    names = {field.name for field in fields(model)}
    for name in sorted(names - {*told}):
        example = f'{name} = {{ class = "...", purpose = "..." }}'
        yield f"{model._meta.label}.{name}: add `{example}` to [{model.__name__}.fields] in {path}"
    for name in sorted({*told} - names):
        yield f"{model._meta.label} has no field {name}: take it out of {where}"
    for field in fields(model):
        if field.name in told:
            yield from problems_of_field(
                f"{model._meta.label}.{field.name} in {path}", field, told[field.name]
            )


def problems_of_field(where: str, field: "Field[Any, Any]", told: dict[str, Any]) -> Iterator[str]:
    classes = as_tuple(told.get("class", ()))
    if not classes or {*classes} - {*CLASSES}:
        yield f"{where}: class must be one or more of {', '.join(CLASSES)}"
    if not told.get("purpose"):
        yield f"{where}: say its purpose"
    if unknown := {*told} - OF_A_FIELD:
        yield f"{where}: unknown {', '.join(sorted(unknown))}"
    if "stored" in told and isinstance(field, EncryptedTextField):
        yield f"{where}: it is encrypted, so leave out stored"


def shown(path: Path) -> str:
    """Return a path as seen from the top of the project."""
    return path.relative_to(PROJECT).as_posix()
