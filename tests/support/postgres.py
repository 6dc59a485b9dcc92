"""Run a command with a temporary PostgreSQL server: ``python tests/support/postgres.py COMMAND ...``.

The server listens on a socket in a temporary folder. Its URL is in DATABASE_URL, and it is removed when the command
ends. PostgreSQL refuses to run as root, so root runs it under another account.
"""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from system import postgres_programs

# Faster settings; the data need not survive a power cut.
SPEED = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off"


def account() -> str | None:
    """Return the account that the server must run as: another one if we are root; None for our own."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in ("postgres", "nobody") if name in known)


@contextmanager
def throw_away_postgres(programs: Path) -> Iterator[str]:
    """Start a server and give its URL; after the block, stop it and delete its files.

    Args:
        programs: the folder of initdb and pg_ctl.

    Raises:
        SystemExit: the server does not start; the message has the end of its log.
    """
    folder = Path(
        tempfile.mkdtemp(prefix="pg-", dir="/tmp")
    )  # a short path, because that of a socket is limited to about 100 characters
    data, log = folder / "data", folder / "log"
    user = account()
    if user:
        shutil.chown(folder, user, pwd.getpwnam(user).pw_gid)
    locale = "C.UTF-8" if sys.platform == "linux" else "en_US.UTF-8"

    def run(program: str, *arguments: str | Path) -> None:
        subprocess.run(
            [programs / program, *arguments],
            check=True,
            cwd="/",
            env={**os.environ, "LC_ALL": locale},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            **({"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []} if user else {}),
        )

    try:
        try:
            run("initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync")
            run(
                "pg_ctl",
                "-D",
                data,
                "-w",
                "-l",
                log,
                "-o",
                f"-k {folder} -c listen_addresses='' {SPEED}",
                "start",
            )
        except subprocess.CalledProcessError as error:
            said = log.read_text() if log.exists() else error.stderr
            raise SystemExit(f"PostgreSQL in {programs} does not start: {said[-800:]}") from None
        try:
            yield f"postgresql://postgres@{quote(str(folder), safe='')}/postgres"
        finally:
            run("pg_ctl", "-D", data, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main() -> int:
    programs = postgres_programs()
    if programs is None:
        sys.exit("no PostgreSQL server found: run tests/support/system.py")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the server is stopped in this case too
    with throw_away_postgres(programs) as url:
        return subprocess.run(sys.argv[1:], env={**os.environ, "DATABASE_URL": url}).returncode


if __name__ == "__main__":
    sys.exit(main())
