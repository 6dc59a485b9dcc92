"""Mask counts, so that no number on the dashboard can identify a person.

A count is rounded down to a multiple of five: "<5" (also for zero), "5+", "10+" and so on. No sums of masked counts are
shown. So an exact count cannot be derived from others: a total of up to four counts, or the same cases counted in
another table, always leaves at least two possible values (tests/desk/test_dashboard.py tries all of them).
"""

from dataclasses import dataclass

STEP = 5


@dataclass(frozen=True)
class MaskedCount:
    """A count that may be shown. The exact count is not stored.

    Attributes:
        at_least: the exact count, rounded down to a multiple of STEP.
    """

    at_least: int

    @classmethod
    def of(cls, count: int) -> "MaskedCount":
        """Return the masked form of an exact count."""
        return cls(count - count % STEP)

    def __str__(self) -> str:
        return f"{self.at_least:,}+" if self.at_least else f"<{STEP}"
