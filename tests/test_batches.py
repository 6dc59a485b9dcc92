"""Reading a table in batches."""

from itertools import islice

import pytest

from carenav.plumbing.batches import batches
from carenav.plumbing.throttle.models import FailedAttempts
from tests.support.database import count_queries

pytestmark = pytest.mark.django_db


@pytest.fixture
def addresses():
    stored = [f"address {number}" for number in (3, 1, 4, 0, 2)]
    for address in stored:
        FailedAttempts.objects.create(address=address, last_at="2026-11-30T00:00:00Z")
    return sorted(stored)


@pytest.mark.parametrize("size", [1, 2, 4, 5, 6])
def test_batches_of_any_size_yield_each_row_once_in_key_order(addresses, size):
    read = list(islice(batches(FailedAttempts.objects.order_by("-last_at"), size, "address"), 9))
    assert [row.address for batch in read for row in batch] == addresses
    assert [len(batch) for batch in read[:-1]] == [size] * (len(read) - 1)
    assert len(read[-1]) <= size


def test_batches_of_tuples_continue_after_their_first_value(addresses):
    rows = FailedAttempts.objects.values_list("address", "count")
    assert [row[0] for batch in islice(batches(rows, 2, "address"), 9) for row in batch] == addresses


def test_batches_read_no_more_rows_than_taken(addresses):
    with count_queries() as done:
        next(batches(FailedAttempts.objects.all(), 2))
    assert len(done) == 1
    assert "LIMIT 2" in done[0]


def test_batches_of_no_rows_yield_nothing():
    assert list(batches(FailedAttempts.objects.all(), 2)) == []
