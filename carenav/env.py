"""Read settings from the environment and from ``.env``; an error names the variable with an unusable value."""

import os
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

from django.core.exceptions import ImproperlyConfigured

T = TypeVar("T")


def read_dotenv(path: Path) -> dict[str, str]:
    """Read the KEY=VALUE lines of a file into a dict; empty if there is no such file.

    Raises:
        ImproperlyConfigured: the file cannot be read, or a line is neither empty, a comment nor KEY=VALUE. The message
            does not quote the line, because it may hold a key.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise ImproperlyConfigured(f"{path} cannot be read as UTF-8: {error}") from None
    values = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        key, equals, value = line.strip().removeprefix("export ").partition("=")
        if not equals:
            raise ImproperlyConfigured(f"{path}, line {number}: expected KEY=VALUE")
        values[key.strip()] = value.strip()
    return values


class Environment:
    """The variables from which the settings are read. An empty value counts as not set.

    The methods that read a variable raise ``ImproperlyConfigured``, with its name, if its value cannot be used.

    Attributes:
        values: the values, keyed by the names of the variables.
        in_file: the names of the variables in the file ``.env``.
        asked: the names of the variables that have been read so far.
    """

    def __init__(self, values: Mapping[str, str], in_file: Iterable[str] = ()) -> None:
        self.values = values
        self.in_file = {*in_file}
        self.asked: set[str] = set()

    @classmethod
    def read(cls, dotenv: Path) -> "Environment":
        """Read a ``.env`` file and the environment; for a variable in both, the environment wins."""
        from_file = read_dotenv(dotenv)
        return cls({**from_file, **os.environ}, from_file)

    def refuse_unknown(self, *also_known: str) -> None:
        """Raise if ``.env`` has a variable that nothing reads, such as a misspelled one. Call it last.

        Args:
            also_known: names of variables that are read elsewhere.

        Raises:
            ImproperlyConfigured: there is such a variable.
        """
        unknown = self.in_file - self.asked - {*also_known}
        if unknown:
            raise ImproperlyConfigured(f".env: no setting is called {', '.join(sorted(unknown))}")

    def text(self, name: str, default: str = "") -> str:
        """Return a value without surrounding blanks, or the default."""
        self.asked.add(name)
        value = self.values.get(name, "").strip()
        if value != value.encode(errors="replace").decode():
            raise ImproperlyConfigured(f"{name} is not UTF-8")
        if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
            raise ImproperlyConfigured(f"{name} is in quotes: leave them out")
        return value or default

    def parsed(self, name: str, read: Callable[[str], T]) -> T:
        """Return a value as a function reads it, which raises ``ValueError`` if it cannot; it may get ""."""
        try:
            return read(self.text(name))
        except ValueError as error:
            raise ImproperlyConfigured(f"{name}: {error}") from None

    def flag(self, name: str) -> bool:
        """Return whether something is switched on (1, true, yes or on); False if it is not set."""
        value = self.text(name, "0").lower()
        if value in ("1", "true", "yes", "on"):
            return True
        if value in ("0", "false", "no", "off"):
            return False
        raise ImproperlyConfigured(f"{name} must be 1 or 0, not {value!r}")

    def items(self, name: str, default: str = "") -> list[str]:
        """Return the items of a comma-separated value; empty if it is not set and there is no default."""
        return [item.strip() for item in self.text(name, default).split(",") if item.strip()]

    def choice(self, name: str, choices: tuple[str, ...], default: str) -> str:
        """Return a value that must be one of the choices."""
        value = self.text(name, default)
        if value not in choices:
            raise ImproperlyConfigured(f"{name} must be one of {', '.join(choices)}, not {value!r}")
        return value

    def count(self, name: str, default: int, most: int) -> int:
        """Return a whole number from 1 to ``most``."""
        value = self.text(name, str(default))
        if not (value.isascii() and value.isdecimal() and 0 < int(value) <= most):
            raise ImproperlyConfigured(f"{name} must be a whole number from 1 to {most}, not {value!r}")
        return int(value)

    def port(self, name: str, default: int) -> int:
        """Return a port number, from 1 to 65535."""
        value = self.text(name, str(default))
        if not (value.isascii() and value.isdecimal() and 0 < int(value) < 65536):
            raise ImproperlyConfigured(f"{name} must be the number of a port, not {value!r}")
        return int(value)

    def token(self, name: str) -> str:
        """Return a secret for an HTTP header; "" if it is not set."""
        value = self.text(name)
        if value and not re.fullmatch(r"[\x21-\x7e]{20,}", value):
            raise ImproperlyConfigured(f"{name} must be 20 or more letters, digits and signs, without blanks")
        return value

    def https(self, name: str, default: str) -> str:
        """Return a URL that begins with ``https://``."""
        value = self.text(name, default)
        if not re.fullmatch(r"https://[^/?#\s]\S*", value):
            raise ImproperlyConfigured(
                f"{name} must begin with https:// and the name of a host, not {value!r}"
            )
        return value

    def time_zone(self, name: str, default: str) -> str:
        """Return the name of a time zone, such as America/New_York."""
        value = self.text(name, default)
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError):  # no such zone; not a name of one; a folder of zones
            raise ImproperlyConfigured(
                f"{name} must be a time zone such as America/New_York, not {value!r}"
            ) from None
        return value
