"""docs/assurance.md and the documents beside it name tests, files and settings that exist, and leave no row out."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ASSURANCE = (ROOT / "docs" / "assurance.md").read_text()
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
REQUIREMENTS = re.findall(
    r"^### (\d+)\. [^\n]+: (met|partly|not met)\n(.*?)(?=^##)", ASSURANCE + "\n## ", re.MULTILINE | re.DOTALL
)
FILES = re.compile(
    r"`((?:carenav|intake|recommend|deploy|docs|tests|templates|static|\.ci|\.github)/[\w./-]*)`"
)


@cache
def functions_of(path: Path) -> set[str]:
    """Return the names of the test functions of a module."""
    tree = ast.parse(path.read_text())
    return {each.name for each in ast.walk(tree) if isinstance(each, ast.FunctionDef)}


def missing_in(text: str) -> list[str]:
    """Return what a document names and the project does not have."""
    tests = [f"{file}::{name}" for file, name in NAMED.findall(text) if not is_test(file, name)]
    return tests + [path for path in FILES.findall(text) if not (ROOT / path).exists()]


def is_test(file: str, name: str) -> bool:
    return name.startswith("test_") and (ROOT / file).is_file() and name in functions_of(ROOT / file)


DOCUMENTS = ["assurance.md", "asvs.md", "hazard-log.md", "threat-model.md"]


@pytest.mark.parametrize("name", [name for name in DOCUMENTS if (ROOT / "docs" / name).exists()])
def test_each_test_and_file_that_a_document_names_is_there(name):
    text = (ROOT / "docs" / name).read_text()
    assert NAMED.search(text)
    assert missing_in(text) == []


def test_a_name_that_nothing_has_is_found():
    here = "tests/test_assurance.py"
    text = f"`{here}::test_a_name_that_nothing_has_is_found` `{here}::test_gone` `{here}::functions_of` `docs/gone.md`"
    assert missing_in(text) == [f"{here}::test_gone", f"{here}::functions_of", "docs/gone.md"]


def test_each_requirement_has_a_verdict():
    assert [int(number) for number, _verdict, _text in REQUIREMENTS] == [*range(1, 27)]


@pytest.mark.parametrize(("number", "verdict", "text"), REQUIREMENTS, ids=[row[0] for row in REQUIREMENTS])
def test_a_verdict_names_its_tests_or_what_is_missing(number, verdict, text):
    assert bool(NAMED.search(text)) or verdict == "not met"
    assert ("\n- Missing: " in text) == (verdict != "met")


def test_each_row_of_the_tables_has_a_verdict():
    rows = re.findall(r"^\| (.+?) \| (.+?) \| (.+) \|$", ASSURANCE, re.MULTILINE)
    rows = [row for row in rows if row[1] != "state"]
    assert len(rows) == 11 + 19
    for what, verdict, tests in rows:
        assert verdict in ("met", "partly", "not met"), what
        assert NAMED.search(tests) or verdict == "not met", what
