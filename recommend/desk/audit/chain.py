"""The chain of access events: the hash of each row is a keyed hash of its fields and of the hash of the row before.

The key is not in the database (FIELD_KEYS). Without it nobody can change, delete, insert or reorder rows undetected.
The head of the chain stores the number of rows and is signed too, so that missing rows at the end are detected.
"""

import json
from datetime import UTC

from django.db import transaction
from django.utils import timezone

from carenav.plumbing.crypto import blind_index, blind_indexes
from recommend.desk.models import AccessEvent, ChainHead

EMPTY = {"count": 0, "hash": ""}
"""The head of a chain without rows."""


@transaction.atomic
def append(who: int | None, verb: str, what: str = "", address: str = "") -> AccessEvent:
    """Add a row to the end of the chain and return it. Locks the head, so that concurrent writers wait.

    Args:
        who: the id of the staff user; None if nobody is signed in.
        verb: one of ``AccessEvent.Verb``.
        what: see :func:`recommend.desk.audit.recorder.record`.
        address: the client's IP address; "" if it is not known.
    """
    head = ChainHead.objects.select_for_update().get()
    authentic = is_signed(head)
    event = AccessEvent(
        number=head.count + 1,
        at=timezone.now(),
        who_id=who,
        verb=AccessEvent.Verb(verb),
        what=what,
        address=address,
    )
    event.hash = blind_index("audit", signed_text(event, head.hash))
    event.save(force_insert=True)
    head.count, head.hash = event.number, event.hash
    if authentic:  # do not sign a forged head, so that verification keeps reporting it
        head.signature = head_signature(head.count, head.hash)
    head.save()
    return event


def is_signed(head: ChainHead) -> bool:
    """Return whether the head is signed with a key in FIELD_KEYS. Retired keys do not count: they may be stolen."""
    return head.signature in blind_indexes("audit head", _head_text(head.count, head.hash))


@transaction.atomic
def resign_head() -> None:
    """Sign the head with the first key if it has a valid signature, so that older keys can be retired."""
    head = ChainHead.objects.select_for_update().get()
    signature = head_signature(head.count, head.hash)
    if is_signed(head) and head.signature != signature:
        head.signature = signature
        head.save()


def head_signature(count: int, hash: str) -> str:
    """Return the signature of a head with the first key.

    Args:
        count: the number of rows in the chain.
        hash: the hash of the last row; "" if there are no rows.
    """
    return blind_index("audit head", _head_text(count, hash))


def signed_text(event: AccessEvent, previous: str) -> str:
    """Return the text of which the hash of a row is made: all its fields and the hash of the row before."""
    at = event.at.astimezone(UTC).isoformat(timespec="microseconds")
    return json.dumps([previous, event.number, at, event.who_id, event.verb, event.what, event.address])


def _head_text(count: int, hash: str) -> str:
    return f"{count}:{hash}"
