import sys
from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand

from recommend.result.models import Recommendation
from recommend.rules.replay import Progress, Verdict, recommendations, rederive


class Command(BaseCommand):
    help = (
        "Derives every stored recommendation again under its own versions and names those that differ; "
        "exit status 1 if any does. Changes nothing."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        progress = Progress(self.stderr, Recommendation.objects.count())
        verdicts: Counter[Verdict] = Counter()
        for finding in rederive(progress.over(recommendations())):
            verdicts[finding.verdict] += 1
            if finding.verdict is Verdict.DIFFERS:
                progress.clear()
                self.stdout.write(f"{finding.reference}  {finding.what}")
            elif finding.verdict is Verdict.WORKS_NOW:
                progress.clear()
                self.stdout.write(f"{finding.reference}  had no level; the engine works now")
        self.stdout.write(
            f"{verdicts.total():,} recommendations: "
            + ", ".join(f"{verdicts[verdict]:,} {verdict.value}" for verdict in Verdict)
        )
        if verdicts[Verdict.DIFFERS]:
            sys.exit(1)
