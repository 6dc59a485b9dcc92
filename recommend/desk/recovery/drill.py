"""A drill: restore a backup into a fresh database, as one would after a disaster, and see whether it is whole."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from django.conf import settings

from recommend.desk.recovery import ledger
from recommend.desk.recovery.scratch import scratch_database


class DrillFailed(Exception):
    """The backup could not be restored, or not verified."""


def drill(path: Path) -> str:
    """Restore a backup into a fresh database, by `manage.py restore` in a process of its own.

    Args:
        path: the backup.

    Returns:
        what the command said.

    Raises:
        DrillFailed: its exit status was not 0. The message is what it said.
        DatabaseRefused: there can be no fresh database.
    """
    with scratch_database() as url, tempfile.TemporaryDirectory() as folder:
        (Path(folder) / ledger.NAME).touch()  # read where there is no BACKUP_DIR: then nobody keeps a ledger
        done = subprocess.run(  # noqa: S603
            [
                sys.executable,
                str(settings.BASE_DIR / "manage.py"),
                "restore",
                str(path.resolve()),
                "--no-color",
            ],
            env={
                **os.environ,
                **same_keys(),
                "DATABASE_URL": url,
                "BACKUP_DIR": settings.BACKUP_DIR or folder,
            },
            capture_output=True,
            text=True,
        )
    if done.returncode:
        raise DrillFailed((done.stderr or done.stdout).strip())
    return done.stdout.strip()


def same_keys() -> dict[str, str]:
    """Return the variables of our keys, for the other process."""
    return {
        "SECRET_KEY": settings.SECRET_KEY,
        "FIELD_KEYS": ",".join(settings.FIELD_KEYS),
        "RETIRED_FIELD_KEYS": ",".join(settings.RETIRED_FIELD_KEYS),
        "BACKUP_KEY": settings.BACKUP_KEY,
    }
