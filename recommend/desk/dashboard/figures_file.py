"""The figures that may leave the building: a CSV file without people, with masked counts (masking.py).

Not in it: what is divided into more than four counts, because counts could then be derived from others. These are the
days, the ages, the cross table and the agreement by rule.
"""

import csv
import io
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.utils import timezone

from carenav.plumbing.csv_cells import defused
from recommend.desk.dashboard import figures
from recommend.desk.dashboard.conditions import counted, first_sent
from recommend.desk.dashboard.masking import STEP, MaskedCount
from recommend.levels.choices import LevelOfCare

HEADER = ("table", "row", "column", "value")
WEEKS = 4

Line = tuple[str, str, str, str]


def lines_of(days: int, now: datetime) -> Iterator[Line]:
    """Yield the lines of the file, without its header."""
    for label, count in weeks(now):
        yield "Sent", label, "cases", str(MaskedCount.of(count))
    for figure in figures.levels(days, now)[: len(LevelOfCare)]:
        yield "Recommended level", figure.label, "cases", str(MaskedCount.of(figure.count))
    for row in figures.funnel(days, now):
        for figure in row.figures:
            yield "How far cases came", row.label, figure.label, str(MaskedCount.of(figure.count))
    for times in figures.first_contact(days, now):
        many = times.contacted.count
        yield "First contact", times.label, "cases", str(MaskedCount.of(many))
        yield "First contact", times.label, "half within", times.median if many >= STEP else "–"
        yield "First contact", times.label, "nine of ten within", times.p90 if many >= 2 * STEP else "–"
    said = figures.effects(days, now)
    for figure in (said.changed, said.unchanged):
        yield "What the recommendation did", figure.label, "cases", str(MaskedCount.of(figure.count))
    average = said.average if said.timed.count >= STEP else "–"
    yield "What the recommendation did", "Minutes saved", "average", average


def weeks(now: datetime) -> list[tuple[str, int]]:
    """Count the cases first sent in each of the last four weeks, the last one ending today."""
    today = timezone.localdate(now)
    starts = [today - timedelta(days=7 * number - 1) for number in range(WEEKS, 0, -1)]
    counts = counted(first_sent(start, start + timedelta(days=6)) for start in starts)
    return [(f"week from {start.isoformat()}", count) for start, count in zip(starts, counts, strict=True)]


def file_of(days: int, now: datetime) -> str:
    """Return the text of the file."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(HEADER)
    writer.writerows([defused(cell) for cell in line] for line in lines_of(days, now))
    return "\ufeff" + out.getvalue()
