"""Note that a case was deleted, in the transaction that deletes it, and delete it again in a restored database."""

import logging
from collections.abc import Iterable, Iterator
from itertools import islice

from django.db import DatabaseError, transaction

from intake.models import Submission
from recommend.desk.models import Removal
from recommend.desk.recovery import ledger

logger = logging.getLogger(__name__)

BATCH = 500


def note(keys: Iterable[str], why: Removal.Why) -> None:
    """Note that the case with these submissions is deleted. Once the transaction is stored, the ledger says so too.

    Args:
        keys: ``Submission.key`` of each submission of the case.
        why: who deleted it.
    """
    Removal.objects.bulk_create(Removal(key=key, why=why) for key in keys)
    transaction.on_commit(write_now)


def write_now() -> None:
    """Write the ledger. A failure is logged and not raised: the case is deleted, and a later run writes the line."""
    try:
        ledger.write_missing()
    except (OSError, DatabaseError) as error:
        logger.error("the ledger of deletions could not be written: %s", type(error).__name__)


def still_there(entries: Iterable[ledger.Entry]) -> Iterator[tuple[str, Submission]]:
    """Yield why and one submission of each case in the ledger that this database still has.

    Args:
        entries: the ledger; it is read in batches.
    """
    entries = iter(entries)
    while batch := list(islice(entries, BATCH)):
        why = {entry.key: entry.why for entry in batch}
        found = Submission.objects.filter(key__in=why).only("key", "reference")
        yield from ((why[each.key], each) for each in found)
