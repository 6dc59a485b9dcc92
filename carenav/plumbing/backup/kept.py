"""The files in the folder of backups: their names, which is the newest, and which are too old."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

FORM = "carenav-%Y%m%dT%H%M%SZ.backup"
NAME = re.compile(r"carenav-\d{8}T\d{6}Z\.backup")
AT_LEAST = 2
"""So many of the newest stay however old they are: where backups stopped, the last ones are worth the most."""


def name_for(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime(FORM)


def backups_in(folder: Path) -> list[Path]:
    """Return the backups in a folder, newest first. Files with other names are somebody else's."""
    return sorted((path for path in folder.iterdir() if NAME.fullmatch(path.name)), reverse=True)


def made_at(path: Path) -> datetime:
    """Return when a backup was made, by its name."""
    return datetime.strptime(path.name, FORM).replace(tzinfo=UTC)


def delete_old(folder: Path, days: int, now: datetime) -> int:
    """Delete the backups that are older than so many days, but none of the ``AT_LEAST`` newest.

    Returns:
        how many were deleted.
    """
    old = [path for path in backups_in(folder)[AT_LEAST:] if now - made_at(path) > timedelta(days=days)]
    for path in old:
        path.unlink()
    return len(old)
