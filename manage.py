#!/usr/bin/env python3
"""Django's command line: `python manage.py help`."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db import OperationalError, ProgrammingError

from carenav.plumbing.crypto import CannotDecrypt
from recommend.engine import ContentError


def main() -> None:
    """Run a command. Prints errors that the operator can fix as one line; `--traceback` shows the stack."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "carenav.settings")
    try:
        try:
            execute_from_command_line(sys.argv)
        finally:
            print(end="", flush=True)  # does nothing where standard output is closed
    except BrokenPipeError:
        # The reader, such as head, has closed the pipe; what is left cannot be written at exit either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except (CannotDecrypt, ContentError, ImproperlyConfigured, OperationalError, ProgrammingError) as error:
        if "--traceback" in sys.argv:
            raise
        if isinstance(error, OperationalError | ProgrammingError):
            sys.exit(
                f"{error}\nIs the database that DATABASE_URL names there, and has `manage.py migrate` been run?"
            )
        sys.exit(str(error))


if __name__ == "__main__":
    main()
