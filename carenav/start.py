"""Prepare a server before its first request: check the database, and build what is slow to build."""

import gc
import logging
import os

from django.conf import settings
from django.core.checks import Tags, run_checks
from django.core.exceptions import ImproperlyConfigured
from django.db import connections

from carenav.clinic.saved import refresh
from carenav.plumbing.db_timeout import PAGE, if_it_answers, time_limit
from recommend import content
from recommend.engine.analysis.answer_space import answer_space_of

logger = logging.getLogger(__name__)


def check_database() -> None:
    """Run the system checks of the database, which a WSGI server does not run by itself, and log their warnings.

    The server starts even if the database does not answer in time, because the crisis pages need no database.

    Raises:
        ImproperlyConfigured: a check found an error, such as a change in a rule set by which stored cases were decided.
    """
    with time_limit(PAGE):
        messages = run_checks(tags=[Tags.database], databases=["default"])
    connections.close_all()  # the server may fork after this, and processes must not share a connection
    if errors := [str(message.msg) for message in messages if message.is_serious()]:
        raise ImproperlyConfigured("; ".join(errors))
    for message in messages:
        logger.warning("%s", message.msg)


def check_metrics() -> None:
    """Check that the processes of the site can add up what they count.

    Raises:
        ImproperlyConfigured: ``METRICS_TOKEN`` is set and PROMETHEUS_MULTIPROC_DIR is not a folder to write to.
    """
    folder = os.environ.get("PROMETHEUS_MULTIPROC_DIR", "")
    if settings.PRODUCTION and settings.METRICS_TOKEN and not os.access(folder, os.W_OK):
        raise ImproperlyConfigured(
            "METRICS_TOKEN is set: PROMETHEUS_MULTIPROC_DIR must name an empty folder that carenav can write to"
        )


def read_clinic_settings() -> None:
    """Read the clinic's settings that were saved last from the database, once, into the file and into memory.

    Another machine may have saved them. If the database does not answer in time, those of the file hold.
    """
    with if_it_answers(PAGE):
        refresh()
    connections.close_all()


def build_answer_space() -> None:
    """Build the answer space, from which results are explained, so that the first person does not wait for it.

    It consists of some 500,000 objects that are never freed, so they are hidden from the garbage collector.
    """
    gc.disable()
    try:
        answer_space_of(content.ruleset())
        gc.freeze()
    finally:
        gc.enable()
