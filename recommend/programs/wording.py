"""Put a program into words of the active language, as far as the clinic entered them."""

from dataclasses import dataclass
from functools import cache

from django.conf import settings
from django.conf.locale import LANG_INFO

from carenav.plumbing.i18n import language
from carenav.plumbing.i18n.localized_text import active_language
from recommend.programs.insurance import Insurance
from recommend.programs.models import Program


@dataclass(frozen=True)
class ProgramWords:
    """What a patient reads about a program.

    Attributes:
        name, place: in the active language, else as the clinic entered them, since the name on the door is the same.
        languages: the languages spoken there, by their names in the active language; an unknown name stays as entered.
        insurance: in words of the active language, else by kind; empty if neither was entered.
    """

    name: str
    place: str
    languages: str
    insurance: str


def in_words(program: Program, own: dict[str, str | None]) -> ProgramWords:
    """Return the words for a program in the active language.

    Args:
        program: the program, whose own fields are in the site's main language (``LANGUAGE_CODE``).
        own: the words entered for the active language, by field; empty if there are none.
    """
    is_own_language = active_language() == settings.LANGUAGE_CODE
    kinds = ", ".join(str(Insurance(kind).label) for kind in program.accepts)
    return ProgramWords(
        name=own.get("name") or program.name,
        place=own.get("place") or program.place,
        languages=", ".join(name_of_language(name) for name in names_in(program.languages)),
        insurance=own.get("insurance") or (program.insurance if is_own_language else "") or kinds,
    )


def names_in(languages: str) -> list[str]:
    """Split a list of languages as the clinic types it, such as "English, Spanish"."""
    return [name.strip() for name in languages.split(",") if name.strip()]


def name_of_language(name: str) -> str:
    """Return the name of a language in the active language, as it is written within a sentence.

    Args:
        name: its English name or its own; an unknown one is returned unchanged.
    """
    code = _codes().get(name.casefold())
    return language.name_of(code) if code else name


@cache
def _codes() -> dict[str, str]:
    """Return the code of each language that Django knows, by its English name and by its own, in lower case."""
    named = {code: info for code, info in LANG_INFO.items() if "name" in info}
    return {info[key].casefold(): code for key in ("name_local", "name") for code, info in named.items()}
