from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from carenav.plumbing.jobs import recorded
from recommend.desk.retention.purge import counts, purge

PROGRESS = 1000


class Command(BaseCommand):
    help = (
        "Deletes finished cases whose retention period (RETENTION) is over, with everything about the person, except "
        "those on legal hold. Can be killed and started again. Made to be run every hour by a timer."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only count; delete nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["dry_run"]:
            found = counts(timezone.now())
            for outcome, count in sorted(found.items()):
                self.stdout.write(f"{outcome}: {count:,}")
            self.stdout.write(f"cases that would be deleted: {sum(found.values()):,}")
            return
        with recorded("purge cases"):
            deleted = purge(timezone.now(), self.progress)
        self.stdout.write(f"cases deleted: {deleted:,}")

    def progress(self, deleted: int) -> None:
        if deleted % PROGRESS == 0:
            self.stderr.write(f"{deleted:,} so far")
