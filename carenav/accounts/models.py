"""Models of staff sign-in: authenticators, passkeys, backup codes and sign-in links.

Nobody can sign in with the content of the database alone: the keys of authenticators are encrypted, codes and links are
hashed, and the keys for both are not in the database.
"""

import secrets
import time
from base64 import b32encode
from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlencode

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone
from django_otp.models import Device
from django_otp.oath import TOTP

from carenav.plumbing.codes import in_groups, normalize, random_letters
from carenav.plumbing.crypto import EncryptedTextField, blind_index, blind_indexes

ISSUER = "carenav"
STEP = 30  # seconds for which a code of the app is valid
TOLERANCE = 1  # steps by which a phone's clock may be wrong
DIGITS = 6
LINK_LIFE = timedelta(hours=24)
BACKUP_CODES = 10
BACKUP_LENGTH = 12  # about 55 bits; guesses are throttled as for other codes


def new_key() -> str:
    """Return a new secret for an authenticator app: 160 random bits as hex, the length that RFC 4226 recommends."""
    return secrets.token_hex(20)


def typed_secret(key: str) -> str:
    """Return a hex key in base32, for typing into an app that cannot read the QR code."""
    return b32encode(bytes.fromhex(key)).decode()


def app_address(key: str, username: str) -> str:
    """Return the ``otpauth://`` URL for the QR code, with the key and the name that the app shows."""
    query = urlencode({"secret": typed_secret(key), "issuer": ISSUER, "digits": DIGITS, "period": STEP})
    return f"otpauth://totp/{ISSUER}:{quote(username)}?{query}"


def current_code(key: str) -> str:
    """Return the code that the app shows now. For the demo and tests."""
    return f"{_totp(key).token():0{DIGITS}}"


def matching_step(key: str, code: str, after: int) -> int | None:
    """Return the time step of a code if it is later than ``after`` and within ``TOLERANCE`` of now, else None.

    Args:
        key: the secret of the app, as hex.
        code: 6 digits; anything else gives None.
        after: the step of the last code that was used; -1 for none.
    """
    if not (len(code) == DIGITS and code.isascii() and code.isdigit()):
        return None
    totp = _totp(key)
    return totp.t() if totp.verify(int(code), TOLERANCE, after + 1) else None


def _totp(key: str) -> TOTP:
    """Return the generator of one-time passwords for a key, set to the current time."""
    totp = TOTP(bytes.fromhex(key), step=STEP, digits=DIGITS)
    totp.time = time.time()
    return totp


class Authenticator(Device):
    """The second factor of one user: the key in the authenticator app on their phone, and backup codes on paper."""

    key = EncryptedTextField()
    last_step = models.BigIntegerField(default=-1)  # time step of the last code; not later ones are refused

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user"], name="one_authenticator_for_a_user")]

    def verify_token(self, token: str) -> bool:
        """Return whether this is a current code or a backup code, and use it up.

        Lock this row first, as ``django_otp.verify_token`` does, so that a code sent twice at once counts once.
        """
        code = normalize(token)
        if (step := matching_step(self.key, code, self.last_step)) is not None:
            self.last_step = step
            self.save(update_fields=["last_step"])
            return True
        used, _ = self.backup_codes.filter(code_hash__in=blind_indexes("backup code", code)).delete()
        return bool(used)

    def new_backup_codes(self) -> list[str]:
        """Replace the backup codes and return the new ones. Only hashes are stored, so they can be shown only once."""
        codes = [random_letters(BACKUP_LENGTH) for _ in range(BACKUP_CODES)]
        with transaction.atomic():
            self.backup_codes.all().delete()
            BackupCode.objects.bulk_create(
                BackupCode(authenticator=self, code_hash=blind_index("backup code", code)) for code in codes
            )
        return [in_groups(code) for code in codes]


class Passkey(Device):
    """A passkey of one user: the public key whose private key is in their phone, computer or security key.

    It replaces both password and code: the device asks for a fingerprint, a face or its PIN, and signs only for this
    site.

    Attributes:
        credential_id: the id that the device gave the key, in base64url.
        public_key: the public key, in base64url.
        sign_count: how many times the key has signed; 0 if the device does not count.
        added_at: when it was added.
        last_used_at: when it was last used to sign in; None if it never was.
    """

    credential_id = models.CharField(max_length=1400, unique=True)
    public_key = models.TextField()
    sign_count = models.BigIntegerField(default=0)
    added_at = models.DateTimeField(default=timezone.now)
    last_used_at = models.DateTimeField(null=True, blank=True)


class BackupCode(models.Model):
    """A code on paper that works once: using it deletes the row."""

    authenticator = models.ForeignKey(Authenticator, on_delete=models.CASCADE, related_name="backup_codes")
    code_hash = models.CharField(max_length=64, unique=True)

    def __str__(self) -> str:
        return f"backup code of {self.authenticator.user}"


class InvitationManager(models.Manager["Invitation"]):
    def make(self, user: Any) -> str:
        """Make a new link for a user, valid for ``LINK_LIFE``, and return its token. An earlier link stops working."""
        token = secrets.token_urlsafe(32)
        self.update_or_create(
            user=user,
            defaults={
                "token_hash": blind_index("sign-in link", token),
                "key": new_key(),
                "expires_at": timezone.now() + LINK_LIFE,
            },
        )
        return token

    def open(self, token: str) -> models.QuerySet["Invitation"]:
        """Return a queryset of the invitation with this token; empty if it has expired or the user is inactive."""
        hashes = blind_indexes("sign-in link", token)
        return self.filter(token_hash__in=hashes, expires_at__gt=timezone.now(), user__is_active=True)


class Invitation(models.Model):
    """A one-time link by which a user sets their password and second factor. Deleted when it is used."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="invitation")
    token_hash = models.CharField(max_length=64, unique=True)
    key = EncryptedTextField()  # secret for the app, in the QR code; stored so that reloading shows the same
    expires_at = models.DateTimeField()

    objects = InvitationManager()

    def __str__(self) -> str:
        return f"link for {self.user}"
