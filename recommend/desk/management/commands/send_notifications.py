from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from recommend.desk.notifications import NotSent, send_digest, send_waiting


class Command(BaseCommand):
    help = (
        "Tells those on duty by e-mail that cases are waiting: no name, nothing about health. Made to be run"
        " every minute by a timer; exit status 1 where anything could not be sent."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--digest", action="store_true", help="how many cases nobody has seen yet; once a day"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            count = send_digest() if options["digest"] else send_waiting()
        except NotSent as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"cases told to those on duty: {count:,}" if count else "nothing to tell")
