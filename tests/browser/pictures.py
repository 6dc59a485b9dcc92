"""Pictures and papers for people to look at: nothing compares them, so they are taken only for `make screenshots`."""

import os

from django.conf import settings
from playwright.sync_api import Page

FOLDER = settings.BASE_DIR / "screenshots"
WANTED = bool(os.environ.get("SCREENSHOTS"))


def take_picture(page: Page, folder: str, name: str, full_page: bool = True) -> None:
    if WANTED:
        page.screenshot(path=FOLDER / folder / f"{name}.png", full_page=full_page)


def keep_paper(pdf: bytes, name: str) -> None:
    if WANTED:
        papers = FOLDER / "paper"
        papers.mkdir(parents=True, exist_ok=True)
        (papers / f"{name}.pdf").write_bytes(pdf)
