"""The programs that the tests need from the system: a Chromium and a PostgreSQL server.

`python tests/support/system.py` installs what is missing with the system's package manager where it may. Otherwise it
says in one line what to do, and fails.
"""

import glob
import os
import shutil
import subprocess
import sys
from pathlib import Path

POSTGRES_PLACES = (
    "/usr/lib/postgresql/*/bin/pg_ctl",  # Debian and Ubuntu keep it out of the PATH
    "/opt/homebrew/opt/postgresql*/bin/pg_ctl",
    "/usr/local/opt/postgresql*/bin/pg_ctl",
)
CHROMIUM_PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    # What Playwright downloads.
    "~/.cache/ms-playwright/chromium-*/chrome-linux*/chrome",
    "~/Library/Caches/ms-playwright/chromium-*/chrome-mac*/*.app/Contents/MacOS/*",
)


def last_of(places: tuple[str, ...]) -> str | None:
    """Of several versions the last by name."""
    found = [path for place in places for path in sorted(glob.glob(os.path.expanduser(place)))]
    return found[-1] if found else None


def postgres_programs() -> Path | None:
    """The folder of initdb and pg_ctl."""
    control = shutil.which("pg_ctl") or last_of(POSTGRES_PLACES)
    return Path(control).resolve().parent if control else None


def chromium() -> str | None:
    """The browser: CHROMIUM_PATH, or the system's, or what Playwright downloaded."""
    return (
        os.environ.get("CHROMIUM_PATH")
        or shutil.which("chromium")
        or shutil.which("google-chrome")
        or last_of(CHROMIUM_PLACES)
    )


def apt_get() -> list[str] | None:
    """The command that installs a package without asking; None where there is none, or we may not."""
    if not shutil.which("apt-get"):
        return None
    command = [
        "env",
        "DEBIAN_FRONTEND=noninteractive",
        "apt-get",
        "-q",
        "-y",
        "-o",
        "DPkg::Lock::Timeout=300",
    ]
    if os.geteuid() == 0:
        return command
    if shutil.which("sudo") and subprocess.run(["sudo", "-n", "true"], capture_output=True).returncode == 0:
        return ["sudo", "-n", *command]
    return None


def install(packages: list[str]) -> None:
    """Install what is missing, if we may; whether it worked shows when the programs are looked for again."""
    command = apt_get()
    if packages and command:
        subprocess.run([*command, "update"], stdin=subprocess.DEVNULL)
        for package in packages:
            subprocess.run(
                [*command, "install", "--no-install-recommends", package], stdin=subprocess.DEVNULL
            )
    if not chromium():  # Ubuntu has no such package, only a snap
        with_libraries = ["--with-deps"] if command else []
        playwright = [sys.executable, "-m", "playwright", "install", *with_libraries, "chromium"]
        subprocess.run(playwright, stdin=subprocess.DEVNULL)


def proxy(name: str) -> str | None:
    """Return the program of a proxy; Debian keeps nginx out of the PATH."""
    return shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")


def main() -> None:
    wanted = {"chromium": chromium, "postgresql": postgres_programs}
    # The tests of the proxy files are skipped where there is none: not every system has these versions.
    welcome = {"caddy": lambda: proxy("caddy"), "nginx-light": lambda: proxy("nginx")}
    everything = (
        wanted | welcome if os.environ.get("CI") else wanted
    )  # nobody wants a web server started at home
    install([package for package, find in everything.items() if not find()])
    missing = [package for package, find in wanted.items() if not find()]
    if missing:
        sys.exit(
            f"the tests need {' and '.join(missing)}: install it, for example with apt-get install or brew install"
        )


if __name__ == "__main__":
    main()
