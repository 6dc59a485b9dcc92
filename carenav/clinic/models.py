"""What administrators saved about the clinic: versions of its settings, and checks of crisis lines."""

from django.conf import settings
from django.db import models
from django.utils import timezone


class ClinicVersion(models.Model):
    """One version of the clinic's settings. Versions are only added; the one with the highest number holds.

    Attributes:
        number: 1, 2, 3 and so on. It is unique, so if two people save at the same time, one gets an error.
        texts: the text of each setting, keyed by the name of its variable.
        by: the administrator who saved it.
        at: when it was saved.
        taken_from: the number of the earlier version that was taken back; None if it was typed.
    """

    number = models.PositiveIntegerField(unique=True)
    texts = models.JSONField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    taken_from = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        ordering = ["-number"]
        verbose_name = "version of the clinic’s settings"
        verbose_name_plural = "versions of the clinic’s settings"

    def __str__(self) -> str:
        return f"version {self.number}"


class LineCheck(models.Model):
    """One check of a crisis line: somebody called it, or compared it with its source. Checks are only added.

    Attributes:
        line: the id of the line.
        numbers: what was checked; a check says nothing about numbers that the line got later.
        by: the administrator.
        at: when it was.
    """

    line = models.CharField(max_length=64)
    numbers = models.CharField(max_length=400)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-at"]
        verbose_name = "check of a crisis line"
        verbose_name_plural = "checks of crisis lines"
        indexes = [models.Index(fields=["line", "-at"], name="checks_of_a_line")]

    def __str__(self) -> str:
        return f"{self.line}: {self.at}"
