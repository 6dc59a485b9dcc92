from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from carenav.plumbing.jobs import recorded
from recommend.desk.audit.verification import Verification
from recommend.desk.models import AccessEvent

SHOWN = 20
"""The most faults that are listed; further ones are only counted."""
PROGRESS = 100_000
"""The number of rows between two lines of progress."""


class Command(BaseCommand):
    help = (
        "Walk along the log of who looked at what and tell every row that was changed, removed, inserted or moved. "
        "Ends with status 1 if there is one, else prints how many rows there are and the hash of the last: kept "
        "elsewhere, and given the next time as --contains, it also shows a log that was put back to an older state."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--contains", metavar="NUMBER:HASH", help="what an earlier run printed")

    @recorded("verify audit")
    def handle(self, *args: Any, **options: Any) -> None:
        walk = Verification()
        faults = self.faults(walk, options["contains"])
        shown = list(islice(faults, SHOWN))
        for fault in shown:
            self.stderr.write(fault)
        if more := sum(1 for _ in faults):
            self.stderr.write(f"and {more} more")
        if shown:
            raise CommandError(f"the log is NOT whole: {len(shown) + more} faults in {walk.checked} rows")
        self.stdout.write(f"{walk.checked} rows, whole. The last: {walk.checked}:{walk.last}")

    def faults(self, walk: Verification, contains: str | None) -> Iterator[str]:
        if contains is not None and not is_there(contains):
            yield f"{contains} is not in the log"
        yield from walk.faults(progress=self.progress)

    def progress(self, checked: int) -> None:
        if checked % PROGRESS == 0:
            self.stderr.write(f"{checked} rows so far")


def is_there(mark: str) -> bool:
    """Return whether the log still has the last row that an earlier run printed; True if the log was empty then.

    Args:
        mark: the printed text, NUMBER:HASH.

    Raises:
        CommandError: the text has another form.
    """
    number, _, signature = mark.partition(":")
    if not number.isdecimal():
        raise CommandError(f"--contains: expected NUMBER:HASH, not {mark!r}")
    return number == "0" or AccessEvent.objects.filter(number=int(number), hash=signature).exists()
