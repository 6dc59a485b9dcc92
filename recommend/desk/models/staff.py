"""What the desk stores about staff users in addition to their accounts."""

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import F, Q


class StaffMember(models.Model):
    """Whether a staff user is on duty or away. ``notifications.on_duty`` says which of those on duty get e-mail.

    Attributes:
        away_from: the first day of an absence; None if none is planned.
        away_until: its last day.
    """

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="staff")
    on_duty = models.BooleanField(default=False, help_text="Is told by e-mail that a case is waiting.")
    away_from = models.DateField(null=True, blank=True)
    away_until = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(away_from__isnull=True, away_until__isnull=True)
                | Q(away_from__isnull=False, away_until__gte=F("away_from")),
                name="staff_away_from_when_until_when",
            )
        ]

    def __str__(self) -> str:
        return str(self.user)

    def is_away(self, day: date) -> bool:
        """Return whether the user is absent on this day."""
        return bool(self.away_from and self.away_until and self.away_from <= day <= self.away_until)
