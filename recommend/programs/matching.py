"""Find the programs of the recommended level, and sort them by how well they suit the person.

No rule reads this: programs never change a level.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from itertools import groupby

from django.conf import settings
from django.db.models import F, FilteredRelation, Q
from django.utils import timezone
from django.utils.formats import time_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from carenav.plumbing.i18n import language
from carenav.plumbing.i18n.localized_text import active_language
from intake import journey
from recommend.engine import RuleSet, complete, rate
from recommend.engine.scales import reaches
from recommend.levels.choices import LevelOfCare
from recommend.levels.schedule import DAYS, PARTS, Part, Schedule, Slot, days_in_words, free_times
from recommend.programs.insurance import Insurance
from recommend.programs.models import Program, ProgramSession
from recommend.programs.wording import ProgramWords, in_words

MOST_SHOWN = 5

IN_WORDS = ("name", "place", "insurance")
"""The fields that a program may have in several languages."""

FITS, PARTLY, TO_ASK, NEVER = range(4)
"""How the hours of a program suit a person, best first. ``TO_ASK``: the hours, or the person's, are not known."""


@dataclass(frozen=True)
class Preferences:
    """What matters to one person in a program.

    Attributes:
        free: when they are free; empty if that is not known or does not matter.
        online: whether they want to take part online, or getting there is hard.
        language: the code of their language.
        substance_use: whether their use of alcohol or drugs is at least a moderate concern.
        insurance: who pays; None if they did not say.
    """

    free: frozenset[Slot]
    online: bool
    language: str
    substance_use: bool
    insurance: Insurance | None = None


@dataclass(frozen=True)
class ProgramSchedule:
    """A program with its weekly sessions in the order of the week, and its words in the active language, by field."""

    program: Program
    sessions: tuple[ProgramSession, ...]
    own_words: dict[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True)
class ShownProgram:
    """A program with the reasons for its position in the list, in words.

    Attributes:
        words: the program's fields in the active language.
        hours: its sessions in words.
        reasons: why it is at its position.
        stale: whether it was last checked too long ago, so that the details may no longer be true.
    """

    program: Program
    words: ProgramWords
    hours: list[str]
    reasons: list[str]
    stale: bool


@dataclass(frozen=True)
class ShownPrograms:
    """The programs that suit best, and how many others there are."""

    best: list[ShownProgram]
    others: int


NO_PROGRAMS = ShownPrograms([], 0)
"""What is shown to a person in another country than the clinic's, for whom no program is of use."""


def programs_for(level: str, answers: journey.Answers, ruleset: RuleSet, weeks: Schedule) -> ShownPrograms:
    """Return the active programs of a level, those that suit the person best first.

    Args:
        level: the id of the level.
        answers: the person's answers, as a draft or a submission stores them.
        ruleset: the rule set, which rates whether substance use matters.
        weeks: the schedule, which says when a morning ends.
    """
    fits = matches(level, answers, ruleset, weeks, active_language())
    today = timezone.localdate()
    return ShownPrograms([fit.shown(today) for fit in fits[:MOST_SHOWN]], len(fits[MOST_SHOWN:]))


def matches(
    level: str, answers: journey.Answers, ruleset: RuleSet, weeks: Schedule, language: str
) -> list["ProgramMatch"]:
    """Return how the active programs of a level suit a person, the best first.

    Args:
        level: the id of the level.
        answers: the person's answers.
        ruleset: the rule set.
        weeks: the schedule.
        language: the code of the person's language.
    """
    offers = active_offers(level)
    if not offers:
        return []
    wishes = wishes_of(level, answers, ruleset, language)
    return sorted((ProgramMatch(offer, wishes, weeks) for offer in offers), key=ProgramMatch.order)


def active_offers(level: str) -> list[ProgramSchedule]:
    """Load the active programs of a level, with their sessions and words, in one query."""
    own = FilteredRelation("wordings", condition=Q(wordings__language=active_language()))
    rows = (
        Program.objects.filter(active=True, level=level)
        .annotate(day=F("sessions__day"), starts=F("sessions__starts"), ends=F("sessions__ends"), own=own)
        .annotate(**{f"own_{name}": F(f"own__{name}") for name in IN_WORDS})
        .order_by("name", "day", "starts")
    )
    return [offer_of(list(same)) for _pk, same in groupby(rows, key=lambda row: row.pk)]


def offer_of(rows: Sequence[Program]) -> ProgramSchedule:
    found = [vars(row) for row in rows]  # includes the annotations of active_offers
    sessions = [
        ProgramSession(day=row["day"], starts=row["starts"], ends=row["ends"])
        for row in found
        if row["day"] is not None
    ]
    words = {name: found[0][f"own_{name}"] for name in IN_WORDS}
    return ProgramSchedule(rows[0], tuple(sessions), words)


def wishes_of(level: str, answers: journey.Answers, ruleset: RuleSet, language: str) -> Preferences:
    """Return what the answers say about programs. Free times do not matter for a same-day evaluation."""
    chosen = journey.chosen(answers)
    signals = rate(ruleset, complete(ruleset.questions, chosen))
    return Preferences(
        free=frozenset() if level == LevelOfCare.INPATIENT else free_times(chosen.get("free_times", ())),
        online=not {"online", "transport"}.isdisjoint(chosen.get("work_around", ())),
        language=language,
        substance_use=reaches(signals.state, [ruleset.space.at_least("substance", "moderate")]),
        insurance=next((Insurance(id) for id in chosen.get("insurance", ()) if id in Insurance), None),
    )


def slots_of(session: ProgramSession, parts: Iterable[Part]) -> list[Slot]:
    """Return every part of the day that a session overlaps.

    Args:
        session: the weekly time.
        parts: the parts of the day, in order.
    """
    begins, slots = 0, []
    for part, id in zip(parts, PARTS, strict=True):
        if session.starts.hour < part.until and (session.ends.hour, session.ends.minute) > (begins, 0):
            slots.append((DAYS[session.day], id))
        begins = part.until
    return slots


class ProgramMatch:
    """How well one program suits one person."""

    def __init__(self, offer: ProgramSchedule, wishes: Preferences, weeks: Schedule) -> None:
        self.program = offer.program
        self.offer = offer
        self.sessions = offer.sessions
        self.wishes = wishes
        # If one visit a week is usual, sessions are opening hours: any part of them that is free is enough.
        self.one_visit = weeks.levels[self.program.level].days == (1, 1)
        needed = any if self.one_visit else all
        self.fitting = sum(
            needed(slot in wishes.free for slot in slots_of(session, weeks.parts.values()))
            for session in offer.sessions
        )

    @property
    def hours_fit(self) -> int:
        if not self.wishes.free or not self.sessions:
            return TO_ASK
        if not self.fitting:
            return NEVER
        return FITS if self.one_visit or self.fitting == len(self.sessions) else PARTLY

    @property
    def share(self) -> float:
        """The share of sessions at free times, from 0 to 1; 0 without sessions, or if one visit a week is usual."""
        return self.fitting / len(self.sessions) if self.sessions and not self.one_visit else 0

    @property
    def offers_language(self) -> bool:
        """Whether the program names the person's language. A program that names none counts as speaking the site's."""
        program = self.program
        if program.languages or program.other_languages:
            return self.wishes.language in program.languages
        return self.wishes.language == settings.LANGUAGE_CODE

    @property
    def is_paid(self) -> bool | None:
        """Whether the program accepts the person's insurance, or people without any; None if that is not known."""
        if self.wishes.insurance is None or not self.program.accepts:
            return None
        return self.wishes.insurance in self.program.accepts

    def order(self) -> tuple[object, ...]:
        """Return the sort key: the best program first. A program that does not accept their insurance comes last."""
        return (
            self.is_paid is False,
            self.hours_fit,
            -self.share,
            self.wishes.online and not self.program.online,
            not self.offers_language,
            self.is_paid is None,
            self.wishes.substance_use and not self.program.substance_use_track,
            self.program.name,
        )

    def reasons(self) -> list[str]:
        """Return the reasons for the position of the program, in words: everything that :meth:`order` depends on."""
        reasons = [self.reason_of_hours()]
        if self.wishes.online:
            reasons.append(_("You can take part online.") if self.program.online else _("It is not online."))
        name = language.name_of(self.wishes.language)
        if not self.offers_language:
            reasons.append(_("Ask if there is help in %(language)s.") % {"language": name})
        elif self.wishes.language != settings.LANGUAGE_CODE:
            reasons.append(_("There is help in %(language)s.") % {"language": name})
        if self.wishes.substance_use:
            reasons.append(
                _("It also treats problems with alcohol or drugs.")
                if self.program.substance_use_track
                else _("Ask about help with alcohol or drugs.")
            )
        reasons.append(self.reason_of_insurance())
        return [reason for reason in reasons if reason]

    def reason_of_insurance(self) -> str:
        insurance = self.wishes.insurance
        if insurance is None:
            return ""
        if insurance == Insurance.NONE:
            if self.is_paid:
                return _("It helps people without insurance.")
            return _("Ask what you would pay without insurance.")
        said = {"insurance": insurance.label}
        if self.is_paid is None:
            return _("Ask if it takes %(insurance)s.") % said
        if self.is_paid:
            return _("It takes %(insurance)s.") % said
        return _("It may not take %(insurance)s: ask.") % said

    def reason_of_hours(self) -> str:
        if not self.sessions:
            return _("Ask about its hours.")
        if not self.wishes.free:
            return ""
        if self.one_visit and self.fitting:
            return _("It is open at a time that suits you.")
        if self.hours_fit == FITS:
            return _("All its hours suit you.")
        if self.hours_fit == NEVER:
            return _("Its hours are not at the times you gave. Ask about other times.")
        words = _("You can make %(fitting)s of its %(all)s meetings a week. Ask about other times.")
        return words % {"fitting": self.fitting, "all": len(self.sessions)}

    def shown(self, today: date) -> ShownProgram:
        return ShownProgram(
            self.program,
            in_words(self.program, self.offer.own_words),
            hours_in_words(self.sessions),
            self.reasons(),
            self.program.stale(today),
        )


def hours_in_words(sessions: Collection[ProgramSession]) -> list[str]:
    """Return sessions in words, such as "Monday to Friday: 9 a.m. to noon"."""
    days_by_hours: dict[tuple[time, time], list[str]] = {}
    for session in sessions:
        days_by_hours.setdefault((session.starts, session.ends), []).append(DAYS[session.day])
    return [
        _("%(days)s: %(starts)s to %(ends)s")
        % {
            "days": capfirst(days_in_words(days)),
            "starts": time_format(starts, "TIME_FORMAT"),
            "ends": time_format(ends, "TIME_FORMAT"),
        }
        for (starts, ends), days in days_by_hours.items()
    ]
