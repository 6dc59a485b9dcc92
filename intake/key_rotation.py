"""Re-encrypt every stored value with the first of FIELD_KEYS, so that older keys can be removed.

Rows are looked at in batches and changed one by one, each by a single statement that changes it only if it is still
what was read. So nothing waits for a long run, what somebody writes meanwhile stays, and a run can be stopped at any
moment: what is done is done, and the next one goes on with the rest.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import QuerySet, TextField, Value
from django.db.models.functions import Cast

from carenav.plumbing.batches import batches
from carenav.plumbing.crypto import (
    CannotDecrypt,
    EncryptedTextField,
    blind_indexes,
    decrypt,
    hash_of_email,
    hash_of_phone,
    is_of_first_key,
    reencrypted,
)
from carenav.plumbing.spelling import name_words
from intake.models import ContactDetails, ContactNameWord

BATCH = 500

Model = type[models.Model]


@dataclass
class Tally:
    """Counts the values of one field by the key they are stored under.

    Attributes:
        of: the field, as "intake.ContactDetails.phone".
        first: under the first key already.
        older: under another one of the keys.
        rotated: moved to the first key in this run.
        unreadable: under none of them, or changed.
    """

    of: str
    first: int = 0
    older: int = 0
    rotated: int = 0
    unreadable: int = 0

    def count(self, is_first: bool, is_rotated: bool) -> None:
        """Count one value that can be read."""
        if is_first:
            self.first += 1
        elif is_rotated:
            self.rotated += 1
        else:
            self.older += 1  # also what somebody changed or deleted while we looked at it


def tallies(rotate: bool, unreadable: Callable[[str], None] = lambda place: None) -> Iterator[Tally]:
    """Count, and on request rotate, every encrypted value and the blind indexes made from them.

    Args:
        rotate: put what is under an older key under the first one; without it nothing is changed.
        unreadable: called with each value that no key fits, as "intake.ContactDetails.phone of row 12".
    """
    for model, field in encrypted_fields():
        yield _of_field(model, field, rotate, unreadable)
    yield _of_hash("phone", hash_of_phone, rotate)
    yield _of_hash("email", hash_of_email, rotate)
    yield _of_name_words(rotate)


def encrypted_fields() -> Iterator[tuple[Model, str]]:
    """Yield each encrypted field of every app, as model and field name."""
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.local_concrete_fields:
            if isinstance(field, EncryptedTextField) and model._meta.managed:
                yield model, field.name


# ---- one kind of value each


def _of_field(model: Model, field: str, rotate: bool, unreadable: Callable[[str], None]) -> Tally:
    tally = Tally(f"{model._meta.label}.{field}")
    for pk, token in _stored(model, field):
        try:
            is_first = is_of_first_key(token)
        except CannotDecrypt:
            tally.unreadable += 1
            unreadable(f"{tally.of} of row {pk}")
            continue
        rotated = rotate and not is_first
        if rotated:
            value = Value(reencrypted(token), TextField())  # the field would encrypt it once more
            rotated = _if_unchanged(model, field, pk, token).update(**{field: value}) == 1
        tally.count(is_first, rotated)
    return tally


def _of_hash(field: str, hash_of: Callable[[str], str], rotate: bool) -> Tally:
    tally = Tally(f"{ContactDetails._meta.label}.{field}_hash")
    for pk, token, stored in _stored(ContactDetails, field, f"{field}_hash"):
        if (text := _readable(token)) is None:
            continue
        new = hash_of(text)
        rotated = rotate and stored != new
        if rotated:
            rotated = _if_unchanged(ContactDetails, field, pk, token).update(**{f"{field}_hash": new}) == 1
        tally.count(stored == new, rotated)
    return tally


def _of_name_words(rotate: bool) -> Tally:
    tally = Tally(f"{ContactNameWord._meta.label}.word_hash")
    for pk, token in _stored(ContactDetails, "name"):
        rows = ContactNameWord.objects.filter(contact=pk)
        stored = set(rows.values_list("word_hash", flat=True))
        for word in name_words(_readable(token) or ""):
            new, *older = blind_indexes("name", word)
            if not stored & {new, *older}:
                continue
            rotated = rotate and new not in stored
            if rotated:  # never a new row: the contact may be deleted at this moment
                rotated = rows.filter(word_hash__in=older).update(word_hash=new) == 1
            tally.count(new in stored, rotated)
    return tally


# ---- values as they are stored


def _as_stored(model: Model, field: str) -> QuerySet[Any]:
    """Annotate the rows with the stored ciphertext, undecrypted, as ``as_stored``."""
    return model._base_manager.annotate(as_stored=Cast(field, TextField()))


def _stored(model: Model, field: str, *more: str) -> Iterator[tuple[Any, ...]]:
    """Yield primary key, ciphertext and more fields of every row that has one, in batches of constant memory."""
    rows = _as_stored(model, field).values_list("pk", "as_stored", *more)
    for batch in batches(rows, BATCH):
        yield from (row for row in batch if row[1])


def _if_unchanged(model: Model, field: str, pk: Any, token: str) -> QuerySet[Any]:
    """Return the row, unless this value changed since it was read."""
    return _as_stored(model, field).filter(pk=pk, as_stored=token)


def _readable(token: str) -> str | None:
    try:
        return decrypt(token)
    except CannotDecrypt:
        return None  # reported with its field already
