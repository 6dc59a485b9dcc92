"""Signals of sign-in events. The desk's access log receives and stores them."""

from typing import Any

from django.db.models import TextChoices
from django.dispatch import Signal
from django.http import HttpRequest


class Verb(TextChoices):
    """Sign-in events. The access log stores the values, so they never change."""

    SIGN_IN = "sign_in", "Signed in"
    SIGN_IN_FAILED = "sign_in_failed", "Failed to sign in"
    SIGN_IN_SLOWED = "sign_in_slowed", "Had to wait to sign in"
    SIGN_OUT = "sign_out", "Signed out"
    STEP_UP = "step_up", "Confirmed with a code"
    STEP_UP_FAILED = "step_up_failed", "Failed to confirm with a code"
    ENROLLED = "enrolled", "Enrolled a second factor"
    FACTOR_RESET = "factor_reset", "Reset a second factor"
    BACKUP_CODES = "backup_codes", "Made new backup codes"
    PASSKEY_ADDED = "passkey_added", "Added a passkey"
    PASSKEY_REMOVED = "passkey_removed", "Removed a passkey"


staff_event = Signal()
"""Sent with ``request`` (None: by a command), ``verb``, ``what`` (which user, by number: never a typed name) and
``user``, whom it is about, or None. Who did it is ``request.user``."""


def record_event(request: HttpRequest | None, verb: Verb, user: Any = None) -> None:
    """Let it be known. A receiver that fails stops what was to be done: nothing happens unrecorded."""
    what = f"user {user.pk}" if user else ""
    staff_event.send("carenav.accounts", request=request, verb=verb, what=what, user=user)
