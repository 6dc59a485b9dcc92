"""A backup: one sealed file with a manifest, which says what is in it, and the dump of a database."""

import json
import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone

from carenav.plumbing.backup import postgresql, sqlite
from carenav.plumbing.backup.new_file import new_file
from carenav.plumbing.backup.sealed import Sealer, unseal
from carenav.plumbing.backup.snapshot import Snapshot, TableDigest, digests
from carenav.plumbing.db_state import applied_migrations

LENGTH = 4
"""Bytes before the manifest that give its length."""

SNAPSHOTS: Mapping[str, Callable[[BaseDatabaseWrapper], AbstractContextManager[Snapshot]]] = {
    "sqlite": sqlite.snapshot,
    "postgresql": postgresql.snapshot,
}


@dataclass(frozen=True)
class Manifest:
    """What a backup says of itself.

    Attributes:
        made_at: when it was made, in ISO 8601 with an offset.
        vendor: the kind of database: "sqlite" or "postgresql".
        made_with: the version of the program that made the dump.
        content: the versions of the rules and questions in use then.
        migrations: the applied migrations, such as "desk.0001_initial".
        row_key: the key of the hashes of rows, as hex.
        tables: the digest of each table, keyed by its name.
    """

    made_at: str
    vendor: str
    made_with: str
    content: dict[str, str]
    migrations: list[str]
    row_key: str
    tables: dict[str, TableDigest]

    @classmethod
    def from_json(cls, text: bytes) -> "Manifest":
        read: dict[str, Any] = json.loads(text)
        tables = {name: TableDigest(**digest) for name, digest in read.pop("tables").items()}
        return cls(**read, tables=tables)

    def to_json(self) -> bytes:
        return json.dumps(asdict(self)).encode()

    @property
    def rows(self) -> int:
        """The number of rows in all tables."""
        return sum(table.rows for table in self.tables.values())

    def tables_that_differ(self, snapshot: Snapshot) -> list[str]:
        """Return the names of the tables whose rows are not those of the backup, one missing or too many included."""
        found = digests(snapshot, bytes.fromhex(self.row_key))
        return sorted(name for name in {*found, *self.tables} if found.get(name) != self.tables.get(name))


def write_backup(connection: BaseDatabaseWrapper, path: Path, key: str, content: dict[str, str]) -> Manifest:
    """Write a backup of the database, read it once more from the disk, and return its manifest.

    Args:
        connection: the database. People may use it meanwhile.
        path: the new file.
        key: 32 bytes as URL-safe base64.
        content: see ``Manifest``.

    Raises:
        FileExistsError: there is such a file.
        DatabaseRefused: a program of the database is missing or failed.
        NotAuthentic: the disk does not give back what was written.
    """
    with SNAPSHOTS[connection.vendor](connection) as snapshot, new_file(path) as file:
        row_key = secrets.token_bytes(32)
        manifest = Manifest(
            made_at=timezone.now().isoformat(timespec="seconds"),
            vendor=snapshot.vendor,
            made_with=snapshot.made_with,
            content=content,
            migrations=applied_migrations(),
            row_key=row_key.hex(),
            tables=digests(snapshot, row_key),
        )
        sealer, head = Sealer(file, key), manifest.to_json()
        sealer.write(len(head).to_bytes(LENGTH, "big") + head)
        for piece in snapshot.dump():
            sealer.write(piece)
        sealer.finish()
    check_backup(path, key)
    return manifest


def check_backup(path: Path, key: str) -> Manifest:
    """Read a backup to its end, and return its manifest.

    Raises:
        NotAuthentic: the key is another one, or the file is not as it was written.
    """
    manifest, dump = open_backup(path, key)
    for _piece in dump:
        pass
    return manifest


def open_backup(path: Path, key: str) -> tuple[Manifest, Iterator[bytes]]:
    """Return the manifest and the pieces of the dump, which are read one by one.

    Raises:
        NotAuthentic: now, or while the pieces are read.
    """
    pieces = _read(path, key)
    begun = bytearray()
    end = LENGTH
    for piece in pieces:
        begun += piece
        if len(begun) >= LENGTH:
            end = LENGTH + int.from_bytes(begun[:LENGTH], "big")
        if len(begun) >= end > LENGTH:
            break
    return Manifest.from_json(bytes(begun[LENGTH:end])), chain([bytes(begun[end:])], pieces)


def _read(path: Path, key: str) -> Iterator[bytes]:
    with path.open("rb") as file:
        yield from unseal(file, key)
