"""Show a usual week of a level of care beside the times at which the person said they are free.

No rule reads this: it never changes a level, a reason or a mark.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from django.utils.dates import WEEKDAYS, WEEKDAYS_ABBR
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from carenav.plumbing.i18n.localized_text import LocalizedText
from recommend.levels.continuum import LEVELS
from recommend.levels.sources import CITES, CitingFile, Sources

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
PARTS = ("morning", "afternoon", "evening")

Slot = tuple[str, str]
"""A day and a part of the day, such as ``("mon", "evening")``."""

SLOTS: Mapping[str, Slot] = {f"{day}_{part}": (day, part) for day in DAYS for part in PARTS}
"""The slots, by the id of the option of the question ``free_times`` that stands for them."""

VARIES = "varies"


@dataclass(frozen=True)
class Way:
    """One usual timetable of a level.

    Attributes:
        days: the possible days; ``TypicalWeek.days`` says how many of them are used.
        parts: the parts of the day, all of which are used on each of these days.
        counted: the words for its sessions in "You said you are free on 2 of 5 ..."; None if that is not said.
    """

    days: tuple[str, ...]
    parts: tuple[str, ...]
    counted: LocalizedText | None

    def free_days(self, free: Collection[Slot]) -> list[str]:
        """Return the days on which the person is free at all parts of the day that this timetable uses."""
        return [day for day in self.days if all((day, part) in free for part in self.parts)]


@dataclass(frozen=True)
class TypicalWeek:
    """What a week of one level usually takes.

    Attributes:
        hours: the least and the most hours a week; the most is None for "or more". None if it takes all week.
        days: on how many days, least and most.
        usual: when the level usually takes place, in words.
        fits, ask: what to do if the free times are enough, and if not; both None if the person has no choice of times,
            so that free times do not matter.
        source: the source, in words.
        facts, contradictions, standard: ids of the sources.
        ways: the usual timetables.
    """

    hours: tuple[int, int | None] | None
    days: tuple[int, int]
    usual: LocalizedText
    fits: LocalizedText | None
    ask: LocalizedText | None
    source: LocalizedText
    facts: tuple[str, ...]
    contradictions: tuple[str, ...]
    standard: str | None
    ways: tuple[Way, ...]


@dataclass(frozen=True)
class Part:
    """A part of the day, and the hour (1 to 24) at which it ends."""

    name: LocalizedText
    until: int


@dataclass(frozen=True)
class Schedule:
    """The typical week of each level, by level id, and the parts of a day, by id."""

    parts: Mapping[str, Part]
    levels: Mapping[str, TypicalWeek]


# ---- a person's week


@dataclass(frozen=True)
class ShownWeek:
    """A usual week of a level beside a person's own week, for one picture.

    Attributes:
        typical: the typical week of the level.
        way: the timetable that suits the person best.
        varies: whether the person said that their week varies.
        free: when the person said they are free; empty if they did not say.
        usual: the times of the timetable to draw.
        free_days: on how many days of the timetable the person is free.
        parts: the parts of a day.
    """

    typical: TypicalWeek
    way: Way
    varies: bool
    free: frozenset[Slot]
    usual: frozenset[Slot]
    free_days: int
    parts: Mapping[str, Part]

    @property
    def enough(self) -> bool:
        """Whether the person is free on the least number of days that the level needs."""
        return self.free_days >= self.typical.days[0]

    @property
    def is_example(self) -> bool:
        """Whether the times drawn are only an example, because other times are equally usual."""
        return self.typical.days[1] < len(self.way.days) or (
            not self.free_days and len(self.typical.ways) > 1
        )

    @property
    def legend(self) -> list[tuple[str, str, str]]:
        """The meaning of each sign in the picture, with its times in words, as an alternative to the picture.

        Each entry is the id of the sign, its meaning and its times. Signs that do not occur are left out.
        """
        if self.is_example:
            both, usual = _("A possible time for you"), _("For example")
        else:
            both, usual = _("Usual time, and you are free"), _("Usual time")
        rows = (
            ("both", both, self.usual & self.free),
            ("usual", usual, self.usual - self.free),
            ("free", _("You are free"), self.free - self.usual),
        )
        return [(sign, words, capfirst(in_words(slots, self.parts))) for sign, words, slots in rows if slots]

    @property
    def free_in_words(self) -> str:
        return capfirst(in_words(self.free, self.parts))

    @property
    def picture(self) -> "Picture":
        return Picture(self)


def free_times(chosen: Iterable[str]) -> frozenset[Slot]:
    """Return the times that a person's options stand for; other options are ignored."""
    return frozenset(SLOTS[option] for option in chosen if option in SLOTS)


def week_of(weeks: Schedule, level: str, chosen: Collection[str]) -> ShownWeek:
    """Compare the usual week of a level with a person's own week.

    Args:
        weeks: the usual weeks of all levels.
        level: the id of the level.
        chosen: the chosen options of the question ``free_times``; empty if it was not answered.
    """
    typical = weeks.levels[level]
    free = free_times(chosen) if typical.ask else frozenset()
    way = max(typical.ways, key=lambda way: len(way.free_days(free)))  # the first of equal ones
    free_days = way.free_days(free)
    drawn = sorted(way.days, key=lambda day: day not in free_days)[: typical.days[1]]
    usual = frozenset((day, part) for day in drawn for part in way.parts)
    return ShownWeek(typical, way, VARIES in chosen, free, usual, len(free_days), weeks.parts)


# ---- in words


def in_words(slots: Collection[Slot], parts: Mapping[str, Part]) -> str:
    """Return times in words, such as "Monday to Friday: evening; Sunday: morning, afternoon"."""
    days_by_parts: dict[tuple[str, ...], list[str]] = {}
    for day in DAYS:
        if having := tuple(part for part in PARTS if (day, part) in slots):
            days_by_parts.setdefault(having, []).append(day)
    return "; ".join(
        f"{days_in_words(days)}: {', '.join(str(parts[part].name) for part in having)}"
        for having, days in days_by_parts.items()
    )


def days_in_words(days: Sequence[str]) -> str:
    """Return days in words, in the order given, such as "Monday to Friday, Sunday"."""
    return ", ".join(_run_in_words(run) for run in _runs(days))


def _runs(days: Sequence[str]) -> Iterator[list[int]]:
    """Yield the numbers of the days (0 for Monday), grouped into runs of consecutive days."""
    numbers = [DAYS.index(day) for day in days]
    for _start, run in groupby(enumerate(numbers), key=lambda pair: pair[1] - pair[0]):
        yield [number for _place, number in run]


def _run_in_words(run: Sequence[int]) -> str:
    if len(run) < 3:
        return ", ".join(str(WEEKDAYS[number]) for number in run)
    return _("%(first)s to %(last)s") % {"first": WEEKDAYS[run[0]], "last": WEEKDAYS[run[-1]]}


# ---- as a picture

LEFT, TOP = 72, 24  # room for the names of parts and days
STEP_X, STEP_Y = 32, 26
CELL_X, CELL_Y = 26, 20


class Picture:
    """The coordinates of the week as an SVG drawing, with one path for each kind of sign."""

    def __init__(self, week: ShownWeek) -> None:
        self.week = week

    @property
    def days(self) -> list[tuple[int, str]]:
        """The x position and the name of each day."""
        return [(_left(day) + CELL_X // 2, str(WEEKDAYS_ABBR[place])) for place, day in enumerate(DAYS)]

    @property
    def parts(self) -> list[tuple[int, str]]:
        return [(_top(part) + 15, str(self.week.parts[part].name)) for part in PARTS]

    @property
    def usual(self) -> str:
        """The path of a frame around each usual time."""
        return "".join(
            f"M{_left(day)} {_top(part)}h{CELL_X}v{CELL_Y}h-{CELL_X}z"
            for day, part in _in_order(self.week.usual)
        )

    @property
    def free(self) -> str:
        """The path of a dot in each free time: a line of length 0 with round ends."""
        return "".join(
            f"M{_left(day) + CELL_X // 2} {_top(part) + CELL_Y // 2}h0"
            for day, part in _in_order(self.week.free)
        )


def _in_order(slots: Collection[Slot]) -> list[Slot]:
    return [slot for slot in SLOTS.values() if slot in slots]


def _left(day: str) -> int:
    return LEFT + STEP_X * DAYS.index(day)


def _top(part: str) -> int:
    return TOP + STEP_Y * PARTS.index(part)


# ---- the file


def load_weeks(path: Path, sources: Sources, languages: Sequence[str]) -> Schedule:
    """Read and check ``schedule.toml``.

    Args:
        path: the TOML file.
        sources: the sources that it may cite.
        languages: codes of the languages that every text must have.

    Raises:
        ContentError: the file is not valid.
    """
    return _Loader(path, sources, languages).load()


class _Loader(CitingFile):
    def load(self) -> Schedule:
        raw = self.file.table("the file", self.file.raw, ("part", "level"))
        parts = self.file.table("part", raw["part"], PARTS)
        levels = self.file.table("level", raw["level"], LEVELS)
        weeks = Schedule(
            parts={id: self.part(f"part {id}", parts[id]) for id in PARTS},
            levels={id: self.level(f"level {id}", levels[id]) for id in LEVELS},
        )
        ends = [part.until for part in weeks.parts.values()]
        if ends != sorted(set(ends)) or ends[-1] != 24:
            self.file.fail("part", "each part ends after the one before, the last at 24")
        return weeks

    def part(self, place: str, raw: object) -> Part:
        row = self.file.table(place, raw, ("name", "until"))
        return Part(self.file.text(f"{place}, name", row["name"]), self.number(place, row["until"]))

    def level(self, place: str, raw: object) -> TypicalWeek:
        optional = ("hours", "fits", "ask", *CITES)
        row = self.file.table(place, raw, ("days", "usual", "source", "way"), optional)
        cited = self.citations.read(place, row)
        if ("fits" in row) != ("ask" in row):
            self.file.fail(place, "fits and ask go together")
        days = self.range(f"{place}, days", row["days"])
        ways = tuple(
            self.way(f"{place}, way number {number}", way)
            for number, way in enumerate(self.file.list_of(f"{place}, way", row["way"]), 1)
        )
        if not ways or days[1] is None or any(len(way.days) < days[1] for way in ways):
            self.file.fail(place, "days needs two numbers, and each way as many days at least")
        return TypicalWeek(
            hours=self.range(f"{place}, hours", row["hours"]) if "hours" in row else None,
            days=(days[0], days[1]),
            usual=self.file.text(f"{place}, usual", row["usual"]),
            fits=self.file.maybe_text(f"{place}, fits", row.get("fits")),
            ask=self.file.maybe_text(f"{place}, ask", row.get("ask")),
            source=self.file.text(f"{place}, source", row["source"]),
            ways=ways,
            **cited,
        )

    def way(self, place: str, raw: object) -> Way:
        row = self.file.table(place, raw, ("days", "parts"), ("counted",))
        return Way(
            days=self.file.names(f"{place}, days", row["days"], DAYS, "day"),
            parts=self.file.names(f"{place}, parts", row["parts"], PARTS, "part"),
            counted=self.file.maybe_text(f"{place}, counted", row.get("counted")),
        )

    def number(self, place: str, raw: object) -> int:
        if type(raw) is not int or raw < 1:
            self.file.fail(place, "expected a whole number, 1 or more")
        return raw

    def range(self, place: str, raw: Any) -> tuple[int, int | None]:
        if not isinstance(raw, list) or len(raw) not in (1, 2):
            self.file.fail(place, "expected [from, to], or [from] for that or more")
        numbers = [self.number(place, number) for number in raw]
        if numbers != sorted(numbers):
            self.file.fail(place, "the first number is the smaller one")
        return numbers[0], numbers[1] if len(numbers) > 1 else None
