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


LEVEL_2 = {
    **{"1.1": 2, "1.2": 9, "1.3": 11, "1.4": 3, "1.5": 2, "2.1": 3, "2.2": 3, "2.3": 4, "2.4": 1},
    **{"3.2": 2, "3.3": 4, "3.4": 6, "3.5": 5, "3.7": 2, "4.1": 3, "4.2": 1, "4.3": 2, "4.4": 4},
    **{
        "5.1": 1,
        "5.2": 3,
        "5.3": 2,
        "5.4": 3,
        "6.1": 3,
        "6.2": 12,
        "6.3": 4,
        "6.4": 4,
        "6.5": 5,
        "6.6": 3,
        "6.8": 4,
    },
    **{"7.1": 3, "7.2": 4, "7.3": 2, "7.4": 5, "7.5": 2, "7.6": 2, "8.1": 2, "8.2": 3, "8.3": 1, "8.4": 1},
    **{"9.1": 3, "9.2": 4, "11.1": 2, "11.2": 3, "11.3": 3, "11.4": 4, "11.5": 1, "11.6": 1},
    **{
        "12.1": 3,
        "12.2": 2,
        "12.3": 4,
        "13.1": 1,
        "13.2": 5,
        "13.3": 2,
        "13.4": 5,
        "14.1": 2,
        "14.2": 4,
        "14.3": 3,
    },
    **{"15.1": 3, "15.2": 3, "15.3": 7, "16.1": 1, "16.2": 5, "16.3": 4, "16.4": 3, "16.5": 3},
}
"""How many requirements of level 1 and 2 each section of ASVS 5.0.0 has; in each, those of level 3 come last."""


def numbers(cell: str) -> list[str]:
    """Return the requirements of a cell, such as "1.2.1-1.2.3 1.2.9"."""
    found = []
    for part in cell.split():
        first, _, last = part.partition("-")
        section, start = first.rsplit(".", 1)
        end = (last or first).rsplit(".", 1)[1]
        found += [f"{section}.{number}" for number in range(int(start), int(end) + 1)]
    return found


def test_each_requirement_of_asvs_at_level_2_has_one_verdict():
    text = (ROOT / "docs" / "asvs.md").read_text()
    rows = re.findall(r"^\| (\d+\.\d+) \| .+? \|(.*?)\|(.*?)\|(.*?)\|(.*?)\|", text, re.MULTILINE)
    assert [section for section, *_rest in rows] == [*LEVEL_2]
    assert {line.count("|") for line in text.splitlines() if line.startswith("| ")} == {8}
    for section, met, not_met, none, why in rows:
        verdicts = numbers(met) + numbers(not_met) + numbers(none)
        assert sorted(verdicts) == sorted(f"{section}.{number}" for number in range(1, LEVEL_2[section] + 1))
        assert not not_met.strip() or why.strip(), section


HAZARDS = (ROOT / "docs" / "hazard-log.md").read_text()
SEVERITIES = ("minor", "significant", "considerable", "major", "catastrophic")
HAZARD = re.compile(r"^### H(\d+)\. .+?\n(.*?)(?=^### |\Z)", re.MULTILINE | re.DOTALL)


def risks() -> dict[tuple[str, str], int]:
    """Return the table of risks, keyed by severity and likelihood."""
    rows = re.findall(r"^\| ([a-z ]+) \|((?: \d \|){5})$", HAZARDS, re.MULTILINE)
    return {
        (severity, likelihood): int(risk)
        for likelihood, cells in rows
        for severity, risk in zip(SEVERITIES, re.findall(r"\d", cells), strict=True)
    }


def test_a_risk_grows_with_severity_and_likelihood():
    table = [*risks().values()]
    assert len(table) == 25
    rows = [table[start : start + 5] for start in range(0, 25, 5)]
    for line in [*rows, *zip(*rows, strict=True)]:
        assert sorted(line) == [*line]


def test_each_hazard_has_cause_controls_evidence_and_the_risk_that_follows():
    hazards = HAZARD.findall(HAZARDS)
    assert [int(number) for number, _text in hazards] == [*range(1, len(hazards) + 1)]
    for number, text in hazards:
        for part in ("- Cause: ", "Effect: ", "- Controls: ", "- Evidence: "):
            assert part in text, (number, part)
        assert NAMED.search(text), number
        severity, before, after, risk = re.search(
            r"- Risk: (\w+), ([\w ]+) before, ([\w ]+) after: (\d)", text
        ).groups()
        assert risks()[severity, after] == int(risk), number
        assert risks()[severity, before] >= int(risk), number
