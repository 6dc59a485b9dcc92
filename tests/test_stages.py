"""The stages of `make test`: a failing one neither hides the later ones nor is hidden by them."""

import subprocess
import sys

from django.conf import settings


def run_stages(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run stages.py with these names and commands."""
    command = [sys.executable, settings.BASE_DIR / "tests" / "support" / "stages.py", *arguments]
    return subprocess.run(command, capture_output=True, text=True)


def test_stages_run_on_after_a_failure_and_fail_at_the_end():
    done = run_stages("first", "exit 3", "second", "echo reached")
    assert done.returncode == 1
    assert "\nreached\n" in done.stdout
    summary = done.stdout.splitlines()[-2:]
    assert [line.split()[0] for line in summary] == ["first", "second"]
    assert summary[0].endswith("s  FAILED (3)")
    assert summary[1].endswith("s  passed")


def test_stages_that_pass_exit_with_0():
    assert run_stages("only", "true").returncode == 0


def test_stages_without_a_command_are_refused():
    assert run_stages("only").returncode == 1
