"""Return codes, which open a draft in another browser, and private codes, which delete a submission.

A code has 16 characters in four groups, about 74 bits. Only a keyed hash of it is stored. Wrong codes are throttled to
fewer than 20 an hour for each network address, without effect on other addresses. The reasons are in
docs/adr/0015-return-codes-and-private-codes.md.
"""

import hmac
import secrets
import unicodedata

from django.conf import settings

from carenav.plumbing.crypto import blind_index, blind_indexes

# Without letters and digits that can be mistaken for others on paper or on the phone.
ALPHABET = "ACDEFHJKLMNPQRTUVWXY34679"
LENGTH = 16


def random_letters(length: int) -> str:
    """Return so many random characters of ``ALPHABET``."""
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def in_groups(letters: str, between: str = "-") -> str:
    """Return the letters in groups of four, such as "K7QX-97MD"."""
    return between.join(letters[start : start + 4] for start in range(0, len(letters), 4))


def private_code(token: str) -> str:
    """Return the private code for the submission of the browser with this token; always the same for a token.

    The database has only a hash of the token, so nobody can compute the code from the database.
    """
    return _derived(token, "carenav private code")


def return_code(token: str, salt: str) -> str:
    """Return the return code for a browser's token and a salt.

    The code can be shown again as long as the salt is stored, without storing the code itself.
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
    """Return only the letters and digits of a typed code, in upper case and Unicode form NFKC."""
    wide = unicodedata.normalize("NFKC", text).upper()
    return "".join(character for character in wide if character.isalnum())


def normalize_reference(text: str) -> str:
    """Return a typed reference as it is stored: "k7qx 92md" gives "K7QX-92MD"; "" if it cannot be a reference."""
    reference = normalize(text)
    return in_groups(reference) if len(reference) == 8 and reference.isascii() else ""


def can_be_code(text: str) -> bool:
    """Return whether a typed text has the length and letters of a code; if not, it need not count as a guess."""
    code = normalize(text)
    return len(code) == LENGTH and set(code) <= set(ALPHABET)


def code_hash(code: str) -> str:
    """Return the hash that is stored for a code."""
    return blind_index("code", normalize(code))


def code_hashes(code: str) -> list[str]:
    """Return the hashes of a code under every key that is or was in use, for use in a lookup."""
    return blind_indexes("code", normalize(code), settings.RETIRED_FIELD_KEYS)


def matches(code: str, stored: str) -> bool:
    """Return whether a code has this stored hash. Takes the same time for right and wrong codes."""
    found = [hmac.compare_digest(each, stored) for each in code_hashes(code)]
    return any(found)


# ---- wrong codes
