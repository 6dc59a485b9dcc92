"""Encryption of contact details and free text, and blind indexes to search for them.

The keys are in ``settings.FIELD_KEYS``, newest first. The first one encrypts and hashes; all of them are tried to
decrypt and to search. To rotate the keys, put a new one first, run ``manage.py rotate_keys``, which encrypts and hashes
all rows again (intake/key_rotation.py), and then remove the old one. All rows stay readable meanwhile.
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
    """A stored value was changed, or none of FIELD_KEYS decrypts it. The message does not quote the value."""


def encrypt(text: str) -> str:
    return _fernet(tuple(settings.FIELD_KEYS)).encrypt(text.encode()).decode()


def decrypt(token: str) -> str:
    """Return the text of an encrypted value.

    Raises:
        CannotDecrypt: none of the keys decrypts it, or it was changed.
    """
    try:
        return _fernet(tuple(settings.FIELD_KEYS)).decrypt(token.encode()).decode()
    except InvalidToken:
        raise CannotDecrypt("wrong FIELD_KEYS, or the stored value was changed") from None


def is_of_first_key(token: str) -> bool:
    """Return whether a stored value is encrypted with the first of FIELD_KEYS.

    Raises:
        CannotDecrypt: none of the keys decrypts it, or it was changed.
    """
    try:
        _fernet((settings.FIELD_KEYS[0],)).decrypt(token.encode())
    except InvalidToken:
        decrypt(token)
        return False
    return True


def reencrypted(token: str) -> str:
    """Return an encrypted value encrypted again with the first key, with the same timestamp.

    Args:
        token: an encrypted value that one of the keys decrypts.

    Raises:
        cryptography.fernet.InvalidToken: none does.
    """
    return _fernet(tuple(settings.FIELD_KEYS)).rotate(token.encode()).decode()


@lru_cache(maxsize=8)
def _fernet(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def blind_index(kind: str, value: str) -> str:
    """Return the keyed hash that is stored beside an encrypted value, so that it can be found without decrypting.

    Args:
        kind: the kind of value, such as "phone"; equal values of different kinds have different hashes.
        value: the normalized value.

    Returns:
        64 hex digits.
    """
    return blind_indexes(kind, value)[0]


def blind_indexes(kind: str, value: str, retired: Sequence[str] = ()) -> list[str]:
    """Return the hashes to search for, one for each key, newest first, as in ``phone_hash__in=blind_indexes(...)``.

    Args:
        kind: as for :func:`blind_index`.
        value: the normalized value.
        retired: more keys to try after FIELD_KEYS, such as RETIRED_FIELD_KEYS.
    """
    message = f"{kind}:{value}".encode()
    keys = [*settings.FIELD_KEYS, *retired]
    return [hmac.digest(_hash_key(key), message, "sha256").hex() for key in keys]


@lru_cache(maxsize=8)
def _hash_key(field_key: str) -> bytes:
    """Return a key for hashing that is derived from an encryption key, so that no key has both uses."""
    return hmac.digest(field_key.encode(), b"carenav keyed hash", hashlib.sha256)


def search_hash(kind: str, value: str) -> str:
    """Return the blind index of a part of a value, such as the first letters of a name; under a key of its own."""
    return search_hashes(kind, value)[0]


def search_hashes(kind: str, value: str) -> list[str]:
    """Return the hashes of a part to search for, one for each of FIELD_KEYS, newest first; each has 32 hex digits."""
    message = f"{kind}:{value}".encode()
    return [hmac.digest(_search_key(key), message, "sha256").hex()[:32] for key in settings.FIELD_KEYS]


@lru_cache(maxsize=8)
def _search_key(field_key: str) -> bytes:
    """Return a key for the hashes of parts, which are easier to guess than whole values; no other hash uses it."""
    return hmac.digest(field_key.encode(), b"carenav parts to search for", hashlib.sha256)


def hash_of_phone(text: str) -> str:
    """Return the blind index of a phone number; "" if it has no digits."""
    number = normal_phone(text)
    return blind_index("phone", number) if number else ""


def hash_of_email(text: str) -> str:
    """Return the blind index of an e-mail address; "" if it is empty."""
    address = normal_email(text)
    return blind_index("email", address) if address else ""


class EncryptedTextField(models.TextField):
    """A text field that is encrypted in the database. "" is stored as "".

    Lookups other than ``isnull`` raise ``FieldError``; store a blind index in another field to search. ``dumpdata``
    raises it too, because it would write clear text.
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
