"""What a server looks at in its database before it serves: whether what is stored still fits the files."""

import logging

from django.core.checks import Tags, run_checks
from django.core.exceptions import ImproperlyConfigured
from django.db import connections

from carenav.plumbing.db_timeout import PAGE, time_limit

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
