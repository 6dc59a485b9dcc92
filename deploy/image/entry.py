"""Start a command of the image with the secrets that are in files: ``entry.py COMMAND ...``.

A variable such as SECRET_KEY_FILE names a file, whose content becomes SECRET_KEY; so no secret is in the settings of a
container, which more people can read. Uses the standard library only.
"""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

SECRETS = (
    "SECRET_KEY",
    "FIELD_KEYS",
    "RETIRED_FIELD_KEYS",
    "BACKUP_KEY",
    "DATABASE_URL",
    "EMAIL_PASSWORD",
    "METRICS_TOKEN",
)


def with_secrets(variables: Mapping[str, str]) -> dict[str, str]:
    """Return the variables with the content of files in place of their names.

    Args:
        variables: the environment.

    Raises:
        SystemExit: a file cannot be read, or a secret is given in both ways. The message does not show a secret.
    """
    found = dict(variables)
    for name in SECRETS:
        path = found.pop(f"{name}_FILE", "")
        if not path:
            continue
        if found.get(name):
            raise SystemExit(f"{name} and {name}_FILE are both set: leave one out")
        try:
            found[name] = Path(path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise SystemExit(f"{name}_FILE: {path} cannot be read ({type(error).__name__})") from None
    return found


if __name__ == "__main__":
    if len(sys.argv) < 2:
        raise SystemExit("entry.py takes a command")
    os.execvpe(sys.argv[1], sys.argv[1:], with_secrets(os.environ))  # noqa: S606
