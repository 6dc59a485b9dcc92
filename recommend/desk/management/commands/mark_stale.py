from typing import Any

from django.core.management.base import BaseCommand

from intake import content
from recommend.desk.rule_change import affected_cases, compared_cases, mark_stale
from recommend.rules.replay import Progress


class Command(BaseCommand):
    help = (
        "After a new rule set is live: marks every open or placed case that it would decide otherwise, so that the desk"
        " looks at it again. Changes nothing else; a second run marks nothing."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        progress = Progress(self.stderr, affected_cases().count())
        result = mark_stale(progress.over(compared_cases()))
        self.stdout.write(
            f"rule set {content.ruleset().version}: {result.compared:,} open or placed cases of other rules compared, "
            f"{result.differ:,} differ, {result.marked:,} marked now"
        )
        for version, count in sorted(result.elsewhere.items()):
            self.stdout.write(
                f"{count:,} answered questionnaire {version}: not comparable; read them by hand if they are open"
            )
