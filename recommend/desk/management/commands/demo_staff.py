import secrets
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.urls import reverse

from carenav.accounts.models import Authenticator, current_code, new_key, typed_secret
from recommend.desk.models import StaffMember
from recommend.desk.staff.roles import Role, assign_role

PEOPLE = {"coordinator": Role.COORDINATOR, "lead": Role.LEAD, "administrator": Role.ADMINISTRATOR}


class Command(BaseCommand):
    help = (
        "Makes a staff user of each role that can be used without a phone, and prints what they sign in with. "
        "A second run prints their codes of now. A part of `manage.py demo`."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--new-password", action="store_true", help="new passwords and secrets, shown once"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("staff whose secrets were printed do not belong on a real site: refused")
        with transaction.atomic():
            self.stdout.write("\n".join(lines(options["new_password"])))


def lines(new_password: bool) -> Iterator[str]:
    """Yield the sign-in details of each demo user, after creating those that are missing.

    Args:
        new_password: whether to give existing users a new password and secret too.
    """
    yield f"Sign in at {reverse('admin:index')} with name, password and code:"
    users = get_user_model().objects
    for name, role in PEOPLE.items():
        user = users.filter(username=name).first()
        if user is None or new_password:
            yield made(user or users.create_user(name, is_staff=True), role)
        else:
            yield already_there(user)
    yield "A code works once and for a minute. Run `manage.py demo_staff` for the next ones, or give an app the secret."


def made(user: Any, role: Role) -> str:
    """Set a user's role and a new password and second factor; return a line with the sign-in details.

    Password and secret cannot be shown again later.
    """
    password, key = secrets.token_urlsafe(12), new_key()
    user.set_password(password)
    user.save()
    assign_role(user, role)
    StaffMember.objects.get_or_create(user=user)
    Authenticator.objects.filter(user=user).delete()
    Authenticator.objects.create(user=user, name="demo", key=key)
    return f"  {user}, password {password}, code {current_code(key)}, secret {typed_secret(key)} (shown this once)"


def already_there(user: Any) -> str:
    device = Authenticator.objects.filter(user=user, name="demo").first()
    if device is None:
        return f"  {user} is there already, and not from the demo: left alone without --new-password"
    return f"  {user} is there already, code {current_code(device.key)}. Forgot the password? --new-password"
