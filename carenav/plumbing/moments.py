"""Arithmetic on points in time."""

from datetime import datetime
from math import ceil

from django.utils import timezone


def seconds_until(moment: datetime) -> int:
    """Whole seconds, rounded up: 0 says that the moment has passed."""
    return max(0, ceil((moment - timezone.now()).total_seconds()))
