"""Recognize browsers from which a user has signed in before, so that guesses from elsewhere do not slow them down.

A signed cookie holds a random id and a keyed hash for each user who signed in. It grants no access: it only gives the
browser its own budget of attempts (throttling.py).
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
"""Seconds after the last sign-in for which a browser is recognized."""
USERS = 8
"""The most users that are recognized in one browser; a computer in the office may have several."""


class Device(TypedDict):
    """The content of the cookie: a random id of the browser, and the hashes of its users, the latest first."""

    id: str
    users: list[str]


def known_device(request: HttpRequest, username: str) -> str | None:
    """Return the id of this browser if this user has signed in from it, else None."""
    device = _device(request)
    return device["id"] if _user_hash(device["id"], username) in device["users"] else None


def is_known(request: HttpRequest) -> bool:
    """Return whether anybody has signed in from this browser; a passkey names its user only once it is checked."""
    return bool(_device(request)["users"])


def remember_device(request: HttpRequest, response: HttpResponseBase, username: str) -> None:
    """Set the cookie by which this browser is recognized for this user. Call it after a successful sign-in."""
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
    """Return the content of the cookie; a new random id without users if it is missing, expired or not signed by us."""
    try:
        cookie = request.COOKIES.get(settings.DEVICE_COOKIE_NAME, "")
        held: Device = signing.loads(cookie, salt=SALT, max_age=KNOWN_FOR)
    except signing.BadSignature:
        return {"id": secrets.token_urlsafe(16), "users": []}
    return held


def _user_hash(device: str, username: str) -> str:
    return blind_index("user of device", f"{device}:{plain_user_name(username)}")[:24]
