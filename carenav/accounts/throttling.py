"""Slow down guesses at sign-in, to 20 an hour, and lock nobody out; patients' codes work the same way.

They count by account *and* address. Who signed in from an address in the last month has a count of their own there; all
other addresses share one. So however many addresses somebody guesses from, an account gets 20 tries an hour from them
together, and its owner, at their usual place, does not even notice. A name that nobody has is counted the same way.
"""

import unicodedata
from datetime import timedelta

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from carenav.accounts.models import TrustedNetwork
from carenav.plumbing.crypto import blind_index, blind_indexes
from carenav.plumbing.throttle import limits
from carenav.plumbing.throttle.models import FailedAttempts
from carenav.plumbing.throttle.network import address_of

TRUSTED_FOR = timedelta(days=30)


def key_for_name(request: HttpRequest, username: str) -> str:
    """Return the key under which guesses at this name are counted."""
    known = TrustedNetwork.objects.filter(
        place__in=blind_indexes("sign-in place", _place(request, username)),
        last_at__gte=timezone.now() - TRUSTED_FOR,
    )
    return known.values_list("place", flat=True).first() or blind_index("sign-in", _plain(username))


def key_for_code(user_id: int) -> str:
    """Return the key under which guesses at a user's code are counted, whatever the address.

    A guesser needs the password to get this far.
    """
    return blind_index("sign-in code", str(user_id))


def register_attempt(whose: str) -> int:
    """Count an attempt and return 0, or return the seconds to wait before it. Locks the row of the key."""
    now = timezone.now()
    with transaction.atomic():
        limits.delete_expired()
        tries, _ = FailedAttempts.objects.select_for_update().get_or_create(
            address=whose, defaults={"last_at": now}
        )
        if wait := limits.wait_after(tries):
            return wait
        tries.count, tries.last_at = tries.count + 1, now
        tries.save()
    return 0


def refund_attempt(whose: str) -> None:
    """Refund an attempt that turned out right; earlier failures still count."""
    with transaction.atomic():
        tries = FailedAttempts.objects.select_for_update().filter(address=whose, count__gt=0).first()
        if tries:
            tries.count -= 1
            tries.save(update_fields=["count"])


def trust_network(request: HttpRequest, username: str) -> None:
    """Remember that the user signed in from this address. Deletes addresses unused for 30 days."""
    now = timezone.now()
    TrustedNetwork.objects.filter(last_at__lt=now - TRUSTED_FOR).delete()
    place = blind_index("sign-in place", _place(request, username))
    TrustedNetwork.objects.update_or_create(place=place, defaults={"last_at": now})


def _place(request: HttpRequest, username: str) -> str:
    return f"{address_of(request)}:{_plain(username)}"


def _plain(username: str) -> str:
    return unicodedata.normalize("NFKC", username).casefold()
