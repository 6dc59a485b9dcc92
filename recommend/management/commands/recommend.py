import json
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from intake import content
from recommend.rules.json_lines import recommend_lines


class Command(BaseCommand):
    help = "Reads answers as JSON lines, writes one recommendation a line; exit status 1 if any line was bad."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--ruleset",
            metavar="VERSION",
            help="the shipped rule set to decide by, such as 2026.1; by default the one in use",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        version = options["ruleset"] or settings.RULESET.stem
        if not settings.RULESET.with_stem(version).is_file():
            raise CommandError(f"there is no rule set {version!r} in {settings.RULESET.parent.name}/")
        if sys.stdin is None:
            raise CommandError("there is no standard input to read answers from")
        bad = False
        for result in recommend_lines(content.ruleset(version), sys.stdin.buffer):
            bad |= "error" in result
            self.stdout.write(json.dumps(result))
        if bad:
            sys.exit(1)
