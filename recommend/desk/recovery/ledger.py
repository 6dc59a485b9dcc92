"""The ledger of deletions: a file outside the database, by which a restore deletes again what was deleted since.

One line each, such as ``2026-11-30 erased 3f0c…``: the day, why, and the random key of a submission. It says nothing
about anybody. Lines are only added. It is in BACKUP_DIR, so that who copies the backups to another place copies it too.
"""

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from carenav.plumbing.backup.new_file import sync_folder
from recommend.desk.models import Removal

NAME = "deletions.txt"
LINE = re.compile(r"(\d{4}-\d\d-\d\d) (erased|purged) ([0-9a-f]{64})")
BATCH = 500


@dataclass(frozen=True)
class Entry:
    """One line: a submission whose case was deleted, why, and on which day (UTC)."""

    day: date
    why: str
    key: str

    def __str__(self) -> str:
        return f"{self.day} {self.why} {self.key}\n"


def path() -> Path | None:
    """Return the file; None if BACKUP_DIR is not set."""
    return Path(settings.BACKUP_DIR) / NAME if settings.BACKUP_DIR else None


def begin() -> None:
    """Make an empty ledger if there is none, so that a missing file means that it was lost."""
    if file := path():
        file.touch(0o600)


def write_missing() -> int:
    """Write each removal that the ledger does not have yet; return how many.

    Two processes may write the same one; that does no harm.

    Raises:
        OSError: the file cannot be written. The removals stay, for the next time.
    """
    file, written = path(), 0
    if file is None:
        return 0
    while found := list(Removal.objects.filter(in_ledger=False).order_by("pk")[:BATCH]):
        _append(file, (Entry(each.at.date(), each.why, each.key) for each in found))
        Removal.objects.filter(pk__in=[each.pk for each in found]).update(in_ledger=True)
        written += len(found)
    return written


def _append(file: Path, entries: Iterable[Entry]) -> None:
    """Add lines at once and wait until they are on disk. A line that was cut off before stays a line of its own."""
    is_new = not file.exists()
    descriptor = os.open(file, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        size = os.fstat(descriptor).st_size
        cut_off = size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"
        data = ("\n" * cut_off + "".join(map(str, entries))).encode()
        if os.write(descriptor, data) != len(data):
            raise OSError(f"{file} could be written in part only")
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    if is_new:
        sync_folder(file.parent)


def entries(file: Path, unreadable: list[int]) -> Iterator[Entry]:
    """Yield each entry.

    Args:
        file: the ledger.
        unreadable: gets the numbers of lines that cannot be read.
    """
    with file.open(encoding="ascii", errors="replace") as lines:
        for number, line in enumerate(lines, start=1):
            if found := LINE.fullmatch(line.rstrip("\n")):
                yield Entry(date.fromisoformat(found[1]), found[2], found[3])
            else:
                unreadable.append(number)


def forget_old(now: datetime) -> int:
    """Delete removals from the database that are older than any backup can be; the ledger keeps them."""
    oldest = now - timedelta(days=2 * settings.BACKUP_KEEP_DAYS)
    deleted, _ = Removal.objects.filter(in_ledger=True, at__lt=oldest).delete()
    return deleted


def missing() -> int:
    """Return how many removals the ledger lacks for longer than a write takes."""
    late = timezone.now() - timedelta(minutes=10)
    return Removal.objects.filter(in_ledger=False, at__lt=late).count()
