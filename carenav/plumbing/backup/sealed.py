"""Encrypt a stream so that every change to it is noticed.

A wrong key is refused, and so are chunks that were changed, moved, repeated or left out, at the end too. This is the
STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár, 2015): each chunk is sealed by itself with AES-256-GCM, and
its nonce says its number and whether it is the last. Each file has a key of its own, derived from the key and a random
salt, so that nonces may count from zero.
"""

import secrets
from base64 import urlsafe_b64decode
from collections.abc import Iterator
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

MAGIC = b"carenav sealed 1\n"
SALT = 32
CHUNK = 64 * 1024
"""Bytes of clear text in each chunk but the last."""
TAG = 16


class NotAuthentic(Exception):
    """The file was made with another key, or is not whole, or was changed."""


class Sealer:
    """Writes clear text to a file as sealed chunks. Without :meth:`finish`, the file is refused as cut off.

    Args:
        file: the file, at its start.
        key: 32 bytes as URL-safe base64, such as a Fernet key.
    """

    def __init__(self, file: BinaryIO, key: str) -> None:
        salt = secrets.token_bytes(SALT)
        self._file, self._cipher = file, _cipher(key, salt)
        self._waiting, self._number = bytearray(), 0
        file.write(MAGIC + salt)

    def write(self, data: bytes) -> None:
        self._waiting += data
        while len(self._waiting) > CHUNK:  # not >=: the last chunk is marked, so keep something for it
            self._seal(bytes(self._waiting[:CHUNK]), last=False)
            del self._waiting[:CHUNK]

    def finish(self) -> None:
        self._seal(bytes(self._waiting), last=True)

    def _seal(self, chunk: bytes, last: bool) -> None:
        self._file.write(self._cipher.encrypt(_nonce(self._number, last), chunk, MAGIC))
        self._number += 1


def unseal(file: BinaryIO, key: str) -> Iterator[bytes]:
    """Yield the chunks of clear text. Each is authentic; that none is missing is known only at the end.

    Args:
        file: the file, at its start.
        key: the key with which it was sealed.

    Raises:
        NotAuthentic: see there.
    """
    start = file.read(len(MAGIC) + SALT)
    if not start.startswith(MAGIC) or len(start) < len(MAGIC) + SALT:
        raise NotAuthentic("this is not a backup of carenav")
    cipher, number = _cipher(key, start[len(MAGIC) :]), 0
    sealed = file.read(CHUNK + TAG)
    while True:
        following = file.read(CHUNK + TAG)
        try:
            yield cipher.decrypt(_nonce(number, last=not following), sealed, MAGIC)
        except (InvalidTag, ValueError):  # ValueError: shorter than a tag
            why = "the key is another one, or it was changed" if number == 0 else "it was changed or cut off"
            raise NotAuthentic(f"this backup cannot be opened: {why}") from None
        if not following:
            return
        sealed, number = following, number + 1


def _nonce(number: int, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])


def _cipher(key: str, salt: bytes) -> AESGCM:
    derive = HKDF(algorithm=SHA256(), length=32, salt=salt, info=b"carenav backup")
    return AESGCM(derive.derive(urlsafe_b64decode(key)))
