"""What a server does before it serves: it checks that what is stored still fits the files, and builds what is slow."""

import gc
import logging

from django.core.checks import Tags, run_checks
from django.core.exceptions import ImproperlyConfigured
from django.db import connections

from carenav.plumbing.db_timeout import PAGE, time_limit
from recommend import content
from recommend.engine.analysis.answer_space import answer_space_of

logger = logging.getLogger(__name__)


def check_database() -> None:
    """Run the system checks of the database, as a server runs none of its own.

    A database that does not answer in time keeps no server from starting: the crisis pages need none.

    Raises:
        ImproperlyConfigured: a check found an error, such as a changed file that has decided stored cases.
    """
    with time_limit(PAGE):
        messages = run_checks(tags=[Tags.database], databases=["default"])
    connections.close_all()  # a server may fork after this, and no two processes may share a connection
    if errors := [str(message.msg) for message in messages if message.is_serious()]:
        raise ImproperlyConfigured("; ".join(errors))
    for message in messages:
        logger.warning("%s", message.msg)


def build_answer_space() -> None:
    """Build the answer space that results are explained from, so that the first person does not wait for it.

    It is some 500,000 objects that never go away: the garbage collector need not look at them, now or ever.
    """
    gc.disable()
    try:
        answer_space_of(content.ruleset())
        gc.freeze()
    finally:
        gc.enable()
