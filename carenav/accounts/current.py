"""The signed-in user of a request: their second factor, and whether their session is still valid."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from carenav.accounts import sessions
from carenav.accounts.models import Authenticator
from carenav.plumbing.request_state import remember


class FormOfAnother(PermissionDenied):
    """A form came from the page of another user, who was signed in in the same browser before."""


def is_verified(request: HttpRequest) -> bool:
    """Return whether the user gave their second factor in this session."""
    check = getattr(request.user, "is_verified", None)  # set by django_otp's middleware
    return bool(check and check())


def staff_at_work(request: HttpRequest) -> int | None:
    """Return the id of the signed-in staff user, and count the request as use of the session.

    For patients' pages, on which the middleware does not end sessions. Also sets ``staff_seconds_left`` on the request,
    for the templates.

    Returns:
        None if nobody is signed in with a second factor, or if the session has expired.
    """
    if not (request.user.is_authenticated and is_verified(request)) or sessions.seconds_left(request) <= 0:
        return None
    sessions.note_use(request)
    remember(request, staff_seconds_left=sessions.seconds_left(request))
    return request.user.pk


def authenticator_of(request: HttpRequest) -> Authenticator:
    """Return the authenticator of the signed-in user, who may have signed in with a passkey.

    Raises:
        PermissionDenied: nobody is signed in with a second factor.
    """
    device = getattr(request.user, "otp_device", None)
    if isinstance(device, Authenticator):
        return device
    own = Authenticator.objects.filter(user=request.user.pk).first() if is_verified(request) else None
    if own is None:
        raise PermissionDenied
    return own
