from typing import Any

from django.core.management.base import BaseCommand

from carenav.plumbing.jobs import recorded
from recommend.desk.models import UnsavedWork


class Command(BaseCommand):
    help = (
        "Deletes what staff typed on case pages and never saved, after UNSAVED_WORK_HOURS. "
        "Made to be run every hour by a timer."
    )

    @recorded("purge unsaved work")
    def handle(self, *args: Any, **options: Any) -> None:
        deleted, _ = UnsavedWork.objects.gone().delete()
        self.stdout.write(f"unsaved work deleted: {deleted}")
