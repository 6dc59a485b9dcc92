"""Check, reset and set up the second factor of a user."""

from typing import Any

from django.db import transaction
from django_otp import verify_token

from carenav.accounts import throttling
from carenav.accounts.models import Authenticator, Invitation, Passkey


def accepted_device(user: Any, code: str, budgets: throttling.Budgets) -> Authenticator | None:
    """Return the user's authenticator if the code is valid for it, and use the code up.

    None too where wrong codes came too fast: a right one is worth nothing then.

    Args:
        user: whose code it should be.
        code: as typed.
        budgets: what the try is taken from.
    """
    device = Authenticator.objects.filter(user=user, confirmed=True).first()
    if device is None or throttling.register_attempt(budgets):
        return None
    verified: Authenticator | None = verify_token(user, device.persistent_id, code)
    if verified:
        throttling.refund_attempt(budgets)
    return verified


@transaction.atomic
def new_link(user: Any) -> str:
    """Make a one-time link and end the user's password, second factor, passkeys and sessions now."""
    Authenticator.objects.filter(user=user).delete()
    Passkey.objects.filter(user=user).delete()
    user.set_unusable_password()  # sessions carry a hash of the password's: none fits any more
    user.save(update_fields=["password"])
    return Invitation.objects.make(user)


@transaction.atomic
def set_up(invitation: Invitation, password: str, step: int) -> list[str]:
    """Give the user of a link their password and second factor; the backup codes, shown this once."""
    user = invitation.user
    user.set_password(password)
    user.save(update_fields=["password"])
    Authenticator.objects.filter(user=user).delete()
    device = Authenticator.objects.create(user=user, name="app", key=invitation.key, last_step=step)
    invitation.delete()
    return device.new_backup_codes()
