"""Compile the translation catalogs when the app starts."""

import os
from pathlib import Path
from tempfile import NamedTemporaryFile

from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import to_locale


def compile_catalogs() -> None:
    """Compile the ``django.po`` of each language to ``django.mo`` if that is missing or older.

    Raises:
        ImproperlyConfigured: a ``django.po`` is missing or broken, or its folder cannot be written to.
    """
    for code, _name in settings.LANGUAGES:
        if code == settings.LANGUAGE_CODE:
            continue
        source = settings.LOCALE_PATHS[0] / to_locale(code) / "LC_MESSAGES" / "django.po"
        made = source.with_suffix(".mo")
        if not source.exists():
            raise ImproperlyConfigured(f"{source} is missing: the words of the pages, see docs/languages.md")
        if not made.exists() or made.stat().st_mtime < source.stat().st_mtime:
            try:
                compile_catalog(source, made)
            except (OSError, ValueError, PoFileError) as error:
                raise ImproperlyConfigured(f"{made} cannot be made out of {source.name}: {error}") from error


def compile_catalog(source: Path, made: Path) -> None:
    """Compile a .po file to a .mo file.

    The file is replaced atomically, because several servers may start at once.

    Args:
        source: the path of the .po file.
        made: the path of the .mo file.
    """
    with source.open("rb") as file:
        catalog = read_po(file, locale=source.parent.parent.name, abort_invalid=True)
    with NamedTemporaryFile(dir=made.parent, suffix=".mo", delete=False) as compiled:
        write_mo(compiled, catalog)
    os.chmod(compiled.name, 0o644)
    os.replace(compiled.name, made)
