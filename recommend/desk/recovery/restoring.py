"""Restore a backup: load it into an empty database, compare every table, and delete again what was deleted since."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

from carenav.accounts.models import Invitation
from carenav.plumbing.backup import postgresql, sqlite
from carenav.plumbing.backup.backup_file import Manifest, check_backup, open_backup
from carenav.plumbing.backup.snapshot import Snapshot
from carenav.plumbing.db_state import migrations_are_applied, unknown_migrations
from intake.models import Draft, Submission
from recommend.desk.audit.verification import Verification
from recommend.desk.models import Case, Removal
from recommend.desk.recovery import ledger
from recommend.desk.recovery.removals import still_there
from recommend.desk.retention.purge import delete
from recommend.desk.submissions.erase import erase

Loader = Callable[[BaseDatabaseWrapper, Any], AbstractContextManager[Snapshot]]
LOADERS: Mapping[str, Loader] = {"sqlite": sqlite.loaded, "postgresql": postgresql.loaded}


class Refused(Exception):
    """The backup cannot be restored here. Nothing was written."""


class NotVerified(Exception):
    """The database is not known to be what the backup says. Nobody may use it."""


@dataclass
class Report:
    """What a restore did.

    Attributes:
        manifest: what the backup says of itself.
        deleted_again: cases that were deleted after the backup was made, and are deleted again.
        problems: what could not be verified; empty if all is well.
    """

    manifest: Manifest
    deleted_again: int = 0
    problems: list[str] = field(default_factory=list)


def restore(path: Path, key: str) -> Report:
    """Restore a backup into the database of the settings, which must be empty.

    The whole file is read and found authentic before anything is written.

    Args:
        path: the backup.
        key: the key it was made with.

    Raises:
        NotAuthentic: the file is not whole, or the key is another one.
        Refused: the database is not empty or of another kind, or the backup is newer than this program.
        DatabaseRefused: the dump cannot be loaded.
        NotVerified: the loaded rows are not those of the backup. A SQLite file is then not put in place.
    """
    manifest = check_backup(path, key)
    refuse_unfit(manifest)
    _again, dump = open_backup(path, key)
    with LOADERS[connection.vendor](connection, dump) as loaded:
        if differing := manifest.tables_that_differ(loaded):
            raise NotVerified(f"these tables are not as they were backed up: {', '.join(differing)}")
    report = Report(manifest)
    if not migrations_are_applied():
        call_command("migrate", verbosity=0)
    forget_passing_rows()
    delete_again(report)
    verify(report)
    return report


def refuse_unfit(manifest: Manifest) -> None:
    """Check that the backup fits this database and this program.

    Raises:
        Refused: it does not.
    """
    if manifest.vendor != connection.vendor:
        raise Refused(f"The backup is of {manifest.vendor}, and DATABASE_URL names {connection.vendor}.")
    if newer := unknown_migrations(manifest.migrations):
        raise Refused(
            f"The backup is of a newer version of carenav (migration {newer[0]}): install that version first."
        )
    if tables := connection.introspection.table_names():
        raise Refused(
            f"The database is not empty: it has {len(tables)} tables. Nothing was changed. Create a new, empty one, "
            "name it in DATABASE_URL, and restore into that."
        )


def forget_passing_rows() -> None:
    """Delete what may have been deleted or used since the backup, and which the ledger does not know.

    A draft may belong to somebody who pressed "Leave this site" since. A session may have been ended, and a sign-in
    link may have been used.
    """
    for model in (Draft, Session, Invitation):
        model._base_manager.all().delete()


def delete_again(report: Report) -> None:
    """Delete each case that the ledger of deletions names."""
    file = ledger.path()
    if file is None or not file.exists():
        where = f"{file} is missing" if file else "BACKUP_DIR is not set"
        report.problems.append(
            f"{where}: cases that people deleted since the backup may be back. Put the ledger of deletions there and "
            "restore once more"
        )
        return
    unreadable: list[int] = []
    for why, submission in still_there(ledger.entries(file, unreadable)):
        report.deleted_again += delete_one(why, submission)
    if unreadable:
        shown = ", ".join(map(str, unreadable[:5]))
        report.problems.append(f"{file.name} has lines that cannot be read ({shown}): compare it with a copy")


def delete_one(why: str, submission: Submission) -> int:
    """Delete the case of a submission, as the ledger says; return 1 if it was not deleted yet, else 0."""
    if why == Removal.Why.PURGED:
        delete([submission.reference], from_ledger=True)
        return 1
    if not Case.objects.filter(reference=submission.reference, erased_at__isnull=True).exists():
        return 0
    erase(submission, from_ledger=True)
    return 1


def verify(report: Report) -> None:
    """Add what cannot be verified to the report: the migrations, and the chain of the access log."""
    if not migrations_are_applied():
        report.problems.append("migrations are missing")
    report.problems += [f"access log: {fault}" for fault in list(Verification().faults())[:5]]
