"""A clock that tests can move forward."""

import time
from datetime import timedelta

import pytest
from django.utils import timezone


class Clock:
    """Patches ``time.time`` and ``timezone.now``, by which codes, waits, links and sessions go.

    Attributes:
        ahead: by how many seconds the clock is ahead of the real time.
    """

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.ahead = 0.0
        real, real_now = time.time, timezone.now
        patch.setattr("time.time", lambda: real() + self.ahead)
        patch.setattr("django.utils.timezone.now", lambda: real_now() + timedelta(seconds=self.ahead))

    def forward(self, seconds: float) -> None:
        self.ahead += seconds
