from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from carenav.plumbing.backup.backup_file import Manifest, check_backup
from carenav.plumbing.backup.sealed import NotAuthentic
from carenav.plumbing.backup.snapshot import DatabaseRefused
from recommend.desk.recovery.restoring import NotVerified, Refused, Report, restore


class Command(BaseCommand):
    help = (
        "Restore a backup into the empty database that DATABASE_URL names, compare every row with it, and delete again "
        "what was deleted since, by the ledger in BACKUP_DIR. Ends with status 1 if anything could not be verified."
    )
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="the backup")
        parser.add_argument(
            "--show", action="store_true", help="read the file, say what is in it, and restore nothing"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.BACKUP_KEY:
            raise CommandError("BACKUP_KEY is not set: the backup cannot be opened")
        try:
            if options["show"]:
                self.show(check_backup(options["file"], settings.BACKUP_KEY))
            else:
                self.judge(restore(options["file"], settings.BACKUP_KEY))
        except (OSError, NotAuthentic, DatabaseRefused, Refused) as error:
            raise CommandError(f"Nothing was restored: {error}") from None
        except NotVerified as error:
            raise CommandError(f"COULD NOT VERIFY: {error}. Do not use this database.") from None

    def show(self, manifest: Manifest) -> None:
        content = ", ".join(f"{name} {version}" for name, version in manifest.content.items())
        self.stdout.write(f"made {manifest.made_at} with {manifest.vendor} {manifest.made_with}; {content}")
        self.stdout.write(f"{manifest.rows:,} rows in {len(manifest.tables)} tables")
        for name, table in sorted(manifest.tables.items()):
            self.stdout.write(f"  {name}: {table.rows:,}")

    def judge(self, report: Report) -> None:
        """Print what was restored.

        Raises:
            CommandError: something could not be verified.
        """
        manifest = report.manifest
        self.stdout.write(
            f"The backup of {manifest.made_at} is restored: {manifest.rows:,} rows in {len(manifest.tables)} tables, "
            "each as it was backed up."
        )
        self.stdout.write(f"Cases deleted since, and now deleted again: {report.deleted_again}")
        if report.problems:
            raise CommandError(f"COULD NOT VERIFY: {'; '.join(report.problems)}.")
        self.stdout.write("The migrations are applied and the log of accesses is whole.")
