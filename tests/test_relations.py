"""Database relations and reverse accessors go down only, as imports do (see pyproject.toml, importlinter)."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db.models import Field

FLOORS = {"plumbing": 0, "clinic": 1, "accounts": 1, "intake": 2, "recommend": 3, "desk": 4}
"""How high each app stands; a relation may point to the same floor or a lower one."""

FOLDERS = {
    "carenav": 1,
    "intake": 2,
    "recommend/result": 3,
    "recommend/rules": 3,
    "recommend/levels": 3,
    "recommend/programs": 3,
}
"""The floor of the source files that must not name what a higher floor hangs on their models."""


def relations() -> Iterator[tuple[str, Field, str]]:
    """Each relation of our models, with the app it starts in and the app it points to."""
    for label in FLOORS:
        for model in apps.get_app_config(label).get_models():
            for field in model._meta.get_fields():
                if field.is_relation and not field.auto_created and field.related_model in apps.get_models():
                    yield label, field, field.related_model._meta.app_label


def reverse_accessors() -> dict[str, int]:
    """The names that models of our apps give themselves on models of a lower floor, with the floor they come from."""
    found = {}
    for label, field, target in relations():
        if target in FLOORS and FLOORS[label] > FLOORS[target] and not field.remote_field.hidden:
            found[field.remote_field.get_accessor_name()] = FLOORS[label]
    return found


def names_of(source: str) -> set[str]:
    """Attributes and strings in a source: what could name an accessor, also inside a query's double underscores."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute):
            names.add(node.attr)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.isidentifier():
            names.update(node.value.split("__"))
        elif isinstance(node, ast.keyword) and node.arg:
            names.update(node.arg.split("__"))
    return names


def named_against_the_arrow(source: str, floor: int) -> list[str]:
    """The reverse accessors of higher floors that a source on this floor names."""
    names = names_of(source)
    return sorted(name for name, origin in reverse_accessors().items() if origin > floor and name in names)


def test_every_relation_points_down():
    upward = [str(field) for label, field, target in relations() if FLOORS.get(target, 0) > FLOORS[label]]
    assert upward == []


def test_reverse_accessors_of_the_desk_are_known():
    assert reverse_accessors()["case"] == FLOORS["desk"]
    assert reverse_accessors()["recommendation"] == FLOORS["recommend"]


@pytest.mark.parametrize("folder", FOLDERS)
def test_no_source_names_a_reverse_accessor_of_a_higher_floor(folder):
    paths = Path(settings.BASE_DIR, folder).rglob("*.py")
    wrong = {
        str(path): names
        for path in paths
        if "migrations" not in path.parts
        and (names := named_against_the_arrow(path.read_text(), FOLDERS[folder]))
    }
    assert wrong == {}


@pytest.mark.parametrize(
    ("source", "floor", "named"),
    [
        ("Submission.objects.select_related('recommendation')", 2, ["recommendation"]),
        ("Submission.objects.filter(recommendation__level='php')", 2, ["recommendation"]),
        ("submission.case", 3, ["case"]),
        ("submission.recommendation", 3, []),
    ],
    ids=["in a string", "in a keyword", "as an attribute", "of the same floor"],
)
def test_accessor_against_the_arrow_is_found(source, floor, named):
    assert named_against_the_arrow(source, floor) == named
