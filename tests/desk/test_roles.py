"""The three roles: what each may do, made by `migrate` and put right by it."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command

from recommend.desk.staff.roles import ROLE_PERMISSIONS, Role, codenames, role_of
from tests.support.staff import sign_in, staff_user

pytestmark = pytest.mark.django_db


def permissions(group):
    return set(group.permissions.values_list("content_type__app_label", "codename"))


@pytest.mark.parametrize("role", Role)
def test_each_role_has_its_permissions(role):
    assert permissions(Group.objects.get(name=role)) == codenames(role)


def test_migrate_removes_permissions_outside_the_table():
    group = Group.objects.get(name=Role.ADMINISTRATOR)
    group.permissions.set([Permission.objects.get(codename="view_case")])
    Group.objects.get(name=Role.LEAD).delete()
    call_command("migrate", verbosity=0)
    for role in Role:
        assert permissions(Group.objects.get(name=role)) == codenames(role)


def test_the_administrator_reads_nothing_of_a_case():
    of_cases = {"case", "submission", "contactdetails", "recommendation", "draft", "outboxmessage"}
    of_cases |= {"contactattempt", "note", "disposition", "casechange"}
    assert {name.partition(".")[2] for name in ROLE_PERMISSIONS[Role.ADMINISTRATOR]}.isdisjoint(of_cases)


@pytest.mark.parametrize("role", Role)
def test_a_user_of_a_role_is_signed_in(client, role):
    user = sign_in(client, role)
    assert role_of(user) == role
    assert client.get("/staff/").status_code == 200
    assert staff_user(role) == user
