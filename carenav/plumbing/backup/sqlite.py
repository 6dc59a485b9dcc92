"""Copy a SQLite database while it is used, and put a copy in place."""

import os
import shutil
import sqlite3
import tempfile
import time
import zlib
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from django.db.backends.base.base import BaseDatabaseWrapper

from carenav.plumbing.backup.new_file import sync_folder
from carenav.plumbing.backup.snapshot import DatabaseRefused

PIECE = 256 * 1024
FOLDER = ".carenav-copy-"
"""How the folders with a copy begin. They are beside the database, because the copy is as secret as that."""
OLD = 24 * 3600
"""Seconds after which nothing still uses such a folder."""


class SqliteFile:
    """A database file that nothing writes to."""

    vendor = "sqlite"
    made_with = sqlite3.sqlite_version

    def __init__(self, path: Path) -> None:
        self.path = path

    def tables(self) -> list[str]:
        names = (
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
        )
        with closing(sqlite3.connect(self.path)) as database:
            return [name for (name,) in database.execute(names)]

    def rows(self, table: str) -> Iterator[bytes]:
        with closing(sqlite3.connect(self.path)) as database:
            for row in database.execute(f'SELECT * FROM "{table}"'):  # noqa: S608, a name from the database itself
                yield repr(row).encode(errors="surrogatepass")

    def dump(self) -> Iterator[bytes]:
        packer = zlib.compressobj(1)
        with self.path.open("rb") as file:
            while piece := file.read(PIECE):
                yield packer.compress(piece)
        yield packer.flush()


@contextmanager
def snapshot(connection: BaseDatabaseWrapper) -> Iterator[SqliteFile]:
    """Copy the database into a folder beside it, by SQLite's backup API, and delete the copy after the block.

    Args:
        connection: the database; it may be in memory.
    """
    connection.ensure_connection()
    with copy_folder(connection) as folder:
        path = folder / "copy.sqlite3"
        path.touch(0o600)
        with closing(sqlite3.connect(path)) as copy:
            connection.connection.backup(
                copy
            )  # all pages at once: writers to a database in WAL mode need not wait
            copy.execute("PRAGMA journal_mode = DELETE")  # so that this one file is the whole database
        yield SqliteFile(path)


@contextmanager
def loaded(connection: BaseDatabaseWrapper, dump: Iterable[bytes]) -> Iterator[SqliteFile]:
    """Write a dump into a file beside the database for the block, and put it in place after the block.

    If the block fails, the database stays as it is.

    Args:
        connection: the database; its file may be missing or have no table.
        dump: the pieces of a dump.

    Raises:
        DatabaseRefused: it is no whole database.
    """
    target = Path(connection.settings_dict["NAME"])
    with _folder(target.parent) as folder:
        path = folder / target.name
        _unpack(dump, path)
        with closing(sqlite3.connect(path)) as database:
            if database.execute("PRAGMA integrity_check").fetchone() != ("ok",):
                raise DatabaseRefused("The file in the backup is no whole SQLite database")
        yield SqliteFile(path)
        connection.close()
        os.replace(path, target)
        for suffix in ("-wal", "-shm"):  # they belong to the empty file that was there
            target.with_name(target.name + suffix).unlink(missing_ok=True)
        sync_folder(target.parent)


def _unpack(dump: Iterable[bytes], path: Path) -> None:
    unpacker = zlib.decompressobj()
    with path.open("wb") as file:
        path.chmod(0o600)
        for piece in dump:
            file.write(unpacker.decompress(piece))
        file.write(unpacker.flush())
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def copy_folder(connection: BaseDatabaseWrapper) -> Iterator[Path]:
    """Make a folder beside the database for the block; for one in memory, among the temporary files."""
    path = Path(connection.settings_dict["NAME"])
    with _folder(path.parent if path.is_file() else Path(tempfile.gettempdir())) as folder:
        yield folder


@contextmanager
def _folder(place: Path) -> Iterator[Path]:
    """Make a folder for a copy. Deletes those that a killed process left behind."""
    for left in place.glob(f"{FOLDER}*"):
        if left.stat().st_mtime < time.time() - OLD:
            shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=FOLDER, dir=place) as folder:
        yield Path(folder)
