"""Remember when each job of a timer ran last, so that a timer that stopped is noticed (manage.py doctor)."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime

from django.db import Error, models
from django.utils import timezone


class JobRun(models.Model):
    """The last runs of one job.

    Attributes:
        name: the job, such as "notify".
        ran_at: when it ended last, whether it succeeded or not.
        succeeded_at: when it succeeded last; None if it never did.
    """

    name = models.CharField(max_length=32, unique=True)
    ran_at = models.DateTimeField()
    succeeded_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.name}: {self.ran_at}"


@contextmanager
def recorded(name: str) -> Iterator[None]:
    """Run a block and store when it ended; without an exception, it succeeded.

    If the run of a block that failed cannot be stored, only the exception of the block is raised.

    Args:
        name: the job.
    """
    try:
        yield
    except Exception:
        with suppress(Error):
            _store(name, ran_at=timezone.now())
        raise
    now = timezone.now()
    _store(name, ran_at=now, succeeded_at=now)


def _store(name: str, **times: datetime) -> None:
    row = JobRun(name=name, **times)
    JobRun.objects.bulk_create([row], update_conflicts=True, unique_fields=["name"], update_fields=[*times])
