"""Read a table in batches by key: memory stays flat, nothing stays locked, and the server holds no cursor."""

from collections.abc import Iterator
from typing import Any, TypeVar

from django.db.models import Model, QuerySet

M = TypeVar("M", bound=Model)
R = TypeVar("R")


def batches(rows: "QuerySet[M, R]", size: int, key: str = "pk") -> Iterator[list[R]]:
    """Yield the rows in key order, each batch from a query of its own.

    Args:
        rows: instances, or tuples of ``values_list`` with the key first. Their own order is replaced.
        size: the most rows of one batch.
        key: a unique field.
    """
    rows = rows.order_by(key)
    batch = list(rows[:size])
    while batch:
        yield batch
        batch = list(rows.filter(**{f"{key}__gt": _key_of(batch[-1], key)})[:size])


def _key_of(row: Any, key: str) -> Any:
    return row[0] if isinstance(row, tuple) else getattr(row, key)
