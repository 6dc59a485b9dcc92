"""Update the translation catalogs ``locale/<language>/LC_MESSAGES/django.po`` of patients' pages, without GNU gettext.

``make messages`` runs this module: it updates every catalog from the templates and the code, and lists the texts
without a translation. A text whose wording changed counts as new, and is not matched to its earlier translation.
"""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_python
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parents[3]
LOCALE = ROOT / "locale"

FUNCTIONS = {"_": None, "gettext": None, "gettext_lazy": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2)}
STAFF = (
    *("templates/staff/", "templates/admin/", "carenav/accounts/"),
    *(
        "recommend/desk/",
        "recommend/programs/models.py",
        "recommend/levels/choices.py",
        "recommend/management/",
    ),
)
"""Beginnings of paths whose texts only staff see, so they are not translated."""
FOR_PATIENTS = "recommend/desk/submissions/"
"""The part of the desk whose pages patients see; an exception to ``STAFF``."""


def sources() -> list[Path]:
    """Return the paths of the templates and code whose texts a patient may see."""
    found = [
        *ROOT.glob("templates/**/*.html"),
        *(path for app in ("carenav", "intake", "recommend") for path in ROOT.glob(f"{app}/**/*.py")),
    ]
    names = {path.relative_to(ROOT).as_posix(): path for path in found}
    return [
        path
        for name, path in sorted(names.items())
        if name.startswith(FOR_PATIENTS) or not name.startswith(STAFF)
    ]


def messages(path: Path) -> Iterator[tuple[str | tuple[str, ...], str | None]]:
    """Yield each translatable text of a file and its context, or None; with a plural, both forms as a tuple."""
    code = path.read_text(encoding="utf-8")
    if path.suffix == ".html":
        # Template tags become X; a line must not start with blanks, which Python would read as indentation.
        code = "\n".join(line.lstrip() for line in templatize(code, origin=str(path)).splitlines())
    for _line, function, texts, _comments in extract_python(BytesIO(code.encode()), FUNCTIONS, (), {}):
        if function == "pgettext":
            yield texts[1], texts[0]
        elif function == "ngettext":
            yield tuple(texts[:2]), None
        else:
            yield (texts if isinstance(texts, str) else texts[0]), None


def template() -> Catalog:
    """Return a catalog of all texts that a patient may see, with the files that contain them."""
    catalog = Catalog(charset="utf-8")
    for path in sources():
        place = path.relative_to(ROOT).as_posix()
        for text, context in messages(path):
            known = catalog.get(text[0] if isinstance(text, tuple) else text, context)
            if known and not isinstance(text, tuple) and known.pluralizable:
                text = tuple(known.id)  # another page has the same text with its plural
            catalog.add(text, locations=[(place, 0)], context=context)
    return catalog


def read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=path.parent.parent.name)


def lacking(catalog: Catalog) -> list[str]:
    """Return the texts of a catalog whose translation is missing or marked as fuzzy."""
    return [
        str(message.id)
        for message in catalog
        if message.id
        and (message.fuzzy or not all(message.string or "" if message.pluralizable else [message.string]))
    ]


def update(path: Path) -> list[str]:
    """Add new texts to a catalog file and remove those no longer used. Returns the texts without a translation."""
    catalog = read(path)
    catalog.fuzzy = False  # a new catalog is marked as fuzzy, and would not be compiled
    catalog.update(template(), no_fuzzy_matching=True, update_creation_date=False)
    written = BytesIO()
    write_po(written, catalog, width=100, ignore_obsolete=True, include_lineno=False)
    if written.getvalue() != path.read_bytes():
        path.write_bytes(written.getvalue())
    return lacking(catalog)


def main() -> None:
    for path in sorted(LOCALE.glob("*/LC_MESSAGES/django.po")):
        missing = update(path)
        print(f"{path.relative_to(ROOT)}: {len(missing)} without a translation", *missing, sep="\n  ")


if __name__ == "__main__":
    main()
