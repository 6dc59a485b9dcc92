"""Write a file that appears only when it is complete, readable by its owner alone, and never in place of another."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


@contextmanager
def new_file(path: Path) -> Iterator[BinaryIO]:
    """Open a new file. It gets its name after the block, on disk; if the block fails, nothing is left of it.

    Args:
        path: the name.

    Raises:
        FileExistsError: there is such a file, before the block or after it.
    """
    if path.exists():
        raise FileExistsError(path)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.link(part, path)  # fails if there is one; a rename would replace it
    finally:
        part.unlink()
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make sure that the names in a folder are on disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
