"""The languages that a program can name as spoken there: codes with names, from languages.toml."""

from collections.abc import Mapping
from functools import cache

from django.conf import settings
from django.core.exceptions import ValidationError

from carenav.plumbing.content_file import ContentFile
from carenav.plumbing.i18n.localized_text import LocalizedText, languages

FILE = settings.BASE_DIR / "recommend" / "programs" / "languages.toml"


@cache
def spoken_languages() -> Mapping[str, LocalizedText]:
    """Return the names of the languages keyed by code, in the order of the form. Read once.

    Raises:
        ContentError: the file has a mistake, or lacks a language of the site.
    """
    file = ContentFile(FILE, languages())
    names = {code: file.text(code, raw) for code, raw in file.raw.items()}
    file.table("the file", names, languages(), names)
    return names


def check_languages(value: object) -> None:
    """Refuse anything but a list of known codes.

    Raises:
        ValidationError: it is something else.
    """
    if not isinstance(value, list) or not set(map(str, value)) <= set(spoken_languages()):
        raise ValidationError("Choose from the list.")
