"""Time limits of a staff session: when it ends, and whether its last code is recent enough.

A session stores three Unix times: when it began, when it was last used, and when a code was last given.
"""

import time
from datetime import timedelta
from typing import Any

from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.http import HttpRequest

from carenav.accounts.signals import Verb, record_event

IDLE = int(timedelta(minutes=15).total_seconds())
ABSOLUTE = int(timedelta(hours=12).total_seconds())
FRESH = int(timedelta(minutes=5).total_seconds())
NOTED_EVERY = 30
"""Seconds between two updates of the last use, so that not every request writes to the database. An idle session may
end up to this much too early."""

ASKED_BY_SCRIPTS: set[str] = set()
"""Names of URLs that scripts request by themselves, which is no use of the session. Other apps add theirs."""

BEGAN, SEEN, CODE = "accounts_began", "accounts_seen", "accounts_code"


def now() -> int:
    return int(time.time())


def begin(sender: Any, request: HttpRequest, user: Any, **kwargs: Any) -> None:
    """Store the start of a session, and record the sign-in. Receives Django's ``user_logged_in``.

    By then Django has given the session a new key.
    """
    request.session[BEGAN] = request.session[SEEN] = now()
    if getattr(user, "otp_device", None):
        code_given(request)
    record_event(request, Verb.SIGN_IN, user)


def end(sender: Any, request: HttpRequest, user: Any, **kwargs: Any) -> None:
    if user is not None:
        record_event(request, Verb.SIGN_OUT, user)


def connect() -> None:
    user_logged_in.connect(begin, dispatch_uid="carenav.accounts.begin")
    user_logged_out.connect(end, dispatch_uid="carenav.accounts.end")


def seconds_left(request: HttpRequest) -> int:
    """Return the seconds until the session ends if it is not used; 0 or less if it has expired or never started."""
    began, seen = request.session.get(BEGAN, 0), request.session.get(SEEN, 0)
    return min(seen + IDLE, began + ABSOLUTE) - now()


def note_use(request: HttpRequest) -> None:
    if now() - request.session.get(SEEN, 0) >= NOTED_EVERY:
        request.session[SEEN] = now()


def code_given(request: HttpRequest) -> None:
    request.session[CODE] = now()


def code_is_fresh(request: HttpRequest) -> bool:
    return now() - request.session.get(CODE, 0) <= FRESH
