"""Which cases were deleted, until a file outside the database says so too."""

from django.db import models
from django.utils import timezone


class Removal(models.Model):
    """A submission whose case was erased or purged. It is stored in the same transaction that deletes the data.

    Restoring a backup brings deleted cases back. So each removal is also written to the ledger of deletions, a file
    that no restore replaces (recommend/desk/recovery/ledger.py).

    Attributes:
        key: the random key of the submission (``Submission.key``). It says nothing about the person.
        why: who deleted it.
        at: when it was deleted.
        in_ledger: whether the ledger has it.
    """

    class Why(models.TextChoices):
        ERASED = "erased", "The person deleted it"
        PURGED = "purged", "Its retention period was over"

    key = models.CharField(max_length=64)
    why = models.CharField(max_length=6, choices=Why)
    at = models.DateTimeField(default=timezone.now)
    in_ledger = models.BooleanField(default=False)

    class Meta:
        default_permissions = ()
        indexes = [
            models.Index(fields=["id"], name="removal_not_in_ledger", condition=models.Q(in_ledger=False)),
        ]

    def __str__(self) -> str:
        return f"{self.why} at {self.at}"
