"""Models of staff sign-in: authenticators, passkeys, backup codes and sign-in links.

A leaked database opens nothing: keys are encrypted, codes and links are hashed, both with keys outside the database.
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
STEP = 30  # seconds that a code of the app is valid
TOLERANCE = 1  # steps that a phone's clock may be off
DIGITS = 6
LINK_LIFE = timedelta(hours=24)
BACKUP_CODES = 10
BACKUP_LENGTH = 12  # about 55 bits, behind the same slowing as every other guess


def new_key() -> str:
    """Make a secret of 160 bits for an authenticator app, as RFC 4226 asks."""
    return secrets.token_hex(20)


def typed_secret(key: str) -> str:
    """Format the secret for typing into an app that cannot read the QR code."""
    return b32encode(bytes.fromhex(key)).decode()


def app_address(key: str, username: str) -> str:
    """Build the address in the QR code: the key, and how the app names it."""
    query = urlencode({"secret": typed_secret(key), "issuer": ISSUER, "digits": DIGITS, "period": STEP})
    return f"otpauth://totp/{ISSUER}:{quote(username)}?{query}"


def current_code(key: str) -> str:
    """Return the code the app shows now. For the demo and tests."""
    return f"{_totp(key).token():0{DIGITS}}"


def matching_step(key: str, code: str, after: int) -> int | None:
    """Return the time step a code belongs to, if it is later than ``after`` and close to now."""
    if not (len(code) == DIGITS and code.isascii() and code.isdigit()):
        return None
    totp = _totp(key)
    return totp.t() if totp.verify(int(code), TOLERANCE, after + 1) else None


def _totp(key: str) -> TOTP:
    """Build the one-time password generator of a key for one moment."""
    totp = TOTP(bytes.fromhex(key), step=STEP, digits=DIGITS)
    totp.time = time.time()
    return totp


class Authenticator(Device):
    """The second factor of one user: the key in their phone's app, and backup codes on paper."""

    key = EncryptedTextField()
    last_step = models.BigIntegerField(default=-1)  # of the latest code: it and all before are used up

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user"], name="one_authenticator_for_a_user")]

    def verify_token(self, token: str) -> bool:
        """Return whether this is a code of this moment, or a backup code; either is used up by that.

        Call it under a lock of this row (`django_otp.verify_token` does): codes sent twice at once count once.
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
    """A passkey of one user: the public half of a key that their phone, computer or security key holds.

    It stands for password and code together: the device asks for a finger, a face or its own PIN, and signs only for
    the address of this site.

    Attributes:
        credential_id: the key's own name, in base64url.
        public_key: in base64url.
        sign_count: how often the key has signed, where it counts.
    """

    credential_id = models.CharField(max_length=1400, unique=True)
    public_key = models.TextField()
    sign_count = models.BigIntegerField(default=0)
    added_at = models.DateTimeField(default=timezone.now)
    last_used_at = models.DateTimeField(null=True, blank=True)


class BackupCode(models.Model):
    """A code on paper that works once: the row goes when it is used."""

    authenticator = models.ForeignKey(Authenticator, on_delete=models.CASCADE, related_name="backup_codes")
    code_hash = models.CharField(max_length=64, unique=True)

    def __str__(self) -> str:
        return f"backup code of {self.authenticator.user}"


class InvitationManager(models.Manager["Invitation"]):
    def make(self, user: Any) -> str:
        """Make a new link for a user and return its token; an earlier link ends."""
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
        """Return the invitation of a link if it can still be used."""
        hashes = blind_indexes("sign-in link", token)
        return self.filter(token_hash__in=hashes, expires_at__gt=timezone.now(), user__is_active=True)


class Invitation(models.Model):
    """A one-time link by which a user sets password and second factor. Gone when used."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="invitation")
    token_hash = models.CharField(max_length=64, unique=True)
    key = EncryptedTextField()  # what the page shows as a QR code, the same each time it is opened
    expires_at = models.DateTimeField()

    objects = InvitationManager()

    def __str__(self) -> str:
        return f"link for {self.user}"
