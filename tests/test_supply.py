"""`make audit` and `make sbom`: known vulnerabilities and licenses of what carenav runs with."""

import json
import re
from pathlib import Path

import pytest
from django.conf import settings

from tests.support import audit, licenses

ROOT = Path(settings.BASE_DIR)
HOLE = {"id": "CVE-2026-0001", "fix_versions": ["2.1"]}
SAFE = {"name": "safe", "version": "1.0", "vulns": []}
OPEN = {"name": "open", "version": "2.0", "vulns": [HOLE]}
SKIPPED = {"name": "gone", "skip_reason": "Dependency not found on PyPI"}


def pip_audit(folder: Path, says: str, status: int) -> str:
    """Return the path of a program that says this and ends with this status, in place of pip-audit."""
    said, program = folder / "said.json", folder / "pip-audit"
    said.write_text(says)
    program.write_text(f"#!/bin/sh\necho 'a line of pip-audit' >&2\ncat {said}\nexit {status}\n")
    program.chmod(0o755)
    return str(program)


@pytest.mark.parametrize(
    ("packages", "status", "said"),
    [
        ([SAFE], 0, "requirements.lock: 1 packages, no known vulnerability"),
        ([SAFE, OPEN], 1, "requirements.lock: open 2.0 has CVE-2026-0001; mended in 2.1"),
        ([SAFE, SKIPPED], 2, "NOT CHECKED: 1 of 2 packages: gone"),
        ([OPEN, SKIPPED], 1, "NOT CHECKED: 1 of 2 packages: gone"),
        ([], 2, "NOT CHECKED"),
    ],
)
def test_audit_tells_a_hole_from_a_package_that_was_not_looked_up(tmp_path, capsys, packages, status, said):
    program = pip_audit(tmp_path, json.dumps({"dependencies": packages}), 0)
    assert audit.main(program, "requirements.lock") == status
    assert said in capsys.readouterr().out


@pytest.mark.parametrize("says", ["", "{}", "ERROR: Could not connect"])
def test_audit_says_when_it_could_not_reach_its_data(tmp_path, capsys, says):
    """pip-audit ends with 1 then, as for a vulnerability."""
    assert audit.main(pip_audit(tmp_path, says, 1), "requirements.lock") == 2
    told = capsys.readouterr()
    assert "NOT CHECKED: the list of vulnerabilities could not be reached" in told.out
    assert "a line of pip-audit" in told.err


def test_a_hole_counts_before_what_was_not_looked_up(monkeypatch):
    found = {"a.lock": [SKIPPED], "b.lock": [OPEN], "c.lock": [SAFE]}
    monkeypatch.setattr(audit, "look_up", lambda _program, lock: found[lock])
    assert audit.main("pip-audit", "a.lock", "b.lock", "c.lock") == 1
    assert audit.main("pip-audit", "a.lock", "c.lock") == 2
    assert audit.main("pip-audit", "c.lock") == 0


@pytest.mark.parametrize(
    ("component", "license"),
    [
        ({"licenses": [{"expression": "MIT OR Apache-2.0"}]}, "MIT OR Apache-2.0"),
        ({"licenses": [{"license": {"id": "MIT"}}, {"license": {"name": "MIT License"}}]}, "MIT"),
        ({"licenses": [{"license": {"name": "License :: OSI Approved :: BSD License"}}]}, "BSD License"),
        ({"licenses": []}, "unknown"),
        ({}, "unknown"),
    ],
)
def test_the_license_of_a_component_is_read(component, license):
    assert licenses.license_of(component) == license


def test_a_component_without_a_license_fails_the_list(tmp_path, capsys):
    path = tmp_path / "sbom.json"
    for component, status in (({"licenses": [{"license": {"id": "MIT"}}]}, 0), ({}, 1)):
        path.write_text(json.dumps({"components": [{"name": "a", "version": "1"} | component]}))
        assert licenses.main(str(path)) == status
    assert capsys.readouterr().out.split() == ["a", "1", "MIT", "a", "1", "unknown"]


def test_every_lock_file_is_audited_and_has_hashes_for_each_package():
    locks = sorted(path.name for path in ROOT.glob("*.lock"))
    audited = re.search(r"audit\.py \S+ (.+)", (ROOT / "Makefile").read_text())[1].split()
    assert sorted(audited) == locks
    for lock in locks:
        packages = re.split(r"^(?=[\w.-]+==)", (ROOT / lock).read_text(), flags=re.MULTILINE)
        packages = [part for part in packages if "==" in part.partition("\n")[0]]
        assert packages
        assert all("--hash=sha256:" in part for part in packages), lock
