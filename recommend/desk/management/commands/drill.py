import tempfile
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from carenav.plumbing.backup.backup_file import write_backup
from carenav.plumbing.backup.kept import backups_in
from carenav.plumbing.backup.snapshot import DatabaseRefused
from carenav.plumbing.jobs import recorded
from recommend.desk.recovery.content import versions
from recommend.desk.recovery.drill import DrillFailed, drill


class Command(BaseCommand):
    help = (
        "Restore a backup into a fresh database, compare every row, and delete that database. Without a file: make a "
        "backup now and restore it. Ends with status 1 if anything could not be verified."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        which = parser.add_mutually_exclusive_group()
        which.add_argument("file", nargs="?", type=Path, help="the backup")
        which.add_argument("--newest", action="store_true", help="the newest backup in BACKUP_DIR")

    @recorded("drill")
    def handle(self, *args: Any, **options: Any) -> None:
        path = self.newest() if options["newest"] else options["file"]
        began = time.monotonic()
        try:
            said = drill(path) if path else self.back_up_and_drill()
        except (DrillFailed, DatabaseRefused) as error:
            raise CommandError(f"THE DRILL FAILED: {error}") from None
        self.stdout.write(said)
        self.stdout.write(f"The drill took {time.monotonic() - began:.0f} s. The fresh database is deleted.")

    def newest(self) -> Path:
        found = backups_in(Path(settings.BACKUP_DIR)) if settings.BACKUP_DIR else []
        if not found:
            raise CommandError("THE DRILL FAILED: there is no backup in BACKUP_DIR")
        return found[0]

    def back_up_and_drill(self) -> str:
        if not settings.BACKUP_KEY:
            raise CommandError("THE DRILL FAILED: BACKUP_KEY is not set")
        with tempfile.TemporaryDirectory(prefix="carenav-drill-") as folder:
            file = Path(folder) / "drill.backup"
            write_backup(connection, file, settings.BACKUP_KEY, versions())
            return drill(file)
