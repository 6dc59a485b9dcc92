"""Counts of recent failed attempts and of recent requests, by a keyed hash of who made them."""

from datetime import datetime

from django.db import models

from carenav.plumbing.moments import seconds_until
from carenav.plumbing.throttle.rates import Rate


class FailedAttempts(models.Model):
    """How many wrong codes came from one network address in the last hour. Holds a keyed hash of the address."""

    address = models.CharField(max_length=64, unique=True)
    count = models.PositiveIntegerField(default=0)
    last_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name_plural = "failed attempts"

    def __str__(self) -> str:
        return f"{self.count} failed attempts"


class Bucket(models.Model):
    """What somebody may still do of one kind: a token bucket, kept as the moment when it is full again.

    Attributes:
        key: a keyed hash of the kind and of who it is.
        full_at: when it is full; from then on the row is not needed.
        note: what the one who counts remembers while the bucket is not full.
    """

    key = models.CharField(max_length=64, unique=True)
    full_at = models.DateTimeField(db_index=True)
    note = models.CharField(max_length=16, blank=True, default="")

    def __str__(self) -> str:
        return f"full at {self.full_at}"

    def wait(self, rate: Rate, now: datetime) -> int:
        """Return the seconds until there is a token, 0 if there is one."""
        allowed_at = self.full_at - (rate.burst - 1) * rate.every
        return seconds_until(allowed_at) if allowed_at > now else 0

    def take(self, rate: Rate, now: datetime) -> None:
        """Take a token. The caller has looked whether there is one."""
        if self.full_at <= now:
            self.note = ""
        self.full_at = max(self.full_at, now) + rate.every

    def put_back(self, rate: Rate) -> None:
        """Give a token back."""
        self.full_at -= rate.every
