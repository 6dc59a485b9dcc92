"""Make staff users with a role and a second factor, and sign them in."""

from typing import Any

from django.contrib.auth import get_user_model
from django.test import Client
from django_otp import DEVICE_ID_SESSION_KEY

from carenav.accounts.models import Authenticator, current_code, new_key
from recommend.desk.models import StaffMember
from recommend.desk.staff.roles import Role, assign_role

PASSWORD = "a long way to the mountain"


def staff_user(role: str = "coordinator", name: str | None = None) -> Any:
    """Return the user with this name, by default that of the role; made with role and second factor if missing."""
    user, made = get_user_model().objects.get_or_create(
        username=name or role.replace(" ", "-"), defaults={"is_staff": True}
    )
    if made:
        user.set_password(PASSWORD)
        user.save()
        assign_role(user, Role(role))
        StaffMember.objects.create(user=user)
        Authenticator.objects.create(user=user, key=new_key())
    return user


def code_of(user: Any) -> str:
    """Return the code that the user's authenticator app shows now."""
    return current_code(Authenticator.objects.get(user=user).key)


def sign_in(client: Client, role: str = "coordinator", name: str | None = None) -> Any:
    """Sign a client in as staff, with second factor and a recent code, and return the user.

    Args:
        client: the client.
        role: "coordinator", "clinical lead" or "administrator".
        name: the user name; by default that of the role. Two users with the same role need two names.
    """
    user = staff_user(role, name)
    user.otp_device = Authenticator.objects.get(user=user)
    client.force_login(user)
    session = client.session
    session[DEVICE_ID_SESSION_KEY] = user.otp_device.persistent_id
    session.save()
    return user
