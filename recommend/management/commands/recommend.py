import json
import sys
from typing import Any

from django.core.management.base import BaseCommand

from intake import content
from recommend.rules.json_lines import recommend_lines


class Command(BaseCommand):
    help = "Reads answers as JSON lines, writes one recommendation a line; exit status 1 if any line was bad."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        bad = False
        for result in recommend_lines(content.ruleset(), sys.stdin.buffer):
            bad |= "error" in result
            self.stdout.write(json.dumps(result))
        if bad:
            sys.exit(1)
