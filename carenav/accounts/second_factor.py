"""Check, reset and set up the second factor of a user."""

from typing import Any

from django.db import transaction
from django_otp import verify_token

from carenav.accounts import throttling
from carenav.accounts.models import Authenticator, Invitation, Passkey


def accepted_device(user: Any, code: str, budgets: throttling.Budgets) -> Authenticator | None:
    """Return the user's authenticator if the code is valid, and use the code up.

    Args:
        user: the user who should have sent the code.
        code: the code as typed.
        budgets: the budgets from which this attempt is taken; a valid code is refunded.

    Returns:
        None if the code is wrong, or if there were too many attempts, even if the code is right.
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
    """Delete a user's password, second factor and passkeys, and their sessions; return a new one-time link's token."""
    Authenticator.objects.filter(user=user).delete()
    Passkey.objects.filter(user=user).delete()
    user.set_unusable_password()  # ends the sessions too: each holds a hash that depends on the password
    user.save(update_fields=["password"])
    return Invitation.objects.make(user)


@transaction.atomic
def set_up(invitation: Invitation, password: str, step: int) -> list[str]:
    """Set the password and second factor of the invited user, and delete the invitation.

    Args:
        invitation: the invitation behind the link.
        password: a password that passed validation.
        step: the time step of the first code, which cannot be used again.

    Returns:
        the backup codes in clear text, to be shown once.
    """
    user = invitation.user
    user.set_password(password)
    user.save(update_fields=["password"])
    Authenticator.objects.filter(user=user).delete()
    device = Authenticator.objects.create(user=user, name="app", key=invitation.key, last_step=step)
    invitation.delete()
    return device.new_backup_codes()
