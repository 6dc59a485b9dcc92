"""The data inventory as a Markdown page."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from django.apps import apps
from django.db.models import Model

from carenav.plumbing.inventory import (
    CLASSES,
    OF_SOMETHING_OUTSIDE,
    PROJECT,
    Entry,
    as_tuple,
    declaration,
    entries,
    files,
    read,
)

HEAD = """\
# Data inventory

What carenav stores about anybody: what for, how long, and who sees it. Made by `manage.py data_inventory --write`
out of the `data.toml` files beside the models; do not edit it here. A test fails for a field that is not declared, and
where this page is not what the command writes.

The database holds everything that is not marked "encrypted" or "hash" in clear: anybody who can read the database,
or an unencrypted copy of it, sees that. "Seen by" names who sees it in the program. Numbers that the database gives its
rows are left out. A deletion by the person reaches the live database at once, and backups only when they expire.
"""


def page() -> str:
    """Return the whole page."""
    parts = [HEAD, classes(), *(of_model(model) for model in apps.get_models()), outside()]
    return "\n".join(parts)


def classes() -> str:
    rows = [(name, what, how) for name, (what, how) in CLASSES.items()]
    return "\n".join(["## Classes", "", *table(("class", "what it is", "how it is treated"), rows)])


def of_model(model: type[Model]) -> str:
    declared = declaration(model)
    rows = [
        (f"`{each.name}`", ", ".join(each.classes), each.purpose, each.stored, *differs(declared, each))
        for each in entries(model)
    ]
    return "\n".join(
        [
            f"\n## {model._meta.label}",
            "",
            f"{declared['about']}. Kept {declared['kept']}. Seen by {declared['seen_by']}.",
            "",
            *table(("field", "class", "purpose", "stored", "kept otherwise, seen by others"), rows),
        ]
    )


def differs(declared: dict[str, str], entry: Entry) -> tuple[str]:
    """Return in what a field differs from the rest of its model."""
    names = {"kept": "kept ", "seen_by": "seen by "}
    found = [
        words + getattr(entry, name)
        for name, words in names.items()
        if getattr(entry, name) != declared[name]
    ]
    return ("; ".join(found),)


def outside() -> str:
    """Return the table of what is stored elsewhere than in the database, such as in a browser."""
    rows = [
        [", ".join(as_tuple(row[name])) for name in OF_SOMETHING_OUTSIDE]
        for path in files()
        for row in read(path).get("outside", [])
    ]
    head = ("what", "class", "purpose", "kept", "seen by")
    return "\n".join(["\n## Outside the database", "", *table(head, rows), ""])


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    head = tuple(head)
    for cells in (head, ("---",) * len(head), *rows):
        yield f"| {' | '.join(cells)} |"


def path() -> Path:
    return PROJECT / "docs" / "data-inventory.md"
