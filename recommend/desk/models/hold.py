"""Legal holds: cases that must not be purged for a time, such as for a court."""

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from carenav.plumbing.crypto import EncryptedTextField
from recommend.desk.models.case import Case, both_or_neither


class LegalHold(models.Model):
    """A reason not to purge a case, set by a lead. Earlier holds of a case stay in the table.

    Attributes:
        why: the reason, encrypted.
        until: the last day of the hold; None if it lasts until somebody ends it.
        ended_by: who ended it before its last day.
    """

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="holds")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    why = EncryptedTextField()
    until = models.DateField(null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-at", "-pk"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(ended_at__isnull=True), name="legal_hold_one_at_a_time"
            ),
            models.CheckConstraint(
                condition=both_or_neither("ended_by", "ended_at"), name="legal_hold_ended_by_whom_and_when"
            ),
        ]

    def __str__(self) -> str:
        return f"legal hold of {self.case} {self.in_words}"

    @property
    def in_words(self) -> str:
        """How long it lasts: "until 2027-01-31" or "until somebody ends it"."""
        return f"until {self.until}" if self.until else "until somebody ends it"


def in_force(today: date) -> Q:
    """Return a condition for the holds in force on a day."""
    return Q(ended_at__isnull=True) & (Q(until__isnull=True) | Q(until__gte=today))
