"""How many times tests with random input run: few in ``make test``, many in ``make test-all``."""

import os

THOROUGH = os.environ.get("THOROUGH") == "yes"


def tries(for_a_commit: int, in_all: int) -> int:
    """Return the first number in ``make test`` and the second in ``make test-all``."""
    return in_all if THOROUGH else for_a_commit


def spread(count: int, of: int) -> set[int]:
    """Return so many of the numbers from 0 to ``of - 1``, the first among them, spread evenly."""
    return {index * of // count for index in range(count)}
