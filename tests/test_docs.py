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
