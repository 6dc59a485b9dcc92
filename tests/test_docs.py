"""Every page of docs/ that the code, a page or another document names is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
KINDS = (".py", ".md", ".html", ".toml")
PLACES = ("carenav", "intake", "recommend", "templates", "docs", "deploy", "bench")
FILES = [
    path
    for path in [*ROOT.glob("*.md"), *(each for place in PLACES for each in (ROOT / place).rglob("*"))]
    if path.suffix in KINDS
]
NAMED = sorted({name for path in FILES for name in re.findall(r"docs/[\w./-]+\.md", path.read_text())})


@pytest.mark.parametrize("name", NAMED)
def test_a_document_that_is_named_is_there(name: str) -> None:
    assert (ROOT / name).is_file()


def test_search_finds_named_documents() -> None:
    assert "docs/proof.md" in NAMED


WCAG_2_2_AA = [
    *("1.1.1", "1.2.1", "1.2.2", "1.2.3", "1.2.4", "1.2.5"),
    *(f"1.3.{number}" for number in range(1, 6)),
    *(f"1.4.{number}" for number in (1, 2, 3, 4, 5, 10, 11, 12, 13)),
    *("2.1.1", "2.1.2", "2.1.4", "2.2.1", "2.2.2", "2.3.1"),
    *(f"2.4.{number}" for number in (1, 2, 3, 4, 5, 6, 7, 11)),
    *(f"2.5.{number}" for number in (1, 2, 3, 4, 7, 8)),
    *("3.1.1", "3.1.2", "3.2.1", "3.2.2", "3.2.3", "3.2.4", "3.2.6"),
    *(f"3.3.{number}" for number in (1, 2, 3, 4, 7, 8)),
    *("4.1.2", "4.1.3"),
]


def test_the_table_of_accessibility_has_every_criterion_and_names_tests_that_exist() -> None:
    table = (ROOT / "docs" / "accessibility.md").read_text()
    assert re.findall(r"^\| (\d+\.\d+\.\d+) ", table, re.MULTILINE) == WCAG_2_2_AA
    tests = re.findall(r"`(tests/[\w/]+\.py)`", table)
    assert tests
    assert [test for test in tests if not (ROOT / test).is_file()] == []
