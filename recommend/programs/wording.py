"""Put a program into words of the active language, as far as the clinic entered them."""

from dataclasses import dataclass

from django.conf import settings

from carenav.plumbing.i18n.localized_text import active_language
from recommend.programs.insurance import Insurance
from recommend.programs.languages import spoken_languages
from recommend.programs.models import Program


@dataclass(frozen=True)
class ProgramWords:
    """What a patient reads about a program.

    Attributes:
        name, place: in the active language, else as the clinic entered them, since the name on the door is the same.
        languages: the languages spoken there, by their names in the active language; others in words, as entered.
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
        languages=languages_in_words(program),
        insurance=own.get("insurance") or (program.insurance if is_own_language else "") or kinds,
    )


def languages_in_words(program: Program) -> str:
    """Return the languages spoken at a program, separated by commas; those in words as they were entered."""
    names = spoken_languages()
    known = [str(names[code]) for code in program.languages if code in names]
    return ", ".join([*known, *names_in(program.other_languages)])


def names_in(languages: str) -> list[str]:
    """Split a list of languages as the clinic types it, such as "Mixtec, Quechua"."""
    return [name.strip() for name in languages.split(",") if name.strip()]
