"""What a staff user typed on a case page and has not saved yet."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone

from carenav.plumbing.crypto import EncryptedTextField
from recommend.desk.models.case import Case


class UnsavedWorkQuerySet(models.QuerySet["UnsavedWork"]):
    def alive(self) -> "UnsavedWorkQuerySet":
        """Return the unsaved work that has not expired."""
        return self.filter(kept_at__gt=expired_before())

    def gone(self) -> "UnsavedWorkQuerySet":
        """Return the expired unsaved work."""
        return self.filter(kept_at__lte=expired_before())


def expired_before() -> datetime:
    """Return the time before which unsaved work has expired."""
    return timezone.now() - timedelta(hours=settings.UNSAVED_WORK_HOURS)


class UnsavedWork(models.Model):
    """The unsaved form of a case page as one staff user left it. Only they see it again. Deleted when they save.

    Attributes:
        by: the staff user.
        typed: the fields that were filled in, as JSON, encrypted.
        kept_at: when it was last stored.
    """

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="unsaved_work")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    typed = EncryptedTextField()
    kept_at = models.DateTimeField(default=timezone.now, db_index=True)

    objects = UnsavedWorkQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "by"], name="unsaved_work_once_a_person")]

    def __str__(self) -> str:
        return f"unsaved work on {self.case}"
