"""Look for known vulnerabilities in locked packages: ``python tests/support/audit.py PIP_AUDIT LOCK [LOCK ...]``.

pip-audit ends with 0 where it could not look a package up, and with 1 both for a vulnerability and for a network that
is gone. This tells them apart.

Exit status: 0 if every package was looked up and none has a known vulnerability; 1 if one has; 2 if not every package
could be looked up, so that nobody knows.
"""

import json
import subprocess
import sys
from typing import Any

VULNERABLE, UNKNOWN = 1, 2


def look_up(pip_audit: str, lock: str) -> list[dict[str, Any]] | None:
    """Return what pip-audit says about each package of a lock file, or None if it could not reach its data."""
    options = ["--disable-pip", "--require-hashes", "--format", "json", "--progress-spinner", "off"]
    ran = subprocess.run([pip_audit, "-r", lock, *options], capture_output=True, text=True)
    try:
        found: list[dict[str, Any]] = json.loads(ran.stdout)["dependencies"]
    except (ValueError, KeyError):
        print(ran.stderr.strip()[-1000:], file=sys.stderr)
        return None
    return found


def judge(lock: str, packages: list[dict[str, Any]] | None) -> int:
    """Print what was found in a lock file and return the exit status for it."""
    if not packages:
        print(f"{lock}: NOT CHECKED: the list of vulnerabilities could not be reached")
        return UNKNOWN
    skipped = [each["name"] for each in packages if "skip_reason" in each]
    holes = [(each, hole) for each in packages for hole in each.get("vulns", [])]
    for each, hole in holes:
        fixed = ", ".join(hole["fix_versions"]) or "no version yet"
        print(f"{lock}: {each['name']} {each['version']} has {hole['id']}; mended in {fixed}")
    if skipped:
        print(f"{lock}: NOT CHECKED: {len(skipped)} of {len(packages)} packages: {', '.join(skipped)}")
    elif not holes:
        print(f"{lock}: {len(packages)} packages, no known vulnerability")
    return VULNERABLE if holes else UNKNOWN if skipped else 0


def main(pip_audit: str, *locks: str) -> int:
    """Look up all lock files and return the exit status: a vulnerability counts before what could not be looked up."""
    statuses = [judge(lock, look_up(pip_audit, lock)) for lock in locks]
    return VULNERABLE if VULNERABLE in statuses else max(statuses)


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit("audit.py takes the program pip-audit and lock files")
    sys.exit(main(*sys.argv[1:]))
