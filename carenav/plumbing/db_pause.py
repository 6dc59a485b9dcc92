"""Stop using the database for a short time after it failed, for pages that can do without it.

Each request that waits for a frozen database blocks a thread. If many people came at once, the last would wait for all
the others.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

from django.db import Error, OperationalError


class Pause:
    """A time after a database failure in which this process does not use the database.

    Attributes:
        seconds: the length of the pause.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._until = 0.0

    @contextmanager
    def after_failure(self) -> Iterator[None]:
        """Run a block that uses the database, and start the pause if the block raises a database error.

        Raises:
            OperationalError: the pause has not ended, so the block did not run.
        """
        if monotonic() < self._until:
            raise OperationalError("the database failed a moment ago")
        try:
            yield
        except Error:
            self._until = monotonic() + self.seconds
            raise

    def end(self) -> None:
        self._until = 0.0
