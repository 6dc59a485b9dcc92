"""The second factor of the signed-in user."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from carenav.accounts.models import Authenticator


def is_verified(request: HttpRequest) -> bool:
    """Return whether the user gave their second factor in this session."""
    check = getattr(request.user, "is_verified", None)  # set by django_otp's middleware
    return bool(check and check())


def authenticator_of(request: HttpRequest) -> Authenticator:
    """Return the authenticator of the signed-in user.

    Raises:
        PermissionDenied: nobody is signed in with a second factor.
    """
    device = getattr(request.user, "otp_device", None)
    if not isinstance(device, Authenticator):
        raise PermissionDenied
    return device
