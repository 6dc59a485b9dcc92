"""Print package, version and license of each component of an SBOM: ``python tests/support/licenses.py SBOM``.

Exit status 1 if a component has no license.
"""

import json
import sys
from pathlib import Path
from typing import Any

UNKNOWN = "unknown"


def license_of(component: dict[str, Any]) -> str:
    """Return the licenses of a CycloneDX component; an SPDX expression or id before a name or classifier."""
    found = component.get("licenses", [])
    expressions = [each["expression"] for each in found if "expression" in each]
    inner = [each["license"] for each in found if "license" in each]
    ids = [each["id"] for each in inner if "id" in each]
    names = [each["name"].removeprefix("License :: OSI Approved :: ") for each in inner if "name" in each]
    return ", ".join(dict.fromkeys(expressions or ids or names)) or UNKNOWN


def table(sbom: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Return name, version and license of each component, by name."""
    rows = [(each["name"], each["version"], license_of(each)) for each in sbom["components"]]
    return sorted(rows, key=lambda row: row[0].lower())


def main(path: str) -> int:
    """Print the table and return the exit status."""
    rows = table(json.loads(Path(path).read_text(encoding="utf-8")))
    for name, version, license in rows:
        print(f"{name:<24} {version:<14} {license.splitlines()[0][:80]}")
    return 1 if any(license == UNKNOWN for *_package, license in rows) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
