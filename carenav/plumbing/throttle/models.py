"""Counts of recent failed attempts and recent requests, keyed by a hash of who made them."""

from datetime import datetime

from django.db import models

from carenav.plumbing.moments import seconds_until
from carenav.plumbing.throttle.rates import Rate


class FailedAttempts(models.Model):
    """The number of recent wrong codes from one network address. Stores a keyed hash, not the address itself."""

    address = models.CharField(max_length=64, unique=True)
    count = models.PositiveIntegerField(default=0)
    last_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name_plural = "failed attempts"

    def __str__(self) -> str:
        return f"{self.count} failed attempts"


class Bucket(models.Model):
    """A token bucket: how many more requests of one kind are allowed. Only the time when it is full again is stored.

    Attributes:
        key: a keyed hash of the kind and of whose requests are counted.
        full_at: when the bucket is full again; after that, the row is not needed.
        note: a value that the counting code stores while the bucket is not full.
    """

    key = models.CharField(max_length=64, unique=True)
    full_at = models.DateTimeField(db_index=True)
    note = models.CharField(max_length=16, blank=True, default="")

    def __str__(self) -> str:
        return f"full at {self.full_at}"

    def wait(self, rate: Rate, now: datetime) -> int:
        """Return the seconds until the bucket has a token; 0 if it has one."""
        allowed_at = self.full_at - (rate.burst - 1) * rate.every
        return seconds_until(allowed_at) if allowed_at > now else 0

    def take(self, rate: Rate, now: datetime) -> None:
        """Take a token, without saving. Call :meth:`wait` first to check that there is one."""
        if self.full_at <= now:
            self.note = ""
        self.full_at = max(self.full_at, now) + rate.every

    def put_back(self, rate: Rate) -> None:
        """Put a token back, without saving."""
        self.full_at -= rate.every
