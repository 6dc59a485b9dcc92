"""Every page of docs/ that the code, a page or another document names is there."""

import re
from pathlib import Path

import pytest
from django.core.management import get_commands

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


PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"""(?:\]\(|src=")([^)"\s]+)[)"]""")


def anchors(page: Path) -> set[str]:
    """Return the anchors that GitHub makes of the headings of a page."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_each_link_of_a_page_leads_to_something(page: Path) -> None:
    broken = []
    for link in LINK.findall(re.sub(r"```.*?```", "", page.read_text(), flags=re.DOTALL)):
        path, _, anchor = link.partition("#")
        if link.startswith(("https://", "mailto:")):
            continue
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            broken.append(link)
    assert broken == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_each_command_that_a_page_names_is_there(page: Path) -> None:
    if "adr" in page.parts:
        return  # a decision may name what was not built
    text = page.read_text()
    targets = {*re.findall(r"^([\w./-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)}
    made = {
        name
        for line in re.findall(r"(?:`|^    )make ([\w./ -]+)", text, re.MULTILINE)
        for name in line.split()[:1]
    }
    assert made <= targets | {"faults"}  # named as missing
    asked = {*re.findall(r"manage\.py ([a-z_]{3,})", text)}
    assert asked <= {*get_commands()}


def test_the_readme_is_a_page_long_and_shows_patients_and_the_desk() -> None:
    readme = (ROOT / "README.md").read_text()
    assert len(readme.splitlines()) <= 90
    assert len(readme.split()) <= 1000
    assert {*re.findall(r"docs/screenshots/([a-z]+)", readme)} >= {"question", "result", "crisis", "desk"}
