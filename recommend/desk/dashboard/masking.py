"""Mask counts in what leaves the building, so that no number there can identify a person.

A count is rounded down to a multiple of five: "<5" (also for zero), "5+", "10+" and so on. A set of cases is divided
into at most four counts, and no sums are given. So an exact count cannot be derived from others: a total of up to four
counts, or the same cases divided in another way, leaves at least two possible values (tests/desk/test_dashboard_file.py
tries them). With five counts it could: if all five are four and their total is 20, "<5" five times and "20+" say so.
"""

from dataclasses import dataclass

STEP = 5
MOST_COUNTS = 4
"""The most counts into which a set of cases may be divided."""


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
