"""The shape of test modules and templates.

Test modules stand alone: what two of them need is in tests/support, and what runs without a browser imports none.
Templates have lines that a diff can show, and look at what a text says of itself, never at which one it is.
"""

import ast
import math
import re
from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).parent
TEMPLATES = sorted((TESTS.parent / "templates").rglob("*.html"))


def imported_modules(source: str) -> Iterator[str]:
    """Yield the dotted name of every module, or possible module, that this source imports."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "tests import by full name"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def imports_a_test_module(source: str) -> list[str]:
    """Return the imports of test modules and conftest files in this source."""
    return [
        name
        for name in imported_modules(source)
        if name.startswith("tests.")
        and any(part.startswith("test_") or part == "conftest" for part in name.split(".")[1:])
    ]


def test_no_module_imports_a_test_module():
    paths = [*TESTS.rglob("*.py"), *(TESTS.parent / "bench").rglob("*.py")]
    assert len(paths) > 90
    found = {str(path.relative_to(TESTS.parent)): imports_a_test_module(path.read_text()) for path in paths}
    assert {path: names for path, names in found.items() if names} == {}


def test_only_browser_tests_import_playwright():
    found = [
        path.relative_to(TESTS).as_posix()
        for path in TESTS.rglob("*.py")
        if path.parent.name != "browser"
        and any(
            name.startswith(("playwright", "tests.browser", "tests.support.browser"))
            for name in imported_modules(path.read_text())
        )
    ]
    assert found == ["support/browser.py"]


def test_an_import_of_a_test_module_is_found():
    assert imports_a_test_module("from tests.desk.test_list import send") == ["tests.desk.test_list.send"]
    assert imports_a_test_module("from tests.desk import test_list") == ["tests.desk.test_list"]
    assert imports_a_test_module("import tests.conftest") == ["tests.conftest"]
    assert imports_a_test_module("from tests.support import people\nimport pytest") == []


def test_template_lines_are_short():
    lengths = sorted(len(line) for path in TEMPLATES for line in path.read_text().splitlines())
    assert len(lengths) > 4000
    assert lengths[math.ceil(0.99 * len(lengths)) - 1] <= 140


# An id beside a word in quotes, with whatever stands between the operator and them.
COMPARED_ID = re.compile(
    r"""(?:\.id|_id)\s*(?:==|!=|\bin\b|\bnot in\b)\s*["']|["']\s*(?:==|!=)\s*[\w.]*(?:\.id|_id)\b"""
)


def test_no_template_asks_which_text_or_level_it_has():
    found = [
        f"{path.name}: {line.strip()}"
        for path in TEMPLATES
        for line in path.read_text().splitlines()
        if COMPARED_ID.search(line)
    ]
    assert found == []


def test_a_compared_id_is_found():
    for line in (
        "{% if text.id == 'unread' %}",
        '{% if result.urgent and result.level.id != "inpatient" %}',
        '{% if "birth" == text.id %}',
        '{% if text.id in "birth opioids" %}',
    ):
        assert COMPARED_ID.search(line), line
    for line in (
        '<li id="rule-{{ rule.id }}">',
        "{% if text.lines == 'birth' %}",
        '{% if "first" in text.parts %}',
    ):
        assert not COMPARED_ID.search(line), line


# A text over several lines is looked up as the file has it, unless it is trimmed: the loader takes indentation out.
UNTRIMMED = re.compile(r"\{% blocktranslate (?:(?!trimmed)[^%])*%\}(?:(?!\{% endblocktranslate)[^\n])*\n")


def test_translated_texts_over_several_lines_are_trimmed():
    assert UNTRIMMED.search("{% blocktranslate with a=b %}\n  Go on\n{% endblocktranslate %}")
    assert not UNTRIMMED.search("{% blocktranslate trimmed %}\n  Go on\n{% endblocktranslate %}")
    assert not UNTRIMMED.search("{% blocktranslate %}Go on{% endblocktranslate %}\n")
    assert [path.name for path in TEMPLATES if UNTRIMMED.search(path.read_text())] == []


def test_files_of_the_application_are_short():
    lengths = {
        path: len(path.read_text().splitlines())
        for room in ("carenav", "intake", "recommend")
        for path in (TESTS.parent / room).rglob("*.py")
        if "migrations" not in path.parts
    }
    assert {path.name: length for path, length in lengths.items() if length > 350} == {}
