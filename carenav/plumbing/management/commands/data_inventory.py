from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from carenav.plumbing import inventory, inventory_page


class Command(BaseCommand):
    help = (
        "Prints the data inventory: what each database field is for, how long it is kept and who sees it. With "
        "--write, writes it to docs/data-inventory.md. Exit status 1 if a field is not declared."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--write", action="store_true", help="write docs/data-inventory.md")

    def handle(self, *args: Any, **options: Any) -> None:
        if found := list(inventory.problems()):
            raise CommandError("\n".join(found))
        if not options["write"]:
            self.stdout.write(inventory_page.page())
            return
        inventory_page.path().write_text(inventory_page.page(), encoding="utf-8")
        self.stdout.write(f"written: {inventory.shown(inventory_page.path())}")
