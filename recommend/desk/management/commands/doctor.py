import sys
from typing import Any

from django.core.management.base import BaseCommand

from recommend.desk.doctor import findings


class Command(BaseCommand):
    help = (
        "Looks at settings, database, e-mail, people on call, content and the runs of timers, and prints one line for "
        "each finding with what to do. Exit status 1 if one is red."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        found = list(findings())
        for finding in found:
            self.stdout.write(str(finding))
        if any(finding.red for finding in found):
            sys.exit(1)
        if not found:
            self.stdout.write("nothing to do")
