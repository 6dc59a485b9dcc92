"""The command line prints an error that the operator can fix as one line, and ends with status 1."""

import os
import subprocess
import sys

import pytest
from django.conf import settings


def manage(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=settings.BASE_DIR,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "carenav.settings"} | environment,
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize(
    ("arguments", "environment", "said"),
    [
        (["check"], {"COUNTRY": "XX"}, "COUNTRY must be one of"),
        (["purge_drafts"], {"DATABASE_URL": "sqlite:////no/such/folder/db"}, "unable to open database file"),
        (["purge_drafts"], {"DATABASE_URL": "postgresql://u:hunter2@127.0.0.1:1/x"}, "Connection refused"),
        (["rederive"], {"DATABASE_URL": "sqlite://:memory:"}, "has `manage.py migrate` been run?"),
    ],
)
def test_fixable_error_is_printed_as_one_line(arguments, environment, said):
    done = manage(*arguments, **environment)
    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert "hunter2" not in done.stderr


def test_traceback_option_shows_the_stack():
    assert "Traceback" in manage("check", "--traceback", COUNTRY="XX").stderr


def test_a_command_that_says_nothing_needs_no_standard_output():
    command = f"{sys.executable} manage.py recommend </dev/null >&-"
    done = subprocess.run(command, shell=True, cwd=settings.BASE_DIR, stderr=subprocess.PIPE, timeout=60)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize("command", ["prove", "recommend"])
def test_closed_pipe_ends_quietly(command, tmp_path):
    """As with ``| head``; with a bad line, too."""
    reads, writes = os.pipe()
    os.close(reads)
    done = subprocess.run(
        [
            sys.executable,
            "manage.py",
            command,
            *([str(tmp_path / "none.toml")] if command == "prove" else []),
        ],
        cwd=settings.BASE_DIR,
        env={name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"},
        input=b"no JSON\n",
        stdout=writes,
        stderr=subprocess.PIPE,
        timeout=60,
    )
    os.close(writes)
    assert (done.returncode, done.stderr) == (1, b"")
