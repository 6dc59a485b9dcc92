from typing import Any

from django.core.management.base import BaseCommand, CommandError

from intake import content
from recommend.desk.rule_change import affected_cases, compared_cases, mark_stale
from recommend.engine import ContentError
from recommend.rules.replay import Progress


class Command(BaseCommand):
    help = (
        "After a new rule set is live: marks every open or placed case that it would decide otherwise, so that the desk"
        " looks at it again. Changes nothing else; a second run marks nothing."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        progress = Progress(self.stderr, affected_cases().count())
        try:
            result = mark_stale(progress.over(compared_cases()))
        except ContentError as error:
            raise CommandError(str(error)) from error
        tally = result.comparability
        self.stdout.write(
            f"rule set {content.ruleset().version}: {tally.compared:,} open or placed cases of other rules compared, "
            f"{result.differ:,} differ, {result.marked:,} marked now"
        )
        for line in tally.lines(content.ruleset().questions.version):
            self.stdout.write(line)
        if tally.apart or tally.unmapped:
            self.stdout.write("Read by hand those that are not comparable and still open.")
