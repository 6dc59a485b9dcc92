"""Counts of recent failed attempts, by a keyed hash of who made them."""

from django.db import models


class FailedAttempts(models.Model):
    """How many wrong codes came from one network address in the last hour. Holds a keyed hash of the address.

    Staff sign-in counts its guesses here too, by account and address (carenav/accounts/throttling.py).
    """

    address = models.CharField(max_length=64, unique=True)
    count = models.PositiveIntegerField(default=0)
    last_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name_plural = "failed attempts"

    def __str__(self) -> str:
        return f"{self.count} failed attempts"
