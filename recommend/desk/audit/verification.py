"""Verify the chain of access events from the first row to the last."""

from collections.abc import Callable, Iterator
from itertools import chain

from django.conf import settings
from django.db import connection

from carenav.plumbing.batches import batches
from carenav.plumbing.crypto import blind_indexes
from recommend.desk.audit import append_only
from recommend.desk.audit.chain import is_signed, signed_text
from recommend.desk.models import AccessEvent, ChainHead

BATCH = 2000
"""Rows read by one query."""


class Verification:
    """One pass through the chain, with constant memory.

    Attributes:
        checked: the number of rows checked so far.
        last: the hash of the last row checked; "" before the first.
    """

    def __init__(self) -> None:
        self.checked = 0
        self.last = ""
        self._number = 0
        self._keys_left = len(settings.FIELD_KEYS) + len(settings.RETIRED_FIELD_KEYS)

    def faults(self, progress: Callable[[int], None] = lambda checked: None) -> Iterator[str]:
        """Check the chain, and yield a message for each fault, in the order of the rows.

        Args:
            progress: called after each row with the number of rows checked.
        """
        if not append_only.in_place(connection):
            yield "the trigger that refuses changes is gone or off"
        # Read the head before the rows: rows added during the run are then more than the head says, never fewer.
        head = ChainHead.objects.first()
        if head is None:
            yield "the head is missing"
        elif not is_signed(head):
            yield "the head was changed"
        at_head = ""
        for event in self._events():
            yield from self._faults_of(event)
            progress(self.checked)
            if head and event.number == head.count:
                at_head = event.hash
        if head and self._number < head.count:
            yield f"{_rows(self._number + 1, head.count)} missing at the end"
        elif head and at_head != head.hash:
            yield f"row {head.count} is not the one that the head names"

    def _events(self) -> Iterator[AccessEvent]:
        return chain.from_iterable(batches(AccessEvent.objects.all(), BATCH, "number"))

    def _faults_of(self, event: AccessEvent) -> Iterator[str]:
        if event.number < 1:
            yield f"row {event.number} was inserted"
            return
        follows = event.number == self._number + 1
        if not follows:
            yield f"{_rows(self._number + 1, event.number - 1)} missing"
        text = signed_text(event, self.last)
        signatures = blind_indexes("audit", text, settings.RETIRED_FIELD_KEYS)[: self._keys_left]
        if event.hash in signatures:
            # The keys are in order, newest first. A row must not be signed with an older key than the row before it,
            # so that nobody can add rows with a stolen retired key.
            self._keys_left = signatures.index(event.hash) + 1
        elif follows:
            yield f"row {event.number} was changed, inserted or moved, or its key is not in RETIRED_FIELD_KEYS"
        self._number, self.last = event.number, event.hash
        self.checked += 1


def _rows(first: int, last: int) -> str:
    return f"row {first} is" if first == last else f"rows {first} to {last} are"
