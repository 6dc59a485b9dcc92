from typing import Any

from django.core.management.base import BaseCommand

from intake.models import Draft


class Command(BaseCommand):
    help = "Deletes drafts that nobody has touched for 24 hours. Made to be run every hour by a timer."

    def handle(self, *args: Any, **options: Any) -> None:
        deleted, _ = Draft.objects.gone().delete()
        self.stdout.write(f"drafts deleted: {deleted}")
