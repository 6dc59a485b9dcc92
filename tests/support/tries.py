"""How often the tests try at random: enough for a commit in `make test`, many more times in `make test-all`."""

import os

THOROUGH = os.environ.get("THOROUGH") == "yes"


def tries(for_a_commit: int, in_all: int) -> int:
    """Return how often to try."""
    return in_all if THOROUGH else for_a_commit
