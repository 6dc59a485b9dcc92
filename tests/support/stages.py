"""Run the stages of a check one after the other: ``python tests/support/stages.py NAME COMMAND [NAME COMMAND ...]``.

Each stage runs even if an earlier one failed. At the end, a line for each stage gives its time and result; the exit
status is 1 if any failed. The shell runs the commands.
"""

import subprocess
import sys
import time


def main(arguments: list[str]) -> int:
    """Run the stages and print the time and result of each.

    Args:
        arguments: the name and the command of each stage, in turn.

    Returns:
        0 if every stage passed, else 1.
    """
    if not arguments or len(arguments) % 2:
        sys.exit("stages.py takes a name and a command for each stage")
    lines, failed = [], False
    for name, command in zip(arguments[::2], arguments[1::2], strict=True):
        print(f"==> {name}: {command}", flush=True)
        began = time.monotonic()
        status = subprocess.run(command, shell=True).returncode
        failed |= status != 0
        lines.append(
            f"{name:<24} {time.monotonic() - began:6.0f} s  {'passed' if status == 0 else f'FAILED ({status})'}"
        )
    print("\n".join(["", *lines]), flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
