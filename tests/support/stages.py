"""Run stages of the checks one after the other: `python tests/support/stages.py NAME COMMAND [NAME COMMAND ...]`.

Each stage runs even if an earlier one failed. At the end comes a line for each with its time, and the exit status is 1
if any failed. Commands are run by the shell.
"""

import subprocess
import sys
import time


def main(arguments: list[str]) -> int:
    """Run the stages and print how each went.

    Args:
        arguments: a name and a command for each stage, in turn.

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
