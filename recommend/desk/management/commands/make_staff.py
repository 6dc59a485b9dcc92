import re
from argparse import ArgumentTypeError
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from carenav.accounts import second_factor
from carenav.accounts.signals import Verb, record_event
from recommend.desk.models import StaffMember
from recommend.desk.staff.pages import link_address
from recommend.desk.staff.roles import Role, assign_role


def role_named(text: str) -> Role:
    try:
        return Role(re.sub("[-_]", " ", text.lower()))
    except ValueError:
        raise ArgumentTypeError(f"{text} is none of {', '.join(Role.values)}") from None


class Command(BaseCommand):
    help = (
        "Makes a staff user and prints a one-time link, with which they set their password and second factor within "
        "24 hours. With --again: a new link for a user who is there; how they signed in before ends at once."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="the name they sign in with")
        parser.add_argument(
            "--role",
            type=role_named,
            required=True,
            help="coordinator, clinical-lead or administrator; they get what the role may do, and nothing else",
        )
        parser.add_argument("--email", default="", help="where to tell them that a case is waiting")
        parser.add_argument("--again", action="store_true", help="the user is there and needs a new link")

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        user = self.user(options["name"], options["email"], options["again"])
        assign_role(user, options["role"])
        StaffMember.objects.get_or_create(user=user)
        token = second_factor.new_link(user)
        record_event(None, Verb.FACTOR_RESET, user)
        self.stdout.write(
            f"Give {user} this link on the site. It works once, for 24 hours:\n{link_address(token)}"
        )

    def user(self, name: str, email: str, again: bool) -> Any:
        """Create a user, or update the existing one: active, staff and not a superuser. Returns the user.

        Args:
            name: the username.
            email: the new e-mail address; "" keeps the stored one.
            again: whether the user must exist already.

        Raises:
            CommandError: the user exists although ``again`` is False, or is missing although it is True, or the name is
                not valid.
        """
        model = get_user_model()
        user = model.objects.filter(username__iexact=name).order_by("pk").first()
        if user and not again:
            raise CommandError(f"There is a user {name} already. Add --again for a new link")
        if again and not user:
            raise CommandError(f"There is no user {name}. Leave out --again to make one")
        user = user or model(username=name)
        user.email = email or user.email
        user.is_staff, user.is_active, user.is_superuser = True, True, False
        try:
            user.full_clean(exclude=["password"])
        except ValidationError as error:
            raise CommandError("; ".join(error.messages)) from None
        user.save()
        return user
