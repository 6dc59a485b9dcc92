"""What a database held at one moment: its rows, and a dump of exactly those rows."""

import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

MODULUS = 1 << 256


class Snapshot(Protocol):
    """One moment of a database. Reading it locks nobody out, and takes the same memory for any number of rows.

    Attributes:
        vendor: the kind of database, as Django calls it.
        made_with: the version of the program that makes the dump.
    """

    vendor: str

    @property
    def made_with(self) -> str: ...

    def tables(self) -> list[str]:
        """Return the names of all tables."""

    def rows(self, table: str) -> Iterator[bytes]:
        """Yield each row of a table as bytes that tell it from every other row, in any order."""

    def dump(self) -> Iterator[bytes]:
        """Yield the dump in pieces."""


class DatabaseRefused(Exception):
    """The database or one of its programs refused; the message says what to do and quotes no row."""


@dataclass(frozen=True)
class TableDigest:
    """The content of one table.

    Attributes:
        rows: how many rows it has.
        digest: the sum of the keyed hashes of its rows, as 64 hex digits. It does not depend on their order, which
            differs between servers that sort text by different rules.
    """

    rows: int
    digest: str


def digests(snapshot: Snapshot, key: bytes) -> dict[str, TableDigest]:
    """Return the digest of each table, keyed by its name.

    Args:
        snapshot: the database.
        key: the key of the hashes.
    """
    return {table: _digest(snapshot.rows(table), key, table) for table in snapshot.tables()}


def _digest(rows: Iterator[bytes], key: bytes, table: str) -> TableDigest:
    count, total = 0, 0
    for row in rows:
        count += 1
        total += int.from_bytes(hmac.digest(key, table.encode() + b"\0" + row, "sha256"), "big")
    return TableDigest(count, f"{total % MODULUS:064x}")
