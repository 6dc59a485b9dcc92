from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from intake.key_rotation import Tally, tallies
from recommend.desk.audit import chain


class Command(BaseCommand):
    help = (
        "Encrypts with the first of FIELD_KEYS what is encrypted with an older one, and computes again the hashes that "
        "find contact details.  Restart the site with the new key before: it could not read them otherwise. Can "
        "be run beside it, stopped, and started again. Ends with status 1 while an older key is needed, or where a "
        "value fits none of the keys: that value stays as it is."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="only count; change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["check"]:
            chain.resign_head()
            for tally in tallies(rotate=True):
                self.stdout.write(f"{tally.of}: {tally.rotated:,} made anew")
        # Count again after a rotation, to include rows that were written meanwhile.
        self.judge(
            [self.counted(tally) for tally in tallies(rotate=False, unreadable=self.report_unreadable)]
        )

    def counted(self, tally: Tally) -> Tally:
        self.stdout.write(
            f"{tally.of}: {tally.first:,} under the first key, {tally.older:,} under an older one"
        )
        return tally

    def report_unreadable(self, place: str) -> None:
        self.stderr.write(f"fits no key: {place}")

    def judge(self, counted: list[Tally]) -> None:
        """Print which keys can be retired.

        Raises:
            CommandError: an older key is still needed, or no key decrypts a value.
        """
        older = sum(tally.older for tally in counted)
        unreadable = sum(tally.unreadable for tally in counted)
        if unreadable:
            raise CommandError(
                f"Values that fit none of FIELD_KEYS: {unreadable:,}; they stay as they are. Take no key away. If one "
                f"was taken away too early, put it back at the end of FIELD_KEYS. Under an older key: {older:,}."
            )
        if older:
            raise CommandError(f"Not under the first key: {older:,}. Run `manage.py rotate_keys` (again).")
        if len(settings.FIELD_KEYS) == 1:
            self.stdout.write("Everything is under the one key there is.")
            return
        self.stdout.write(
            "Everything can be read and found with the first key alone: the others can be moved from FIELD_KEYS to "
            "RETIRED_FIELD_KEYS, where the codes of patients still need them. Backup codes of staff and unused sign-in "
            "links that were made under them end then (README.md, Change the keys)."
        )
