"""The chain of access events: each row is signed over its own fields and the signature before it.

The key is not in the database (FIELD_KEYS). Without it nobody can change, delete, insert or reorder rows undetected.
The signed head holds the number of rows and so detects truncation.
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
    """Add a row to the end of the chain. Locks the head, so concurrent writers wait for each other.

    Args:
        who: id of the staff user, None where nobody is signed in.
        verb: one of `AccessEvent.Verb`.
        what: see :func:`recommend.desk.audit.recorder.record`.
        address: the client's IP address.
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
    if authentic:  # a forged head is never signed again, so that verification reports it forever
        head.signature = head_signature(head.count, head.hash)
    head.save()
    return event


def is_signed(head: ChainHead) -> bool:
    """Return whether a key in FIELD_KEYS signed the head. Retired keys do not count: they may be stolen."""
    return head.signature in blind_indexes("audit head", _head_text(head.count, head.hash))


@transaction.atomic
def resign_head() -> None:
    """Sign an authentic head with the first key, so that the older keys can be retired."""
    head = ChainHead.objects.select_for_update().get()
    signature = head_signature(head.count, head.hash)
    if is_signed(head) and head.signature != signature:
        head.signature = signature
        head.save()


def head_signature(count: int, hash: str) -> str:
    """Sign a head with the first key.

    Args:
        count: how many rows the chain has.
        hash: of the last row, "" without rows.
    """
    return blind_index("audit head", _head_text(count, hash))


def signed_text(event: AccessEvent, previous: str) -> str:
    """Return what the hash of a row covers: all its fields and the hash before it."""
    at = event.at.astimezone(UTC).isoformat(timespec="microseconds")
    return json.dumps([previous, event.number, at, event.who_id, event.verb, event.what, event.address])


def _head_text(count: int, hash: str) -> str:
    return f"{count}:{hash}"
