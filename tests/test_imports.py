"""Imports go one way: engine <- intake <- recommend <- desk; carenav holds the site together.

Staff sign-in (carenav.accounts) is a part of its own: of the project it takes what intake encrypts and hashes with, and
only the desk and the addresses of the site are built on it.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("carenav", "intake", "recommend")
# What each part may import of the project. The floor, the engine, also takes nothing from outside but the standard
# library.
MAY_IMPORT = {
    "engine": {"engine"},
    "intake": {"intake", "engine"},
    "recommend": {"recommend", "intake", "engine"},
    "signin": {"signin", "intake"},
    "desk": {"desk", "recommend", "intake", "engine", "signin"},
    "carenav": {"carenav"},
    "carenav.middleware": {"carenav", "intake"},
    "carenav.errors": {"carenav", "intake"},
    "carenav.urls": {"carenav", "desk", "signin"},
}


def project_modules() -> dict[str, Path]:
    """Each module of the project by its dotted name, a package by its own."""
    modules = {}
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            parts = path.relative_to(ROOT).with_suffix("").parts
            modules[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return modules


def part_of(name: str) -> str | None:
    """The part of the project that a dotted name belongs to; None for one from outside."""
    for prefix, part in (
        ("recommend.engine", "engine"),
        ("recommend.desk", "desk"),
        ("carenav.accounts", "signin"),
    ):
        if f"{name}.".startswith(f"{prefix}."):
            return part
    top = name.partition(".")[0]
    return top if top in PACKAGES else None


def imports_of(module: str, source: str, is_package: bool = False) -> Iterator[str]:
    """Dotted names that a module imports, wherever the import stands; `from a import b` gives `a.b`."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                package = module.split(".") if is_package else module.split(".")[:-1]
                base = ".".join([*package[: len(package) - node.level + 1], *filter(None, [base])])
            yield from (f"{base}.{alias.name}" for alias in node.names)


def wrong_imports(module: str, source: str, is_package: bool = False) -> list[str]:
    part = part_of(module)
    may_import = MAY_IMPORT.get(module) or MAY_IMPORT[part]
    wrong = []
    for name in imports_of(module, source, is_package):
        target = part_of(name)
        outside = target is None
        floor_is_kept = part != "engine" or name.partition(".")[0] in sys.stdlib_module_names
        if not (floor_is_kept if outside else target in may_import):
            wrong.append(f"{module} imports {name}")
    return wrong


def test_no_module_imports_against_the_direction():
    modules = project_modules()
    assert len(modules) > 10
    assert [
        wrong
        for module, path in modules.items()
        for wrong in wrong_imports(module, path.read_text(), path.name == "__init__.py")
    ] == []


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("recommend.engine.rating", "from recommend.engine.errors import ContentError"),
        ("recommend.engine.rating", "from . import errors\nimport tomllib"),
        ("intake.forms", "from recommend.engine import complete"),
        ("intake.forms", "from django import forms\nfrom intake.models import Draft"),
        ("recommend.desk.submissions.submit", "from intake.models import Draft\nfrom .models import Case"),
        ("recommend.desk.admin", "from recommend.models import Case\nfrom intake.models import Submission"),
        ("carenav.urls", "from recommend.desk.sites import desk"),
        ("carenav.errors", "from intake.content import crisis_lines"),
        ("carenav.middleware", "from carenav.errors import error_page"),
        ("carenav.accounts.models", "from carenav.plumbing.crypto import keyed_hash"),
        ("carenav.urls", "from carenav.accounts import views"),
        ("recommend.desk.site", "from carenav.accounts.reauthentication import stepped_up"),
    ],
)
def test_an_arrow_that_is_allowed(module, source):
    assert wrong_imports(module, source) == []


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("recommend.engine.rating", "import django"),
        ("recommend.engine.rating", "from carenav.plumbing.i18n.localized_text import Text"),
        ("recommend.engine.rating", "from recommend import services"),
        ("recommend.engine.rating", "from .. import services"),
        ("recommend.engine.rating", "def f():\n    from recommend.models import Case"),
        ("intake.forms", "from recommend import models"),
        ("intake.forms", "import recommend.desk.submissions.submit"),
        ("intake.forms", "from recommend.desk import admin"),
        ("intake.forms", "from carenav import errors"),
        ("recommend.desk.submissions.submit", "from recommend.desk.models import Note"),
        ("recommend.desk.submissions.submit", "from .desk import models"),
        ("recommend.desk.admin", "from carenav.errors import error_page"),
        ("carenav.wsgi", "import intake.models"),
        ("carenav.errors", "from recommend.engine import decide"),
        ("carenav.middleware", "import recommend.desk"),
        ("carenav.urls", "from recommend import services"),
        ("carenav.accounts.views", "from recommend.models import Case"),
        ("carenav.accounts.views", "from recommend.desk import roles"),
        ("carenav.accounts.views", "from carenav.errors import error_page"),
        ("carenav.middleware", "from carenav.accounts import sessions"),
        ("recommend.desk.submissions.submit", "from carenav.accounts.models import Authenticator"),
        ("intake.views", "import carenav.accounts"),
    ],
)
def test_an_arrow_that_is_refused(module, source):
    assert len(wrong_imports(module, source)) == 1


def test_relative_imports_of_a_package_start_at_itself():
    assert list(
        imports_of("recommend.engine", "from .errors import A\nfrom ..models import B", is_package=True)
    ) == [
        "recommend.engine.errors.A",
        "recommend.models.B",
    ]
