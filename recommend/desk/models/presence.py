"""Who has a case open at this moment, so that two people do not call the same person at once."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone

from recommend.desk.models.case import Case

LASTS = timedelta(seconds=75)
"""An open page says so every 30 seconds; after two silences it counts as closed."""


class Presence(models.Model):
    """That somebody has the page of a case open. Says nothing about the person whose case it is.

    Attributes:
        seen_at: when their page last said so.
    """

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="presences")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    seen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["case", "user"], name="presence_once_for_each")]

    def __str__(self) -> str:
        return f"{self.user} has {self.case} open"
