"""The programs that fit the person of a case, best first, with what staff need to offer one on the phone.

The order is that of the person's own result page (recommend/programs/matching.py).
"""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format

from carenav.plumbing.i18n import language
from recommend import content
from recommend.desk.models import Case
from recommend.levels.choices import LevelOfCare
from recommend.programs import matching
from recommend.programs.insurance import Insurance
from recommend.programs.matching import FITS, NEVER, PARTLY, ProgramMatch
from recommend.programs.models import Program
from recommend.programs.wording import languages_in_words

MOST_SHOWN = 8
"""The most programs on the page of a case. The form takes these; the list of programs has the others."""


@dataclass(frozen=True)
class FittingProgram:
    """A program as the page of a case shows it.

    Attributes:
        hours: its sessions in words.
        suits: how its hours suit the person's free times; "" if that is not known.
        insurance: whether it accepts the person's insurance, or what it accepts.
        languages, ages: in words; "" if they are not known.
        in_language: whether it is known to speak the person's language, for people who do not use the site's.
        openings: free places, next start and wait in words.
    """

    program: Program
    hours: list[str]
    suits: str
    insurance: str
    languages: str
    ages: str
    in_language: str
    openings: list[str]


class Fitting:
    """The programs of a level that fit the person of a case. They are loaded when they are first used.

    Args:
        case: the case, with its submission.
        level: the id of the level; "" for the level that the team chose, or else the recommended one.
    """

    def __init__(self, case: Case, level: str = "") -> None:
        self.case = case
        self.level = level if level in LevelOfCare else case.chosen or case.level

    @property
    def level_in_words(self) -> str:
        return str(LevelOfCare(self.level).label) if self.level else ""

    @property
    def levels(self) -> list[tuple[str, str]]:
        """The other levels, as pairs of id and name."""
        return [(value, str(label)) for value, label in LevelOfCare.choices if value != self.level]

    @cached_property
    def _matches(self) -> list[ProgramMatch]:
        if not self.level:
            return []
        made = self.case.submission.recommendation
        answers = (
            self.case.submission.answers if made.level else {}
        )  # without a level, the engine failed on them
        return matching.matches(
            self.level,
            answers,
            content.ruleset(made.ruleset),
            content.weeks(),
            self.case.language or settings.LANGUAGE_CODE,
        )

    @property
    def others(self) -> int:
        """The number of programs of the level that are not shown."""
        return len(self._matches[MOST_SHOWN:])

    @cached_property
    def best(self) -> list[FittingProgram]:
        return [shown(match, timezone.now()) for match in self._matches[:MOST_SHOWN]]

    def choices(self) -> list[tuple[str, str]]:
        """Return the ids and names of the programs, for the form."""
        return [(str(each.program.pk), each.program.name) for each in self.best]


def shown(match: ProgramMatch, now: datetime) -> FittingProgram:
    program = match.program
    return FittingProgram(
        program,
        matching.hours_in_words(match.sessions),
        suits_in_words(match),
        insurance_in_words(match),
        languages_in_words(program),
        ages_in_words(program),
        in_language(match),
        openings_in_words(program, now),
    )


def suits_in_words(match: ProgramMatch) -> str:
    """Return how the hours of a program suit the free times that the person gave; "" if that is not known."""
    if match.hours_fit == FITS:
        return "Fits their free times"
    if match.hours_fit == PARTLY:
        return f"Fits {match.fitting} of {len(match.sessions)} sessions"
    return "Not at their free times" if match.hours_fit == NEVER else ""


def insurance_in_words(match: ProgramMatch) -> str:
    program, theirs = match.program, match.wishes.insurance
    takes = program.insurance or ", ".join(str(Insurance(kind).label) for kind in program.accepts)
    if theirs is None:
        return f"Takes: {takes}" if takes else "Insurance not known"
    if match.is_paid is None:
        return f"Ask if it takes {theirs.label}"
    return f"Takes {theirs.label}" if match.is_paid else f"Does not take {theirs.label}"


def in_language(match: ProgramMatch) -> str:
    """Return whether there is help in the person's language; "" for the site's main language."""
    code = match.wishes.language
    if code == settings.LANGUAGE_CODE:
        return ""
    name = language.name_of(code)
    return f"Help in {name}" if match.offers_language else f"Ask for help in {name}"


def ages_in_words(program: Program) -> str:
    """Return the ages that a program is for, such as "18 to 64"; "" if they are not known."""
    first, last = program.ages_from, program.ages_to
    if first is None and last is None:
        return ""
    if last is None:
        return f"{first} and older"
    return f"up to {last}" if first is None else f"{first} to {last}"


def openings_in_words(program: Program, now: datetime) -> list[str]:
    """Return free places, next start and wait as far as they are known, with the day of the check."""
    places, wait = program.known_places(now), program.known_wait(now)
    start = program.known_start(now, timezone.localdate(now))
    of_all = f" of {program.capacity}" if program.capacity else ""
    words = [] if places is None else [f"{places}{of_all} places free"]
    if start:
        words.append(f"next start {date_format(start, 'D, N j')}")
    if wait is not None:
        words.append(f"wait {wait} weeks" if wait else "no wait")
    if not words or program.openings_at is None:
        return ["Openings not known: ask"]
    return [*words, f"checked {date_format(timezone.localtime(program.openings_at), 'N j')}"]
