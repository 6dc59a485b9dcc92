"""Read a large table in batches, with constant memory, without locks and without a server-side cursor."""

from collections.abc import Iterator
from typing import Any, TypeVar

from django.db.models import Model, QuerySet

M = TypeVar("M", bound=Model)
R = TypeVar("R")


def batches(rows: "QuerySet[M, R]", size: int, key: str = "pk") -> Iterator[list[R]]:
    """Yield lists of rows in the order of a key; each list is read by a separate query.

    Args:
        rows: a queryset of instances, or of ``values_list`` tuples with the key first. Its order is replaced.
        size: the most rows in one batch.
        key: the name of a unique field.
    """
    rows = rows.order_by(key)
    batch = list(rows[:size])
    while batch:
        yield batch
        batch = list(rows.filter(**{f"{key}__gt": _key_of(batch[-1], key)})[:size])


def _key_of(row: Any, key: str) -> Any:
    return row[0] if isinstance(row, tuple) else getattr(row, key)
