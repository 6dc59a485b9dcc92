"""The outbox: e-mail that waits to be sent, to the team or to a person."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from recommend.desk.models.case import Case
from recommend.desk.models.work import ContactAttempt


class OutboxMessage(models.Model):
    """An e-mail to the team that a case is waiting, or a message to a person. It says nothing about health.

    Attributes:
        kind: what it says and to whom.
        case: the case that it is about.
        attempt: the contact attempt that the message to a person is part of; None for a message to the team.
        due_at: when it may be sent next. A run postpones this before sending, so that no other run sends it too.
        tries: how many times sending failed.
        sent_at: when it was sent; None if it was not.
    """

    class Kind(models.TextChoices):
        CASE = "case", _("A case is waiting")
        URGENT_CASE = "urgent_case", _("An urgent case is waiting")
        TO_PERSON = "to_person", _("To the person")

    kind = models.CharField(max_length=12, choices=Kind)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="messages")
    attempt = models.OneToOneField(
        ContactAttempt, on_delete=models.CASCADE, null=True, blank=True, related_name="mail"
    )
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
