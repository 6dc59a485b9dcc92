"""The three staff roles, which are Django groups with exactly these permissions.

An administrator manages users, programs and what the site says of the clinic, and has no access to cases or answers.
"""

from typing import Any

from django.contrib.auth.models import Group, Permission, User
from django.db.models import Q, QuerySet, TextChoices

from recommend.desk.models import StaffMember

READ = ("view",)
READ_AND_ADD = ("view", "add")
EVERYTHING = ("view", "add", "change", "delete")


class Role(TextChoices):
    """A staff role. The value is the name of its group."""

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
    "recommend.programwording": READ,
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
        "clinic.clinicversion": READ_AND_ADD,
        "clinic.linecheck": READ_AND_ADD,
        "recommend.program": EVERYTHING,
        "recommend.programsession": EVERYTHING,
        "recommend.programwording": EVERYTHING,
    },
}


def codenames(role: Role) -> set[tuple[str, str]]:
    """Return the app label and codename of each permission of a role."""
    pairs = [(*name.split("."), verb) for name, verbs in ROLE_PERMISSIONS[role].items() for verb in verbs]
    return {(app, f"{verb}_{model}") for app, model, verb in pairs}


def sync_groups(sender: Any, **kwargs: Any) -> None:
    """Create the groups of all roles and set their permissions. Receives ``post_migrate``, when permissions exist."""
    for role in Role:
        group, _ = Group.objects.get_or_create(name=role.value)
        wanted = Q(pk=None)
        for app, codename in codenames(role):
            wanted |= Q(content_type__app_label=app, codename=codename)
        group.permissions.set(Permission.objects.filter(wanted))


def role_of(user: Any) -> Role | None:
    """Return the role of a user; None if they have no role or several."""
    names = [group.name for group in user.groups.all() if group.name in Role.values]
    return Role(names[0]) if len(names) == 1 else None


def can_view_cases(role: Role) -> bool:
    return "desk.case" in ROLE_PERMISSIONS[role]


def case_workers() -> QuerySet[User]:
    """Return the active staff users who may view cases."""
    return User.objects.with_perm("desk.view_case", is_active=True).filter(is_staff=True)


def assign_role(user: Any, role: Role) -> None:
    """Give a user this role, and remove all others and all own permissions. Off duty if it may not view cases."""
    user.groups.set([Group.objects.get(name=role.value)])
    user.user_permissions.clear()
    if not can_view_cases(role):
        StaffMember.objects.filter(user=user).update(on_duty=False)
