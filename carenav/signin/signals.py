"""What happened at the door, for whoever keeps the books: the desk writes one audit row for each."""

from typing import Any

from django.db.models import TextChoices
from django.dispatch import Signal
from django.http import HttpRequest


class Verb(TextChoices):
    """What somebody did. The values are stored in the audit and never change."""

    SIGNED_IN = "sign_in", "Signed in"
    SIGN_IN_FAILED = "sign_in_failed", "Sign-in failed"
    SIGNED_OUT = "sign_out", "Signed out"
    SESSION_ENDED = "session_ended", "Session ended"
    REFUSED = "refused", "Refused"
    ENROLLED = "enrolled", "Set up their sign-in"
    LINK_MADE = "sign_in_link", "Made a sign-in link"
    STEPPED_UP = "step_up", "Gave a fresh code"
    STEP_UP_FAILED = "step_up_failed", "Wrong code"


staff_event = Signal()
"""Sent with ``request`` (None: from a command), ``verb``, ``what`` (words without answers or typed names) and ``user``,
whom it is about, or None. Who did it is ``request.user``."""


def tell(request: HttpRequest | None, verb: Verb, what: str = "", user: Any = None) -> None:
    """Let it be known. A receiver that fails stops what was to be done: nothing happens unrecorded."""
    staff_event.send("carenav.signin", request=request, verb=verb, what=what, user=user)
