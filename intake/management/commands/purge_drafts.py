from typing import Any

from django.core.management.base import BaseCommand

from carenav.plumbing.jobs import recorded
from carenav.plumbing.throttle import buckets, limits
from intake.models import Draft


class Command(BaseCommand):
    help = (
        "Deletes drafts whose time is over: after 24 hours, 15 minutes on a shared device, 7 days with a code. "
        "Made to be run every hour by a timer."
    )

    @recorded("purge drafts")
    def handle(self, *args: Any, **options: Any) -> None:
        limits.delete_expired()
        buckets.delete_full()
        deleted, _ = Draft.objects.gone().delete()
        self.stdout.write(f"drafts deleted: {deleted}")
