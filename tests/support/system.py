"""Find the programs that the tests need: Chromium and a PostgreSQL server.

``python tests/support/system.py`` installs missing ones with apt-get, if it is allowed to. If a program is still
missing after that, it fails and says what to install.
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
    # Downloaded by Playwright.
    "~/.cache/ms-playwright/chromium-*/chrome-linux*/chrome",
    "~/Library/Caches/ms-playwright/chromium-*/chrome-mac*/*.app/Contents/MacOS/*",
)


def last_of(places: tuple[str, ...]) -> str | None:
    """Return the last path in alphabetical order, such as the newest version, that matches a pattern, or None."""
    found = [path for place in places for path in sorted(glob.glob(os.path.expanduser(place)))]
    return found[-1] if found else None


def postgres_programs() -> Path | None:
    """Return the folder of initdb and pg_ctl, or None."""
    control = shutil.which("pg_ctl") or last_of(POSTGRES_PLACES)
    return Path(control).resolve().parent if control else None


def chromium() -> str | None:
    """Return the path of the browser: CHROMIUM_PATH, the system's, or the one that Playwright downloaded; else None.

    The same engine without windows comes first: it takes a third less processor time.
    """
    return (
        os.environ.get("CHROMIUM_PATH")
        or shutil.which("chromium-headless-shell")
        or shutil.which("chromium")
        or shutil.which("google-chrome")
        or last_of(CHROMIUM_PLACES)
    )


def apt_get() -> list[str] | None:
    """Return the beginning of a command that runs apt-get without questions; None if we cannot run it."""
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
    """Try to install these packages, and a browser if there is none. Errors are ignored: check the programs again."""
    command = apt_get()
    if packages and command:
        subprocess.run([*command, "update"], stdin=subprocess.DEVNULL)
        for package in packages:
            subprocess.run(
                [*command, "install", "--no-install-recommends", package], stdin=subprocess.DEVNULL
            )
    if not chromium():  # Ubuntu's package would only install a snap
        with_libraries = ["--with-deps"] if command else []
        playwright = [sys.executable, "-m", "playwright", "install", *with_libraries, "chromium"]
        subprocess.run(playwright, stdin=subprocess.DEVNULL)


def proxy(name: str) -> str | None:
    """Return the path of Caddy or nginx, or None. Debian installs nginx outside the PATH of users."""
    return shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")


def main() -> None:
    wanted = {"chromium": chromium, "postgresql": postgres_programs}
    # Not every system has these: without a proxy its tests are skipped, and any Chromium will do.
    welcome = {
        "chromium-headless-shell": lambda: shutil.which("chromium-headless-shell"),
        "caddy": lambda: proxy("caddy"),
        "nginx-light": lambda: proxy("nginx"),
    }
    everything = (
        wanted | welcome if os.environ.get("CI") else wanted
    )  # installing the package would start a web server, which nobody wants at home
    install([package for package, find in everything.items() if not find()])
    missing = [package for package, find in wanted.items() if not find()]
    if missing:
        sys.exit(
            f"the tests need {' and '.join(missing)}: install it, for example with apt-get install or brew install"
        )


if __name__ == "__main__":
    main()
