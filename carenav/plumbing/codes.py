"""Return codes, which open a draft in another browser, and private codes, which delete what was sent.

A code is 16 characters in four groups, about 74 bits. It is stored only as a keyed hash. Wrong codes are throttled
by network address, to fewer than 20 an hour. Other addresses are not slowed, and no number of wrong codes blocks a
right one. docs/adr/0015-return-codes-and-private-codes.md says why this is enough.
"""

import hmac
import secrets
import unicodedata

from django.conf import settings

from carenav.plumbing.crypto import blind_index, blind_indexes

# No letter or digit that can be mistaken for another on paper or on the phone.
ALPHABET = "ACDEFHJKLMNPQRTUVWXY34679"
LENGTH = 16


def random_letters(length: int) -> str:
    """Return random letters and digits that cannot be mistaken for one another."""
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def in_groups(letters: str, between: str = "-") -> str:
    """Split letters into groups of four, as people write them down."""
    return between.join(letters[start : start + 4] for start in range(0, len(letters), 4))


def private_code(token: str) -> str:
    """Derive the code that deletes what the browser with this token sent; it is the same each time.

    Only that browser can compute it: the database holds a hash of the token, from which the code cannot be derived.
    """
    return _derived(token, "carenav private code")


def return_code(token: str, salt: str) -> str:
    """Derive the code that opens a draft elsewhere; another salt gives another code.

    So the page that shows it can be loaded again while the salt is kept, and the database never holds the code.
    """
    return _derived(token, f"carenav return code {salt}")


def _derived(token: str, purpose: str) -> str:
    digest = hmac.digest(token.encode(errors="replace"), purpose.encode(), "sha256")
    number, letters = int.from_bytes(digest, "big"), ""
    for _ in range(LENGTH):
        number, place = divmod(number, len(ALPHABET))
        letters += ALPHABET[place]
    return in_groups(letters)


def normalize(text: str) -> str:
    """Normalize a typed code to its letters and digits: any case or width, with blanks or other dashes."""
    wide = unicodedata.normalize("NFKC", text).upper()
    return "".join(character for character in wide if character.isalnum())


def normalize_reference(text: str) -> str:
    """Return a typed reference as it is stored: "k7qx 92md" is ``K7QX-92MD``; "" for what cannot be one."""
    reference = normalize(text)
    return in_groups(reference) if len(reference) == 8 and reference.isascii() else ""


def can_be_code(text: str) -> bool:
    """Return whether this could be a code at all; if not, it is a slip of the pen and no guess."""
    code = normalize(text)
    return len(code) == LENGTH and set(code) <= set(ALPHABET)


def code_hash(code: str) -> str:
    """Return the hash that is stored for a code."""
    return blind_index("code", normalize(code))


def code_hashes(code: str) -> list[str]:
    """Return the hashes a lookup compares with, one for every key that is or was in use."""
    return blind_indexes("code", normalize(code), settings.RETIRED_FIELD_KEYS)


def matches(code: str, stored: str) -> bool:
    """Return whether a code is the one whose hash is stored; in the same time whatever the answer."""
    found = [hmac.compare_digest(each, stored) for each in code_hashes(code)]
    return any(found)


# ---- wrong codes
