"""Passwords in one spelling: what looks the same on every keyboard is the same password (NIST SP 800-63B)."""

import unicodedata

from django.contrib.auth.hashers import PBKDF2PasswordHasher


class NormalizingHasher(PBKDF2PasswordHasher):
    """Django's own hasher, for the NFKC form of a password; for plain letters nothing changes."""

    def encode(self, password: str, salt: str, iterations: int | None = None) -> str:
        return super().encode(unicodedata.normalize("NFKC", password), salt, iterations)
