"""Run the jobs of deploy/*.timer in a container without systemd, at the times and with the commands of the units.

When a job fails, `manage.py alarm` reports it, as OnFailure= of its unit does. A job that was missed, because the
container was stopped, runs at its next time; ``manage.py doctor`` reports one that did not run for too long.
"""

import re
import shlex
import subprocess
import sys
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from threading import Lock, Thread

UNITS = Path(__file__).resolve().parents[1]
NAMES = {"minutely": "*-*-* *:*", "hourly": "*-*-* *:00", "daily": "*-*-* 00:00", "weekly": "Mon *-*-* 00:00"}
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
CALENDAR = re.compile(rf"(?:({'|'.join(DAYS)}) )?\*-\*-(\*|\d\d) (\*|\d\d):(\*|\d\d)(?::00)?")


@dataclass(frozen=True)
class Job:
    """A timer and what its unit runs.

    Attributes:
        unit: the name of the unit, such as "carenav-notify.service".
        calendar: its OnCalendar, as one pattern of day and time.
        commands: what it runs, one after the other.
        runs: held while it runs, so that it never runs twice at once.
    """

    unit: str
    calendar: str
    commands: tuple[tuple[str, ...], ...]
    runs: Lock = field(default_factory=Lock, compare=False)

    def is_due(self, now: datetime) -> bool:
        """Return whether it is to run in this minute."""
        weekday, day, hour, minute = pattern(self.calendar)
        if weekday and DAYS[now.weekday()] != weekday:
            return False
        parts = ((day, now.day), (hour, now.hour), (minute, now.minute))
        return all(wanted == "*" or int(wanted) == is_now for wanted, is_now in parts)


def pattern(calendar: str) -> tuple[str, str, str, str]:
    """Return weekday, day of the month, hour and minute of an OnCalendar.

    Raises:
        ValueError: it is written in a way that is not known here.
    """
    found = CALENDAR.fullmatch(NAMES.get(calendar, calendar))
    if not found:
        raise ValueError(f"OnCalendar={calendar} is not known here")
    weekday, day, hour, minute = found.groups()
    return weekday or "", day, hour, minute


def jobs(folder: Path = UNITS) -> list[Job]:
    """Read all timers of a folder."""
    found = []
    for timer in sorted(folder.glob("*.timer")):
        calendar = re.findall(r"^OnCalendar=(.+)$", timer.read_text(), re.MULTILINE)[0]
        pattern(calendar)
        unit = timer.with_suffix(".service")
        lines = re.findall(r"^ExecStart=(.+)$", unit.read_text(), re.MULTILINE)
        found.append(Job(unit.name, calendar, tuple(tuple(shlex.split(line)) for line in lines)))
    return found


def run(job: Job) -> bool:
    """Run the commands of a job until one fails, and report the failure; return whether all succeeded."""
    for command in job.commands:
        if subprocess.run(command).returncode:  # noqa: S603, from our own units
            print(f"{job.unit} failed", flush=True)
            subprocess.run([*command[:2], "alarm", job.unit])  # noqa: S603
            return False
    return True


def start(job: Job) -> Thread | None:
    """Run a job in a thread, so that a long one does not keep others waiting; None if it still runs."""
    if not job.runs.acquire(blocking=False):
        return None

    def to_its_end() -> None:
        try:
            run(job)
        finally:
            job.runs.release()

    thread = Thread(target=to_its_end, name=job.unit)
    thread.start()
    return thread


def this_minute() -> datetime:
    return datetime.now().astimezone().replace(second=0, microsecond=0)


def main() -> None:
    """Start what is due, each minute, until the container is stopped."""
    all_jobs = jobs()
    while True:
        next_minute = this_minute() + timedelta(minutes=1)
        while (left := (next_minute - datetime.now().astimezone()).total_seconds()) > 0:
            time.sleep(left)
        for job in all_jobs:
            if job.is_due(next_minute):
                start(job)


if __name__ == "__main__":
    sys.exit(main())
