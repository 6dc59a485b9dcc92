import json
import os
import sys
from typing import Any

from django.core.management.base import BaseCommand

from intake import content
from recommend.jsonlines import recommend_lines


class Command(BaseCommand):
    help = "Reads answers as JSON lines, writes one recommendation a line; exit status 1 if any line was bad."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        bad = False
        try:
            for result in recommend_lines(content.ruleset(), sys.stdin.buffer):
                bad |= "error" in result
                self.stdout.write(json.dumps(result))
            self.stdout.flush()
        except (
            BrokenPipeError
        ):  # whoever reads, such as head, has had enough; nor can what is left be written at exit
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(1)
        if bad:
            sys.exit(1)
