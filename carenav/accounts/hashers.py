"""Hash passwords in Unicode normal form, so that a password is the same on every keyboard (NIST SP 800-63B)."""

import unicodedata

from django.contrib.auth.hashers import PBKDF2PasswordHasher


class NormalizingHasher(PBKDF2PasswordHasher):
    """Django's PBKDF2 hasher applied to the NFKC form of a password. ASCII passwords hash as in Django."""

    def encode(self, password: str, salt: str, iterations: int | None = None) -> str:
        return super().encode(unicodedata.normalize("NFKC", password), salt, iterations)
