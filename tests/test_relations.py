"""What import-linter cannot see: relations and names in queries go down the rooms, as imports do.

pyproject.toml lists the rooms for import-linter (`make lint`); the order here is the same.
"""

import ast
import sys
from collections.abc import Iterator

import pytest
from django.apps import apps
from django.conf import settings
from django.db import models

RANK = {  # lowest first; modules of carenav in none of these hold the site together and may name everything
    "recommend.engine": 0,
    "carenav.plumbing": 1,
    "carenav.clinic": 2,
    "carenav.accounts": 2,
    "intake": 3,
    "recommend": 4,
    "recommend.desk": 5,
}
QUERY_METHODS = {
    "Case", "Count", "Exists", "F", "FilteredRelation", "Max", "Min", "OuterRef", "Prefetch", "Q", "Sum", "When",
    "aggregate", "alias", "annotate", "defer", "exclude", "filter", "get", "getattr", "hasattr", "only", "order_by",
    "prefetch_related", "select_for_update", "select_related", "setattr", "values", "values_list",
}  # fmt: skip


def rank_of(module: str) -> int | None:
    """Return the rank of the room that holds this module; None for one in no room."""
    rooms = [room for room in RANK if f"{module}.".startswith(f"{room}.")]
    return RANK[max(rooms, key=len)] if rooms else None


def sources() -> Iterator[tuple[str, str]]:
    """Yield the dotted name and the source of each module in a room, migrations left out."""
    for package in ("carenav", "intake", "recommend"):
        for path in sorted((settings.BASE_DIR / package).rglob("*.py")):
            name = ".".join(path.relative_to(settings.BASE_DIR).with_suffix("").parts)
            if "migrations" not in path.parts and rank_of(name) is not None:
                yield name, path.read_text(encoding="utf-8")


def relations() -> Iterator[tuple[type[models.Model], models.Field, type[models.Model]]]:
    """Yield each model of a room, a relation that it defines, and the model that this points to."""
    for model in apps.get_models():
        if rank_of(model.__module__) is not None:
            for field in model._meta.get_fields():
                if field.is_relation and not field.auto_created and field.related_model:
                    yield model, field, field.related_model


def accessors() -> dict[str, int]:
    """Return each reverse name that a relation gives a model of a lower room, with the rank of the defining room."""
    found: dict[str, int] = {}
    for model, field, target in relations():
        rank = rank_of(model.__module__)
        if (rank_of(target.__module__) or 0) < rank and (name := field.remote_field.get_accessor_name()):
            for each in {name, field.related_query_name()}:
                found[each] = min(rank, found.get(each, rank))
    return found


def names_in_queries(source: str) -> Iterator[str]:
    """Yield each name that this source reads from an object or passes to a query, lookups taken apart."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called in QUERY_METHODS:
                for argument in node.args:
                    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                        yield from argument.value.lstrip("-").split("__")
                for keyword in node.keywords:
                    yield from (keyword.arg or "").split("__")


def against_the_arrow(module: str, source: str, names: dict[str, int]) -> set[str]:
    """Return the names of higher rooms that this module uses."""
    rank = rank_of(module)
    return {name for name in names_in_queries(source) if names.get(name, -1) > rank}


def test_relations_point_to_the_same_or_a_lower_room():
    found = list(relations())
    assert len(found) > 15
    assert [
        f"{model.__name__}.{field.name} points to {target.__name__}"
        for model, field, target in found
        if (rank_of(target.__module__) or 0) > rank_of(model.__module__)
    ] == []


def test_no_room_uses_a_reverse_name_of_a_higher_room():
    names = accessors()
    assert {"case", "recommendation"} <= names.keys()
    found = {module: against_the_arrow(module, source, names) for module, source in sources()}
    assert len(found) > 100
    assert {module: used for module, used in found.items() if used} == {}


def test_no_room_names_a_model_of_a_higher_room_in_a_string():
    above = {
        f"{model._meta.app_label}.{model.__name__}".lower(): rank_of(model.__module__)
        for model in apps.get_models()
        if rank_of(model.__module__) is not None
    }
    assert above["desk.case"] == RANK["recommend.desk"]
    assert [
        f"{module} names {node.value}"
        for module, source in sources()
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and above.get(node.value.lower(), -1) > rank_of(module)
    ] == []


@pytest.mark.parametrize(
    "source",
    [
        'Submission.objects.select_related("recommendation")',
        "Submission.objects.filter(recommendation__level=1)",
        'Submission.objects.order_by("-recommendation__level")',
        "submission.recommendation.level",
        'hasattr(submission, "recommendation")',
        "Q(recommendation__isnull=True)",
    ],
)
def test_a_reverse_name_is_found(source):
    names = {"recommendation": RANK["recommend"]}
    assert against_the_arrow("intake.models", source, names) == {"recommendation"}
    assert against_the_arrow("recommend.result.views", source, names) == set()


def test_the_engine_imports_only_the_standard_library():
    outside = []
    for path in sorted((settings.BASE_DIR / "recommend" / "engine").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module]
            outside += [
                f"{path.name} imports {name}"
                for name in names
                if name.split(".")[0] not in sys.stdlib_module_names
                and not name.startswith("recommend.engine")
            ]
    assert outside == []
