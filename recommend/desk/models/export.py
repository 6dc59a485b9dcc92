"""Which cases left the desk in a file."""

from django.conf import settings
from django.contrib.auth.models import User
from django.db import models, transaction
from django.utils import timezone

from recommend.desk.models.case import Case

ROWS_AT_ONCE = 1000


class Export(models.Model):
    """A file of cases that somebody had made: which ones, when, and with what. Never changed or deleted.

    The log speaks of it in the words of ``str()``.
    """

    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    with_substance_use = models.BooleanField()
    size = models.PositiveIntegerField()  # how many cases
    cases = models.ManyToManyField(Case, related_name="exports")

    def __str__(self) -> str:
        cases = "1 case" if self.size == 1 else f"{self.size} cases"
        return f"export {self.pk}: {cases} {self.said} answers on substance use"

    @property
    def said(self) -> str:
        """Whether answers on substance use are in it, as its name says."""
        return "with" if self.with_substance_use else "without"

    @classmethod
    @transaction.atomic
    def of(cls, cases: models.QuerySet[Case], by: User, with_substance_use: bool) -> "Export":
        """Keep which cases go out, before the first does."""
        keys = list(cases.order_by().values_list("pk", flat=True))
        export = cls.objects.create(by=by, with_substance_use=with_substance_use, size=len(keys))
        row = cls.cases.through
        for start in range(0, len(keys), ROWS_AT_ONCE):
            part = keys[start : start + ROWS_AT_ONCE]
            row.objects.bulk_create(row(export=export, case_id=key) for key in part)
        return export
