"""Codes that a person writes down: to come back to a draft in another browser, and to delete what was sent.

A code is 16 characters in four groups, about 74 bits. It is stored only as a keyed hash. Wrong codes from one address
are slowed, more with each one, to less than 20 an hour; nobody else is slowed, and there is no number of wrong codes
after which a right one would not work. docs/decisions/0022-codes-to-come-back.md says why this is enough.
"""

import hmac
import ipaddress
import secrets
import unicodedata
from datetime import timedelta

from django.conf import settings
from django.db.models import F
from django.http import HttpRequest
from django.utils import timezone

from intake.crypto import keyed_hash, keyed_hashes
from intake.models import WrongCodes, seconds_until

# No letter or digit that can be mistaken for another on paper or on the phone.
ALPHABET = "ACDEFHJKLMNPQRTUVWXY34679"
LENGTH = 16

FREE_TRIES = 5
"""So many wrong codes cost nothing: people misread their own writing."""
LONGEST_WAIT = timedelta(minutes=10)
FORGOTTEN_AFTER = timedelta(hours=1)
"""After so long without a wrong code an address begins anew."""


def new_code() -> str:
    """A code such as ``K7QX-97MD-ACDE-FHJK``."""
    return in_groups(random_letters(LENGTH))


def random_letters(length: int) -> str:
    """Letters and digits that nobody can guess, and nobody mistakes for another."""
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def in_groups(letters: str, between: str = "-") -> str:
    """Groups of four, as people write them down."""
    return between.join(letters[start : start + 4] for start in range(0, len(letters), 4))


def private_code(token: str) -> str:
    """The code that deletes what the browser with this token sent; the same one each time it is shown.

    Only that browser can work it out: the database holds a hash of its token, and no way leads from there to the code.
    """
    digest = hmac.digest(token.encode(errors="replace"), b"carenav private code", "sha256")
    number, letters = int.from_bytes(digest, "big"), ""
    for _ in range(LENGTH):
        number, place = divmod(number, len(ALPHABET))
        letters += ALPHABET[place]
    return in_groups(letters)


def normal_code(text: str) -> str:
    """The letters and digits of a code, however it was typed: small or wide ones, with blanks or other dashes."""
    wide = unicodedata.normalize("NFKC", text).upper()
    return "".join(character for character in wide if character.isalnum())


def can_be_code(text: str) -> bool:
    """Whether this could be a code at all; if not, it is a slip of the pen and no guess."""
    code = normal_code(text)
    return len(code) == LENGTH and set(code) <= set(ALPHABET)


def code_hash(code: str) -> str:
    """What is stored of a code."""
    return keyed_hash("code", normal_code(code))


def code_hashes(code: str) -> list[str]:
    """What a look-up by a code compares with, under every key that is or was in use."""
    return keyed_hashes("code", normal_code(code), settings.RETIRED_FIELD_KEYS)


def fits(code: str, stored: str) -> bool:
    """Whether a code is the one whose hash is stored; in the same time whatever the answer."""
    matches = [hmac.compare_digest(each, stored) for each in code_hashes(code)]
    return any(matches)


# ---- wrong codes


def seconds_to_wait(request: HttpRequest) -> int:
    """How long this address must wait before the next code is looked at; 0 for almost everybody.

    Call it in the transaction that looks at the code: the row is locked, so that codes sent at once count one by one.
    """
    now = timezone.now()
    tried = WrongCodes.objects.filter(address=address_of(request), last_at__gte=now - FORGOTTEN_AFTER)
    wrong = tried.select_for_update().first()
    return wait_after(wrong) if wrong else 0


def wait_after(wrong: WrongCodes) -> int:
    """Seconds until the next try after so many wrong ones."""
    if wrong.count < FREE_TRIES:
        return 0
    doubled = 2 ** min(wrong.count - FREE_TRIES, 20)
    wait = min(timedelta(seconds=doubled), LONGEST_WAIT)
    return seconds_until(wrong.last_at + wait)


def note_wrong_code(request: HttpRequest) -> None:
    """Count a wrong code of this address; what is older than an hour is forgotten."""
    forget_old()
    now = timezone.now()
    WrongCodes.objects.update_or_create(
        address=address_of(request),
        defaults={"count": F("count") + 1, "last_at": now},
        create_defaults={"count": 1, "last_at": now},
    )


def forget_old() -> None:
    """Delete what is kept of addresses that gave no wrong code for an hour."""
    WrongCodes.objects.filter(last_at__lt=timezone.now() - FORGOTTEN_AFTER).delete()


def address_of(request: HttpRequest) -> str:
    """A keyed hash of the caller's network address: enough to tell callers apart, not to find them.

    Callers with IPv6 choose among billions of addresses of their own network; it counts as one.
    """
    return keyed_hash("address", _network(network_address(request)))


def network_address(request: HttpRequest) -> str:
    """The caller's own network address, in production as the proxy tells it."""
    if settings.PRODUCTION and (forwarded := request.headers.get("X-Forwarded-For")):
        # the last one is the proxy's own word, the others anybody's
        return forwarded.rpartition(",")[2].strip()
    return request.META.get("REMOTE_ADDR", "")


def _network(address: str) -> str:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address) and not parsed.ipv4_mapped:
        return str(ipaddress.ip_network((parsed.packed[:8] + bytes(8), 64)))
    return str(getattr(parsed, "ipv4_mapped", None) or parsed)
