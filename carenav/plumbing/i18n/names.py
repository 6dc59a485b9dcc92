"""Names of languages, also of those that Django does not know."""

from babel import Locale
from django.conf.locale import LANG_INFO
from django.utils.translation import get_language, get_language_info

INTRODUCED = "introduced"
"""Marks the languages in Django's list that :func:`introduce` added."""


def introduce(code: str, own_name: str) -> None:
    """Add a language to Django's list, unless it is there. Django fails on a page in a language that is not.

    Args:
        code: its code, such as "ht".
        own_name: its own name.
    """
    if code not in LANG_INFO:
        name = Locale.parse(code, sep="-").get_display_name("en") or own_name
        LANG_INFO[code] = {
            "bidi": False,
            "code": code,
            "name": name,
            "name_local": own_name,
            INTRODUCED: True,
        }


def translated_name(code: str) -> str:
    """Return the name of a language in the active language: as Django has it, or else Babel, or else its own name."""
    info, active = get_language_info(code), get_language() or "en"
    if INTRODUCED not in info and INTRODUCED not in get_language_info(active):
        return str(info["name_translated"])
    if code == active:
        return str(info["name_local"])
    named = Locale.parse(code, sep="-").get_display_name(active.replace("-", "_"))
    return named or str(info["name_local"])
