"""The signal of sign-in events, which the desk's access log receives and stores."""

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
"""Sent with these arguments:

* ``request``: its user did it; None if a command did it.
* ``verb``: a ``Verb``.
* ``what``: such as "user 7", never a typed name; "" if there is no user.
* ``user``: the user whom the event is about, or None.
"""


def record_event(request: HttpRequest | None, verb: Verb, user: Any = None) -> None:
    """Send ``staff_event``. If a receiver raises, so does this, so that nothing is done without a record.

    Args:
        request: the request whose user did it; None for a command.
        verb: what was done.
        user: the user whom it is about, if there is one.
    """
    what = f"user {user.pk}" if user else ""
    staff_event.send("carenav.accounts", request=request, verb=verb, what=what, user=user)
