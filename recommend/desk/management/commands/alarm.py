from http.client import HTTPException
from typing import Any
from urllib.request import HTTPRedirectHandler, Request, build_opener

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

TIMEOUT = 20


class NoRedirect(HTTPRedirectHandler):
    """A redirect is an error: it would turn the POST into a GET, which tells nobody, and may lead anywhere."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


urlopen = build_opener(NoRedirect).open


class Command(BaseCommand):
    help = (
        "Tells the address in ALARM_URL, by POST, that a unit failed: its name, nothing else. "
        "Made to be run by OnFailure= of the other units; needs no database."
    )
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("unit", help="the unit that failed")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.ALARM_URL:
            raise CommandError("ALARM_URL is not set: nobody is told")
        text = f"carenav: {options['unit']} failed\n".encode()
        request = Request(  # noqa: S310  # the setting must begin with https://
            settings.ALARM_URL, text, {"Content-Type": "text/plain; charset=utf-8"}
        )
        try:
            with urlopen(request, timeout=TIMEOUT):
                self.stdout.write("told")
        except (OSError, HTTPException) as error:
            raise CommandError(f"The alarm could not be sent ({type(error).__name__})") from None
