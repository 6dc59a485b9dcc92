"""The clinic's settings that hold now, without a database query.

The settings that an administrator saved last are also in a file (``settings.CLINIC_FILE``). Each process looks at most
once a second whether the file has changed, and keeps what it read in memory. So a page asks no database for them, and
shows the same with the database off.
"""

import fcntl
import json
import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from django.conf import settings

from carenav.clinic.clinic_settings import ClinicSettings, of_start, read

logger = logging.getLogger(__name__)

LOOK_EVERY = 1.0
"""Seconds between two looks at the file."""

Stamp = tuple[int, int, int]


@dataclass
class Known:
    """What this process knows.

    Attributes:
        looked: when it last looked at the file, by the monotonic clock.
        stamp: time, number and size of the file as it was last read; None if it was not.
        value: the settings that were saved last; None if none are known.
    """

    looked: float = -LOOK_EVERY
    stamp: Stamp | None = None
    value: ClinicSettings | None = None


known = Known()

_previewed: ContextVar[ClinicSettings | None] = ContextVar("previewed", default=None)


def clinic() -> ClinicSettings:
    """Return the clinic's settings: those saved last, or else those of the start."""
    if previewed := _previewed.get():
        return previewed
    if monotonic() - known.looked >= LOOK_EVERY:
        look()
    return known.value or of_start()


@contextmanager
def preview(value: ClinicSettings) -> Iterator[None]:
    """Let other settings hold in this block, for this thread alone."""
    token = _previewed.set(value)
    try:
        yield
    finally:
        _previewed.reset(token)


def look() -> None:
    """Read the file if it has changed. A file that is missing or cannot be read changes nothing."""
    known.looked = monotonic()
    try:
        stat = os.stat(settings.CLINIC_FILE)
        stamp = (stat.st_mtime_ns, stat.st_ino, stat.st_size)
        if stamp == known.stamp:
            return
        version, texts = contents(settings.CLINIC_FILE)
    except FileNotFoundError:
        return
    except (OSError, ValueError, KeyError, TypeError) as error:
        logger.error("the file of the clinic's settings cannot be read: %s", type(error).__name__)
        return
    hold(version, texts)
    known.stamp = stamp


def contents(path: Path) -> tuple[int, dict[str, str]]:
    """Return the version and the texts in the file.

    Raises:
        OSError: it cannot be read.
        ValueError, KeyError, TypeError: it is not as :func:`write` writes it.
    """
    raw = json.loads(path.read_text(encoding="utf-8"))
    return int(raw["version"]), {str(name): str(text) for name, text in raw["texts"].items()}


def hold(version: int, texts: Mapping[str, str]) -> None:
    """Let these settings hold in this process.

    A text that a newer carenav refuses does not take the others with it: they hold, and it is that of the start.

    Args:
        version: the number of the version; 0 if none was saved.
        texts: keyed by the name of the variable.
    """
    value, faults = read(texts, version)
    for name in faults:
        logger.error("the saved setting %s cannot be used: the value of the start holds", name)
    known.value = value if version else None


def write(version: int, texts: Mapping[str, str]) -> None:
    """Write the file, atomically, and let the settings hold in this process at once.

    Raises:
        OSError: it cannot be written.
    """
    path: Path = settings.CLINIC_FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_suffix(".new")
    new.write_text(json.dumps({"version": version, "texts": dict(texts)}, indent=1), encoding="utf-8")
    new.replace(path)
    look()


@contextmanager
def alone() -> Iterator[None]:
    """Wait until no other process of this machine writes the file, so that the newest version is written last.

    Raises:
        OSError: the folder cannot be written.
    """
    path: Path = settings.CLINIC_FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def is_written() -> bool:
    path: Path = settings.CLINIC_FILE
    return path.exists()
