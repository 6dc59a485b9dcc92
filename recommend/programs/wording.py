"""A program in the words of the page's language, as far as the clinic has entered them."""

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
    """What a patient reads of a program.

    Attributes:
        name, place: in the page's language, else as the clinic entered them: they are the same on the door.
        languages: those spoken there, by their names in the page's language; a name that nobody knows stays as it is.
        insurance: in words in the page's language, else by kind; empty where only another language has words for it.
    """

    name: str
    place: str
    languages: str
    insurance: str


def in_words(program: Program, own: dict[str, str | None]) -> ProgramWords:
    """Put a program into the words of the page's language.

    Args:
        program: as the clinic entered it, in the language of the settings.
        own: the words entered for the page's language, by field; empty where there are none.
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
    """Split a list of languages as the clinic types it."""
    return [name.strip() for name in languages.split(",") if name.strip()]


def name_of_language(name: str) -> str:
    """Return a language's name as it stands within a sentence of the page's language."""
    code = _codes().get(name.casefold())
    return language.name_of(code) if code else name


@cache
def _codes() -> dict[str, str]:
    """Return the codes of all languages that Django knows, by their English name and by their own."""
    named = {code: info for code, info in LANG_INFO.items() if "name" in info}
    return {info[key].casefold(): code for key in ("name_local", "name") for code, info in named.items()}
