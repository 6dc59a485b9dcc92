from typing import Any

from django.core.management.base import BaseCommand

from carenav.clinic.saved import refresh
from carenav.plumbing.db_timeout import STAFF_PAGE, if_it_answers
from intake import outage_pages


class Command(BaseCommand):
    help = (
        "Writes the pages that the proxy serves while the site is slow or gone, beside the static files: crisis help "
        "for every country and language, and the page that says that the site does not work. Run it after "
        "collectstatic, and whenever a variable of the clinic changes; what is saved at the desk writes them itself."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        with if_it_answers(STAFF_PAGE):
            refresh()
        written = outage_pages.write()
        self.stdout.write(f"{len(written)} pages written to {outage_pages.folder()}")
