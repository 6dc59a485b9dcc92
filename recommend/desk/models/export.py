"""The model that stores which cases were exported in a file."""

from django.conf import settings
from django.contrib.auth.models import User
from django.db import models, transaction
from django.utils import timezone

from recommend.desk.models.case import Case

BATCH = 1000


class Export(models.Model):
    """One exported file of cases. Never changed or deleted.

    The access log refers to an export by its ``str()``, so that wording must not change.

    Attributes:
        with_substance_use: whether the file has the answers on substance use.
        size: the number of cases.
    """

    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    with_substance_use = models.BooleanField()
    size = models.PositiveIntegerField()
    cases = models.ManyToManyField(Case, related_name="exports")

    def __str__(self) -> str:
        cases = "1 case" if self.size == 1 else f"{self.size} cases"
        return f"export {self.pk}: {cases} {self.with_or_without} answers on substance use"

    @property
    def with_or_without(self) -> str:
        """The word "with" or "without", to be followed by "answers on substance use"."""
        return "with" if self.with_substance_use else "without"

    @classmethod
    @transaction.atomic
    def store(cls, cases: models.QuerySet[Case], by: User, with_substance_use: bool) -> "Export":
        """Store which cases are exported and return the export. Call it before the file is sent.

        Args:
            cases: the cases, in any order.
            by: the staff user who exports them.
            with_substance_use: whether the file has the answers on substance use.
        """
        keys = list(cases.order_by().values_list("pk", flat=True))
        export = cls.objects.create(by=by, with_substance_use=with_substance_use, size=len(keys))
        row = cls.cases.through
        for start in range(0, len(keys), BATCH):
            part = keys[start : start + BATCH]
            row.objects.bulk_create(row(export=export, case_id=key) for key in part)
        return export
