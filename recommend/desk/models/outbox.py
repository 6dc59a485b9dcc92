"""The outbox: e-mail to the team that waits to be sent."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from recommend.desk.models.case import Case


class OutboxMessage(models.Model):
    """A message to the team that a case is waiting; nothing about health.

    Attributes:
        due_at: when it may be sent next. A run postpones this before sending, so that no other run sends it too.
        tries: how many attempts failed.
    """

    class Kind(models.TextChoices):
        CASE = "case", _("A case is waiting")
        URGENT_CASE = "urgent_case", _("An urgent case is waiting")

    kind = models.CharField(max_length=12, choices=Kind)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="messages")
    created_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(default=timezone.now)
    tries = models.PositiveIntegerField(default=0)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], name="outbox_waiting", condition=Q(sent_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.case}"
