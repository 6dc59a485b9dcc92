"""Write the pages that the proxy serves from files during an outage: crisis help, and "this site does not work".

They are rendered as the site renders them for a first-time visitor, in each language; crisis help also for each
country.
"""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Warning
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import override

from carenav.clinic.content import crisis_lines
from carenav.plumbing.request_state import remember
from intake import static_pages

FOLDER = "outage"


def folder() -> Path:
    """Return the folder of the pages, inside ``STATIC_ROOT``."""
    return Path(settings.STATIC_ROOT) / FOLDER


def pages() -> dict[str, str]:
    """Render every page. Returns the HTML keyed by file name.

    The names are "help.LANGUAGE.html" for the site's own country, "help.COUNTRY.LANGUAGE.html" and
    "down.LANGUAGE.html".
    """
    found = {}
    for language, _name in settings.LANGUAGES:
        with override(language):
            found[f"help.{language}.html"] = help_page(language, settings.COUNTRY)
            found[f"down.{language}.html"] = render_to_string(
                "errors/503.html", {"page": "error"}, request_of(language, reverse("intake:start"))
            )
            for country in crisis_lines().countries:
                found[f"help.{country.id}.{language}.html"] = help_page(language, country.id)
    return found


def help_page(language: str, country: str) -> str:
    request = request_of(language, reverse("intake:help_now"))
    remember(request, carenav_place=country)
    return static_pages.help_now(request).content.decode()


def request_of(language: str, path: str) -> HttpRequest:
    """Return a GET request without cookies, as of a first-time visitor."""
    request = HttpRequest()
    request.method, request.path, request.path_info = "GET", path, path
    request.LANGUAGE_CODE = language
    return request


def write() -> list[Path]:
    """Write the pages and return their paths; makes them and all static files readable for every account.

    The permissions are set because the proxy runs under another account, and the umask may be strict.
    """
    written = write_pages()
    for place in (folder().parent, *folder().parent.rglob("*")):
        place.chmod(0o755 if place.is_dir() else 0o644)
    return written


def write_pages() -> list[Path]:
    """Write the pages, readable for every account, and return their paths.

    Raises:
        OSError: the folder cannot be written.
    """
    folder().mkdir(parents=True, exist_ok=True)
    written = []
    for name, page in pages().items():
        path = folder() / name
        new = path.with_suffix(".new")
        new.write_text(page, encoding="utf-8")
        new.chmod(0o644)
        new.replace(path)  # atomic, so that the proxy never reads half a page
        written.append(path)
    return written


def check_written(app_configs: Any = None, **kwargs: object) -> list[CheckMessage]:
    """Return a warning if the pages were not written; a system check of ``check --deploy``."""
    collected = (folder().parent / "staticfiles.json").is_file()  # if not, the server does not start anyway
    if not collected or (folder() / f"help.{settings.LANGUAGE_CODE}.html").is_file():
        return []
    said = "The pages that the proxy shows during an outage are missing"
    return [Warning(said, hint="Run: manage.py write_outage_pages", id="intake.W001")]
