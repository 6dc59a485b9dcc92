"""The three staff roles: Django groups with exactly these permissions.

The administrator keeps people and programs and sees no answers: no case, nothing that belongs to one.
"""

from typing import Any

from django.contrib.auth.models import Group, Permission, User
from django.db.models import Q, QuerySet, TextChoices

from recommend.desk.models import StaffMember

READ = ("view",)
READ_AND_ADD = ("view", "add")
EVERYTHING = ("view", "add", "change", "delete")


class Role(TextChoices):
    """The value is the name of the group."""

    COORDINATOR = "coordinator", "Coordinator"
    LEAD = "clinical lead", "Clinical lead"
    ADMINISTRATOR = "administrator", "Administrator"


CASES = {
    "desk.case": ("view", "change"),
    "desk.contactattempt": READ_AND_ADD,
    "desk.note": READ_AND_ADD,
    "desk.disposition": READ_AND_ADD,
    "desk.casechange": READ,
    "recommend.program": READ,
    "recommend.programsession": READ,
}
ROLE_PERMISSIONS: dict[Role, dict[str, tuple[str, ...]]] = {
    Role.COORDINATOR: CASES,
    Role.LEAD: {
        **CASES,
        "desk.case": ("view", "change", "lead"),
        "desk.accessevent": READ,
        "desk.strangerevent": READ,
        "desk.dashboard": READ,
    },
    Role.ADMINISTRATOR: {
        "auth.user": ("view", "add", "change"),
        "desk.staffmember": ("view", "add", "change"),
        "recommend.program": EVERYTHING,
        "recommend.programsession": EVERYTHING,
    },
}


def codenames(role: Role) -> set[tuple[str, str]]:
    """Return app and codename of each permission of a role."""
    pairs = [(*name.split("."), verb) for name, verbs in ROLE_PERMISSIONS[role].items() for verb in verbs]
    return {(app, f"{verb}_{model}") for app, model, verb in pairs}


def sync_groups(sender: Any, **kwargs: Any) -> None:
    """Make the groups, or put them right again. Runs after each `migrate`, when all permissions are there."""
    for role in Role:
        group, _ = Group.objects.get_or_create(name=role.value)
        wanted = Q(pk=None)
        for app, codename in codenames(role):
            wanted |= Q(content_type__app_label=app, codename=codename)
        group.permissions.set(Permission.objects.filter(wanted))


def role_of(user: Any) -> Role | None:
    """Return the role of a user; None for a user with no role or with several."""
    names = [group.name for group in user.groups.all() if group.name in Role.values]
    return Role(names[0]) if len(names) == 1 else None


def can_view_cases(role: Role) -> bool:
    return "desk.case" in ROLE_PERMISSIONS[role]


def case_workers() -> QuerySet[User]:
    """Return the active staff whose role may see cases."""
    return User.objects.with_perm("desk.view_case", is_active=True).filter(is_staff=True)


def assign_role(user: Any, role: Role) -> None:
    """Make a user one of this role and of nothing else; off duty, if the role sees no cases."""
    user.groups.set([Group.objects.get(name=role.value)])
    user.user_permissions.clear()
    if not can_view_cases(role):
        StaffMember.objects.filter(user=user).update(on_duty=False)
