"""Time that tests move."""

import time
from datetime import timedelta

import pytest
from django.utils import timezone


class Clock:
    """Moves the time that codes, waits, links and sessions go by; seconds."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.ahead = 0.0
        real, real_now = time.time, timezone.now
        patch.setattr("time.time", lambda: real() + self.ahead)
        patch.setattr("django.utils.timezone.now", lambda: real_now() + timedelta(seconds=self.ahead))

    def forward(self, seconds: float) -> None:
        self.ahead += seconds
