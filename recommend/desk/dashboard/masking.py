"""Mask counts, so that no number on the dashboard can point at one person.

A count is shown as the step of five that it is in: "<5", "5+", "10+" and so on; zero is "<5" too. Nothing is added up.
So a small count cannot be derived from others: a total of up to four counts, or the same cases counted differently in
another table, always leaves at least two possible values (tests/desk/test_dashboard.py tries all of them).
"""

from dataclasses import dataclass

STEP = 5


@dataclass(frozen=True)
class MaskedCount:
    """A count that may be shown. The exact count is not kept.

    Attributes:
        at_least: the exact count, rounded down to a multiple of STEP.
    """

    at_least: int

    @classmethod
    def of(cls, count: int) -> "MaskedCount":
        """Mask an exact count."""
        return cls(count - count % STEP)

    def __str__(self) -> str:
        return f"{self.at_least:,}+" if self.at_least else f"<{STEP}"
