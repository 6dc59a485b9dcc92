"""Know a browser again from which somebody signed in before, so that guesses from elsewhere do not slow them there.

The cookie holds a random number and a keyed hash for each user who signed in, signed. It opens nothing: it only gives
the browser a budget of tries of its own (throttling.py).
"""

import secrets
from typing import TypedDict

from django.conf import settings
from django.core import signing
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from carenav.plumbing.crypto import blind_index
from carenav.plumbing.spelling import plain_user_name

SALT = "carenav device"
KNOWN_FOR = 30 * 24 * 3600
"""Seconds after the last sign-in."""
USERS = 8
"""So many users of one browser are known; the office's computer may have several."""


class Device(TypedDict):
    """What the cookie holds: the number of the browser, and the users who signed in there, the latest first."""

    id: str
    users: list[str]


def known_device(request: HttpRequest, username: str) -> str | None:
    """Return the number of this browser if this user has signed in from it, else None."""
    device = _device(request)
    return device["id"] if _user_hash(device["id"], username) in device["users"] else None


def remember_device(request: HttpRequest, response: HttpResponseBase, username: str) -> None:
    """Let the browser be known for this user. Call it after a sign-in that succeeded."""
    device = _device(request)
    user = _user_hash(device["id"], username)
    users = [user, *(each for each in device["users"] if each != user)][:USERS]
    response.set_cookie(
        settings.DEVICE_COOKIE_NAME,
        signing.dumps({"id": device["id"], "users": users}, salt=SALT),
        max_age=KNOWN_FOR,
        secure=settings.PRODUCTION,
        httponly=True,
        samesite="Strict",
    )


def _device(request: HttpRequest) -> Device:
    """Return what the cookie says; a new browser, where there is none or it is not ours."""
    try:
        cookie = request.COOKIES.get(settings.DEVICE_COOKIE_NAME, "")
        held: Device = signing.loads(cookie, salt=SALT, max_age=KNOWN_FOR)
    except signing.BadSignature:
        return {"id": secrets.token_urlsafe(16), "users": []}
    return held


def _user_hash(device: str, username: str) -> str:
    return blind_index("user of device", f"{device}:{plain_user_name(username)}")[:24]
