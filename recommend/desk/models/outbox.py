"""Messages to the team that wait to be sent."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from recommend.desk.models.case import Case


class OutboxMessage(models.Model):
    """A message to the team that waits to be sent. It says that a case waits, never anything about health.

    ``due_at`` is when it may be tried next; whoever tries it moves that on first, so that nobody else does.
    """

    class Kind(models.TextChoices):
        CASE = "case", _("A case is waiting")
        URGENT_CASE = "urgent_case", _("An urgent case is waiting")

    kind = models.CharField(max_length=12, choices=Kind)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="messages")
    created_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(default=timezone.now)
    tries = models.PositiveIntegerField(default=0)  # that failed
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], name="outbox_waiting", condition=Q(sent_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.case}"
