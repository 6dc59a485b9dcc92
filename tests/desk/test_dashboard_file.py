"""The figures that leave the building: no people, no small counts, and none that follow from others."""

import csv
import io
import itertools
from collections import defaultdict

import pytest
from django.test import Client
from django.utils import timezone

from recommend.desk.dashboard import masking
from recommend.desk.dashboard.figures_file import HEADER, file_of
from recommend.desk.dashboard.masking import MOST_COUNTS, MaskedCount
from recommend.desk.models import AccessEvent, Case
from tests.support.made_up_cases import make_cases
from tests.support.people import BOB
from tests.support.staff import sign_in
from tests.support.submissions import CANARIES, send_answers

PATH = "/staff/dashboard/figures.csv"


def lines(text: str) -> list[list[str]]:
    header, *rows = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    assert tuple(header) == HEADER
    return rows


@pytest.mark.parametrize(
    ("count", "words"), [(0, "<5"), (1, "<5"), (4, "<5"), (5, "5+"), (9, "5+"), (10, "10+"), (1234, "1,230+")]
)
def test_a_count_is_the_step_of_five_that_it_lies_in(count, words):
    assert str(MaskedCount.of(count)) == words


def seen(counts) -> tuple[MaskedCount, ...]:
    return tuple(map(MaskedCount.of, counts))


@pytest.mark.parametrize("cells", [1, 2, 3, 4])
def test_no_small_count_follows_from_others_and_their_total(cells):
    """Whatever is seen of up to four counts and their total, each of the small ones may be two numbers at least."""
    possible = defaultdict(set)
    for counts in itertools.product(range(15 if cells < 4 else 10), repeat=cells):
        what = (*seen(counts), MaskedCount.of(sum(counts)))
        for place, count in enumerate(counts):
            if count < masking.STEP:
                possible[what, place].add(count)
    assert possible
    assert min(map(len, possible.values())) >= 2


def totals_by_what_is_seen(cells: int, most: int) -> dict[tuple[MaskedCount, ...], set[int]]:
    """The totals that are possible for each way in which so many masked counts can look."""
    found = defaultdict(set)
    for counts in itertools.product(range(most), repeat=cells):
        found[seen(counts)].add(sum(counts))
    return found


def least_choice(cells: int, others: int, most: int = 10) -> int:
    """How many values a small count has at least, if the same cases are divided into other counts as well."""
    possible, divided = defaultdict(set), totals_by_what_is_seen(others, most * 2)
    spans = {(min(totals), max(totals)) for totals in divided.values()}
    for counts in itertools.product(range(most), repeat=cells):
        for low, high in spans:
            if low <= sum(counts) <= high:
                for place, count in enumerate(counts):
                    if count < masking.STEP:
                        possible[seen(counts), (low, high), place].add(count)
    return min(map(len, possible.values()))


@pytest.mark.parametrize(("cells", "others"), [(2, 2), (3, 2), (2, 3), (3, 3), (4, 1), (4, 2)])
def test_no_small_count_follows_from_the_same_cases_divided_in_another_way(cells, others):
    assert least_choice(cells, others) >= 2


def test_five_counts_would_give_a_small_one_away():
    """Five times four is twenty, and "20+" says so: the reason for ``MOST_COUNTS``."""
    fives = [c for c in itertools.product(range(5), repeat=5) if MaskedCount.of(sum(c)).at_least == 20]
    assert fives == [(4, 4, 4, 4, 4)]
    assert MOST_COUNTS == 4


# ---- the file


@pytest.mark.django_db
def test_no_set_of_cases_is_divided_into_more_than_four_counts():
    now = timezone.now()
    make_cases(60, now)
    divided = defaultdict(list)
    for table, row, column, value in lines(file_of(90, now)):
        divided[table, column].append((row, value))
    assert set(divided) > {
        ("Sent", "cases"),
        ("Recommended level", "cases"),
        ("How far cases came", "Placed"),
    }
    assert max(map(len, divided.values())) <= MOST_COUNTS
    assert not any(row.lower() in ("total", "all") for rows in divided.values() for row, _value in rows)


@pytest.mark.django_db
def test_file_has_masked_counts_and_no_people(client):
    for _ in range(3):
        send_answers(Client(), BOB)
    sign_in(client, "clinical lead")
    response = client.get(PATH)
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    text = response.content.decode()
    values = {value for _table, _row, _column, value in lines(text)}
    assert values == {"<5", "–"}
    for word in (*CANARIES.values(), *Case.objects.values_list("reference", flat=True), "weekly-not-enough"):
        assert word not in text
    event = AccessEvent.objects.first()
    assert (event.verb, event.what) == ("export", "figures")


@pytest.mark.django_db
def test_a_change_by_one_person_often_changes_nothing_in_the_file():
    now = timezone.now()
    send_answers(Client(), BOB)
    before = file_of(90, now)
    send_answers(Client(), BOB)
    assert file_of(90, timezone.now()) == before
