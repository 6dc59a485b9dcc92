"""How many tests ``make test`` leaves to ``make test-all``."""

import subprocess
import sys
from itertools import pairwise

import pytest

from tests.support.tries import spread


@pytest.mark.parametrize(
    ("count", "of", "numbers"),
    [
        (1, 4, {0}),
        (2, 4, {0, 2}),
        (3, 12, {0, 4, 8}),
        (3, 10, {0, 3, 6}),
        (4, 4, {0, 1, 2, 3}),
        (5, 2, {0, 1}),
    ],
)
def test_numbers_are_spread_evenly(count, of, numbers):
    assert spread(count, of) == numbers


def collected(*options: str) -> int:
    test = "tests/test_tries.py::test_numbers_are_spread_evenly_over_many"
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-n",
        "0",
        "-p",
        "no:cacheprovider",
        "--collect-only",
        test,
    ]
    listed = subprocess.run([*command, *options], capture_output=True, text=True).stdout
    return listed.count("::test_numbers_are_spread_evenly_over_many[")


@pytest.mark.some(3)
@pytest.mark.parametrize("of", range(3, 40))
def test_numbers_are_spread_evenly_over_many(of):
    gaps = sorted(spread(3, of) | {of})
    assert max(b - a for a, b in pairwise(gaps)) <= of // 3 + 1


def test_a_commit_runs_some_of_the_parameters_and_all_are_left_for_the_whole():
    assert (collected("-m", "not slow"), collected("-m", "slow"), collected()) == (3, 34, 37)
