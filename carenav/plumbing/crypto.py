"""Encryption of contact details and free text, and the blind indexes that find them.

All keys come from `settings.FIELD_KEYS`, newest first. The first one encrypts and hashes; every one decrypts and is
tried in a search. To rotate: put a new key in front; `manage.py rotate_keys` encrypts and hashes all rows again
(intake/key_rotation.py); only then remove the old key. Every row can be read and found throughout.
"""

import hashlib
import hmac
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import FieldError
from django.db import models

from carenav.plumbing.spelling import normal_email, normal_phone


class CannotDecrypt(Exception):
    """Raised if a stored value was changed, or none of FIELD_KEYS decrypts it. Carries no value."""


def encrypt(text: str) -> str:
    return _fernet(tuple(settings.FIELD_KEYS)).encrypt(text.encode()).decode()


def decrypt(token: str) -> str:
    """Decrypt a text.

    Raises:
        CannotDecrypt: a wrong key or a changed value; the stored value is never given back as if it were the text.
    """
    try:
        return _fernet(tuple(settings.FIELD_KEYS)).decrypt(token.encode()).decode()
    except InvalidToken:
        raise CannotDecrypt("wrong FIELD_KEYS, or the stored value was changed") from None


def is_of_first_key(token: str) -> bool:
    """Return whether a stored value is encrypted with the first of FIELD_KEYS, and needs none of the others.

    Raises:
        CannotDecrypt: it is encrypted with none of them, or was changed.
    """
    try:
        _fernet((settings.FIELD_KEYS[0],)).decrypt(token.encode())
    except InvalidToken:
        decrypt(token)
        return False
    return True


def reencrypted(token: str) -> str:
    """Encrypt a token again under the first key, keeping its timestamp.

    Args:
        token: one that can be decrypted.
    """
    return _fernet(tuple(settings.FIELD_KEYS)).rotate(token.encode()).decode()


@lru_cache(maxsize=8)
def _fernet(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def blind_index(kind: str, value: str) -> str:
    """Return the keyed hash stored beside an encrypted value, so that it can be found without decrypting.

    Args:
        kind: keeps equal values of different kinds apart, for example "phone" and "email".
        value: already normalised.
    """
    return blind_indexes(kind, value)[0]


def blind_indexes(kind: str, value: str, retired: Sequence[str] = ()) -> list[str]:
    """Return the hashes to search for, one for each key, newest first: `phone_hash__in=blind_indexes(...)`.

    Args:
        kind: what is hashed, such as "name": equal values of two kinds have different hashes
        value: the normalized value
        retired: keys that nothing is encrypted with any more, after those that are in use.
    """
    message = f"{kind}:{value}".encode()
    keys = [*settings.FIELD_KEYS, *retired]
    return [hmac.digest(_hash_key(key), message, "sha256").hex() for key in keys]


@lru_cache(maxsize=8)
def _hash_key(field_key: str) -> bytes:
    """Derive a hashing key from an encryption key, so that no key serves both purposes."""
    return hmac.digest(field_key.encode(), b"carenav keyed hash", hashlib.sha256)


def hash_of_phone(text: str) -> str:
    """Return the blind index of a phone number; "" where there is no digit."""
    number = normal_phone(text)
    return blind_index("phone", number) if number else ""


def hash_of_email(text: str) -> str:
    """Return the blind index of an e-mail address; "" where there is none."""
    address = normal_email(text)
    return blind_index("email", address) if address else ""


class EncryptedTextField(models.TextField):
    """A text that only the application can read: the database holds a token; "" stays "".

    A search by value is refused (store a `keyed_hash` beside it), and so is `dumpdata`: it would write clear text.
    """

    def get_prep_value(self, value: Any) -> Any:
        value = super().get_prep_value(value)
        return encrypt(value) if value else value

    def from_db_value(self, value: str | None, expression: object, connection: object) -> str | None:
        return decrypt(value) if value else value

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name != "isnull":
            raise FieldError(f"{self.name} is encrypted: search by its keyed hash")
        return super().get_lookup(lookup_name)

    def value_to_string(self, obj: models.Model) -> str:
        raise FieldError(f"{self.name} is encrypted and not written to a dump")
