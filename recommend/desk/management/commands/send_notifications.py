from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from recommend.desk.notifications import NotSent, send_digest, send_escalated, send_waiting


class Command(BaseCommand):
    help = (
        "Tells those on duty by e-mail that cases are waiting, and leads that cases need them: no name, nothing about"
        " health. Made to be run"
        " every minute by a timer; exit status 1 where anything could not be sent."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--digest", action="store_true", help="how many cases nobody has seen yet; once a day"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        jobs = [send_digest] if options["digest"] else [send_waiting, send_escalated]
        count, problems = 0, []
        for job in jobs:
            try:
                count += job()
            except NotSent as error:
                problems.append(error)
        if problems:
            raise CommandError(" ".join(map(str, problems))) from problems[0]
        self.stdout.write(f"cases told to those on duty: {count:,}" if count else "nothing to tell")
