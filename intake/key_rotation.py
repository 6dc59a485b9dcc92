"""Re-encrypt every stored value with the first of FIELD_KEYS, so that older keys can be removed.

Rows are read in batches and updated one by one, each with a single statement that does nothing if the value has changed
since it was read. So a long run holds no locks, overwrites nothing that was written meanwhile, and can be stopped at
any time; the next run continues with the rest.
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
    search_hashes,
)
from carenav.plumbing.spelling import name_words
from intake.models import ContactDetails, ContactNameWord, ContactSearchKey
from intake.search_keys import Part, parts_of

BATCH = 500

Model = type[models.Model]


@dataclass
class Tally:
    """Counts of the values of one field, by the key they are encrypted or hashed with.

    Attributes:
        of: the field, such as "intake.ContactDetails.phone".
        first: values that used the first key already.
        older: values that use an older key, including those changed or deleted during the run.
        rotated: values moved to the first key in this run.
        unreadable: values that none of the keys decrypts, or that were tampered with.
    """

    of: str
    first: int = 0
    older: int = 0
    rotated: int = 0
    unreadable: int = 0

    def count(self, is_first: bool, is_rotated: bool) -> None:
        """Add one readable value to the counts.

        Args:
            is_first: whether it used the first key already.
            is_rotated: whether this run moved it to the first key.
        """
        if is_first:
            self.first += 1
        elif is_rotated:
            self.rotated += 1
        else:
            self.older += 1  # also values that were changed or deleted between reading and updating


def tallies(rotate: bool, unreadable: Callable[[str], None] = lambda place: None) -> Iterator[Tally]:
    """Yield a tally for each encrypted field and each blind index, and re-encrypt values if asked to.

    Args:
        rotate: whether to move values from older keys to the first one; if not, nothing is changed.
        unreadable: called for each value that no key decrypts, with its place, such as
            "intake.ContactDetails.phone of row 12".
    """
    for model, field in encrypted_fields():
        yield _of_field(model, field, rotate, unreadable)
    yield _of_hash("phone", hash_of_phone, rotate)
    yield _of_hash("email", hash_of_email, rotate)
    yield _of_name_words(rotate)
    yield _of_search_keys(rotate)


def encrypted_fields() -> Iterator[tuple[Model, str]]:
    """Yield each encrypted field of every app, as model and field name."""
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.local_concrete_fields:
            if isinstance(field, EncryptedTextField) and model._meta.managed:
                yield model, field.name


# ---- each kind of stored value


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
            if rotated:  # only update, never insert: the contact may be deleted at the same time
                rotated = rows.filter(word_hash__in=older).update(word_hash=new) == 1
            tally.count(new in stored, rotated)
    return tally


def _of_search_keys(rotate: bool) -> Tally:
    tally = Tally(f"{ContactSearchKey._meta.label}.key_hash")
    rows = ContactDetails._base_manager.annotate(
        stored_name=Cast("name", TextField()), stored_phone=Cast("phone", TextField())
    ).values_list("pk", "stored_name", "stored_phone", "submission__reference")
    for batch in batches(rows, BATCH):
        for pk, name, phone, reference in batch:
            _of_parts(pk, parts_of(_readable(name) or "", _readable(phone) or "", reference), rotate, tally)
    return tally


def _of_parts(contact: int, parts: set[Part], rotate: bool, tally: Tally) -> None:
    """Count the parts of one person, and move those that are stored to the first key."""
    rows = ContactSearchKey.objects.filter(contact=contact)
    stored = set(rows.values_list("key_hash", flat=True))
    for kind, text in sorted(parts):
        new, *older = search_hashes(kind, text)
        if not stored & {new, *older}:
            continue
        rotated = rotate and new not in stored
        if rotated:  # as above: only update
            rotated = rows.filter(key_hash__in=older).update(key_hash=new) == 1
        tally.count(new in stored, rotated)


# ---- reading stored values


def _as_stored(model: Model, field: str) -> QuerySet[Any]:
    """Return all rows, annotated with the stored ciphertext as ``as_stored``."""
    return model._base_manager.annotate(as_stored=Cast(field, TextField()))


def _stored(model: Model, field: str, *more: str) -> Iterator[tuple[Any, ...]]:
    """Yield primary key, ciphertext and the ``more`` fields of each row with a ciphertext, read in batches."""
    rows = _as_stored(model, field).values_list("pk", "as_stored", *more)
    for batch in batches(rows, BATCH):
        yield from (row for row in batch if row[1])


def _if_unchanged(model: Model, field: str, pk: Any, token: str) -> QuerySet[Any]:
    """Return a queryset of this row, empty if the value changed since it was read."""
    return _as_stored(model, field).filter(pk=pk, as_stored=token)


def _readable(token: str) -> str | None:
    try:
        return decrypt(token) if token else ""
    except CannotDecrypt:
        return None  # already counted as unreadable when its field was
