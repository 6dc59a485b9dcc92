from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.utils import timezone

from carenav.plumbing.backup.backup_file import write_backup
from carenav.plumbing.backup.kept import delete_old, name_for
from carenav.plumbing.backup.sealed import NotAuthentic
from carenav.plumbing.backup.snapshot import DatabaseRefused
from carenav.plumbing.jobs import recorded
from recommend.desk.recovery import ledger
from recommend.desk.recovery.content import versions


class Command(BaseCommand):
    help = (
        "Write an encrypted backup of the database, while people use it, and read it once more. Into a folder "
        "(BACKUP_DIR if none is named): then also delete the backups there that are older than BACKUP_KEEP_DAYS."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("place", nargs="?", type=Path, help="a new file, or a folder")

    @recorded("backup")
    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.BACKUP_KEY:
            raise CommandError(
                "BACKUP_KEY is not set: a backup must be encrypted (docs/operations.md, Backup)"
            )
        if not (named := options["place"] or settings.BACKUP_DIR):
            raise CommandError("Name a file or a folder, or set BACKUP_DIR")
        place = Path(named)
        now = timezone.now()
        path = place / name_for(now) if place.is_dir() else place
        try:
            manifest = write_backup(connection, path, settings.BACKUP_KEY, versions())
            ledger.begin()
            ledger.write_missing()
        except FileExistsError:
            raise CommandError(f"{path} is there already, and a backup replaces no file.") from None
        except (OSError, DatabaseRefused, NotAuthentic) as error:
            raise CommandError(f"No backup was made: {error}") from None
        ledger.forget_old(now)
        self.stdout.write(f"{path}: {manifest.rows:,} rows in {len(manifest.tables)} tables")
        if place.is_dir() and (deleted := delete_old(place, settings.BACKUP_KEEP_DAYS, now)):
            self.stdout.write(f"old backups deleted: {deleted}")
