"""Blind indexes of parts: beginnings of names, ends of phone numbers, and groups of a reference.

Staff find a person by what they hear on the phone: the first letters of a name, the last digits of a number, half of a
reference. Each part is stored as a keyed hash, under a key of its own. Decision record 50 says what these hashes tell
somebody with a copy of the database.
"""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import Model, TextField
from django.db.models.functions import Cast

from carenav.plumbing.batches import batches
from carenav.plumbing.codes import normalize
from carenav.plumbing.crypto import CannotDecrypt, decrypt, search_hash, search_hashes
from carenav.plumbing.spelling import name_words, normal_phone
from intake.models import ContactDetails, ContactSearchKey

NAME_LETTERS = range(3, 9)
"""How many first letters of a word of a name are found. A longer beginning is found by its first eight."""

PHONE_DIGITS = range(4, 9)
"""How many last digits of a phone number are found: from the last four to a local number without its area code."""

GROUP = 4
"""The letters in one group of a reference, such as "97MD" in "K7QX-97MD"."""

BATCH = 500

Part = tuple[str, str]
"""A kind of part, and its normalized text."""


def parts_of(name: str, phone: str, reference: str) -> set[Part]:
    """Return every part by which a person is found."""
    found = {("reference", group) for group in reference.split("-") if len(group) == GROUP}
    for word in name_words(name):
        found |= {("name", word[:length]) for length in NAME_LETTERS if len(word) >= length}
    digits = normal_phone(phone)
    return found | {("phone", digits[-length:]) for length in PHONE_DIGITS if len(digits) >= length}


def store(contact: ContactDetails, reference: str) -> None:
    """Store the blind indexes of the parts of new contact details."""
    insert(contact.pk, parts_of(contact.name, contact.phone, reference))


def insert(contact: int, parts: Iterable[Part], keys: type[Model] = ContactSearchKey) -> None:
    """Insert the rows of these parts, in the order of their hashes, so that the order of the rows says nothing.

    Args:
        contact: the id of the contact details.
        parts: the parts.
        keys: the model of the rows.
    """
    hashes = sorted(search_hash(*part) for part in parts)
    rows = [keys(contact_id=contact, key_hash=each) for each in hashes]
    keys._base_manager.bulk_create(rows, ignore_conflicts=True)


# ---- what was typed


def beginning_hashes(word: str) -> list[str]:
    """Return the hashes to search for a beginning of a name, one for each key; [] if it is too short."""
    return search_hashes("name", word[: NAME_LETTERS[-1]]) if len(word) >= NAME_LETTERS[0] else []


def other_hashes(text: str) -> list[str]:
    """Return the hashes to search for the last digits of a phone number or a group of a reference; [] for neither."""
    found = []
    typed = normalize(text)
    if typed.isdecimal() and len(typed) in PHONE_DIGITS:
        found += search_hashes("phone", "".join(str(int(digit)) for digit in typed))
    if len(typed) == GROUP:
        found += search_hashes("reference", typed)
    return found


# ---- contact details from before there were these indexes


def fill(contacts: type[Model], keys: type[Model]) -> None:
    """Store the missing rows of all contact details, in batches; values that no key decrypts are left out.

    Args:
        contacts: the model of contact details, as the calling migration knows it.
        keys: the model of these indexes, likewise.
    """
    stored = {"stored_name": Cast("name", TextField()), "stored_phone": Cast("phone", TextField())}
    todo = contacts._base_manager.filter(search_keys__isnull=True).values_list("pk")
    for batch in batches(todo, BATCH):
        with transaction.atomic():
            # Locked, so that nobody deletes them before their rows are inserted.
            held = contacts._base_manager.select_for_update().filter(pk__in=[pk for (pk,) in batch])
            rows = held.annotate(**stored).values_list(
                "pk", "stored_name", "stored_phone", "submission__reference"
            )
            for pk, name, phone, reference in rows:
                insert(pk, parts_of(readable(name), readable(phone), reference), keys)


def readable(token: str) -> str:
    """Return the text of an encrypted value; "" if it is empty or no key decrypts it."""
    try:
        return decrypt(token) if token else ""
    except CannotDecrypt:
        return ""
