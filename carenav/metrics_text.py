"""What ``/metrics`` counts and looks up. Imported only where ``METRICS_TOKEN`` is set.

Several processes serve the site. Each writes its counts into a file of its own in ``PROMETHEUS_MULTIPROC_DIR``, and the
one that is asked adds them up. Without that variable, as with ``make run``, it tells its own counts only.
"""

import os
from collections.abc import Iterator

from django.db import Error
from django.utils import timezone
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Histogram,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector

from carenav.plumbing.db_timeout import STRANGER, time_limit
from carenav.plumbing.jobs import JobRun
from intake.models import Draft
from recommend.desk import notifications
from recommend.desk.models import OPEN_STATUSES, Case
from recommend.desk.person_messages import mail

CONTENT_TYPE = CONTENT_TYPE_LATEST
SHARED = "PROMETHEUS_MULTIPROC_DIR"

disable_created_metrics()
COUNTED = CollectorRegistry()
REQUESTS = Counter(
    "carenav_requests", "Requests by URL name and class of status.", ["route", "status"], registry=COUNTED
)
SECONDS = Histogram(
    "carenav_request_seconds",
    "Seconds until a response was ready.",
    ["lane"],
    buckets=(0.05, 0.1, 0.2, 0.3, 0.5, 1, 2, 5, 10, 30),
    registry=COUNTED,
)


class State:
    """A collector of what the database says at this moment; only ``carenav_database_up`` if it does not answer."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        try:
            with time_limit(STRANGER):
                found = [*looked_up(), last_runs()]
        except Error:
            found = []
        yield GaugeMetricFamily("carenav_database_up", "Whether the database answered.", value=bool(found))
        yield from found


def looked_up() -> Iterator[GaugeMetricFamily]:
    late = notifications.backlog()
    oldest = (timezone.now() - late.oldest).total_seconds() if late else 0
    cases = Case.objects.filter(status__in=OPEN_STATUSES)
    for name, words, value in (
        ("carenav_drafts", "Drafts that can still be opened.", Draft.objects.alive().count()),
        ("carenav_open_cases", "Cases that are not placed or closed.", cases.count()),
        (
            "carenav_late_messages_to_staff",
            "E-mails to staff that failed or are overdue.",
            late.count if late else 0,
        ),
        ("carenav_late_message_to_staff_seconds", "The age of the oldest of them.", oldest),
        (
            "carenav_late_messages_to_people",
            "E-mails to people that failed or are overdue.",
            mail.backlog(),
        ),
    ):
        yield GaugeMetricFamily(name, words, value=value)


def last_runs() -> GaugeMetricFamily:
    """Return when each job of a timer succeeded last, as Unix time; 0 if it never did."""
    found = GaugeMetricFamily(
        "carenav_job_last_success_timestamp_seconds", "When each job succeeded last.", labels=["job"]
    )
    for name, succeeded in JobRun.objects.order_by("name").values_list("name", "succeeded_at"):
        found.add_metric([name], succeeded.timestamp() if succeeded else 0)
    return found


def text() -> bytes:
    """Return all numbers, of all processes."""
    counted = COUNTED
    if SHARED in os.environ:
        counted = CollectorRegistry()
        MultiProcessCollector(counted)
    state = CollectorRegistry()
    state.register(State())
    return generate_latest(counted) + generate_latest(state)
