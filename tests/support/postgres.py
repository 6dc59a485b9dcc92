"""Run a command with a throw-away PostgreSQL: `python tests/support/postgres.py command ...`.

No service, no port, nothing left behind: the server listens on a socket in a temporary folder, its address is in
DATABASE_URL, and it goes when the command ends. PostgreSQL refuses to run as root, so for root another account runs it.
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

# What is thrown away need not survive a power cut.
SPEED = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off"


def account() -> str | None:
    """The account that the server must run as: another one for root, else our own."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in ("postgres", "nobody") if name in known)


@contextmanager
def throw_away_postgres(programs: Path) -> Iterator[str]:
    """Start a server, give its URL, stop it and remove every trace.

    Raises:
        SystemExit: it does not start; says what the server said.
    """
    folder = Path(
        tempfile.mkdtemp(prefix="pg-", dir="/tmp")
    )  # short: a socket's path has about 100 characters
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
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the server is stopped then, too
    with throw_away_postgres(programs) as url:
        return subprocess.run(sys.argv[1:], env={**os.environ, "DATABASE_URL": url}).returncode


if __name__ == "__main__":
    sys.exit(main())
