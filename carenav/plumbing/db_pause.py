"""Leave a database alone for a moment after it failed, where a page can do without it.

Each page that waits for a frozen database keeps a thread for as long as it waits. When many people ask at once, the
last of them would wait for all the others.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

from django.db import Error, OperationalError


class Pause:
    """A moment in which this process does not ask.

    Attributes:
        seconds: how long it is.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._until = 0.0

    @contextmanager
    def after_failure(self) -> Iterator[None]:
        """Run a block that asks the database; begin the moment if it fails.

        Raises:
            OperationalError: the block did not run, because the moment is not over.
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
