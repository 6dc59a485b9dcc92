"""Arithmetic on times."""

from datetime import datetime
from math import ceil

from django.utils import timezone


def seconds_until(moment: datetime) -> int:
    """Return the seconds until a time, rounded up; 0 if it has passed."""
    return max(0, ceil((moment - timezone.now()).total_seconds()))
