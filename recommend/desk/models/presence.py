"""Which staff users have a case page open now, so that two of them do not call the same person at once."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone

from recommend.desk.models.case import Case

LASTS = timedelta(seconds=75)
"""How long a page counts as open after its last request. A script on it makes one every 30 seconds."""


class Presence(models.Model):
    """A record that a staff user has the page of a case open.

    Attributes:
        seen_at: when a script on the page last reported that.
    """

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="presences")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    seen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["case", "user"], name="presence_once_for_each")]

    def __str__(self) -> str:
        return f"{self.user} has {self.case} open"
