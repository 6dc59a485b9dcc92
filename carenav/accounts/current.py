"""The second factor of the signed-in user."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from carenav.accounts import sessions
from carenav.accounts.models import Authenticator
from carenav.plumbing.request_state import remember


def is_verified(request: HttpRequest) -> bool:
    """Return whether the user gave their second factor in this session."""
    check = getattr(request.user, "is_verified", None)  # set by django_otp's middleware
    return bool(check and check())


def staff_at_work(request: HttpRequest) -> int | None:
    """Return the id of the user of a staff session that is not over, and count the request as use of it.

    For pages outside the staff's own, where the middleware ends no session; sets the seconds left for the templates.
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
