"""The page of the people: an administrator adds them, gives roles and hands out links; nobody rises by it."""

import re

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.test import Client

from carenav.accounts.models import Authenticator, Invitation
from recommend.desk.models import AccessEvent, StaffMember
from recommend.desk.notifications import on_duty
from recommend.desk.staff.roles import Role, role_of
from tests.support.staff import PASSWORD, sign_in, staff_user

pytestmark = pytest.mark.django_db

User = get_user_model()
ADD = "/staff/auth/user/add/"


def person_url(user):
    return f"/staff/auth/user/{user.pk}/change/"


def link_url(user):
    return f"/staff/auth/user/{user.pk}/sign-in-link/"


@pytest.fixture
def boss(client):
    return sign_in(client, "administrator", "boss")


@pytest.fixture
def ida(boss):
    return staff_user("coordinator", "ida")


def form(user, **changes):
    """What the browser sends: the fields, and beside each what was in it when the page was shown."""
    shown = {
        "username": user.username,
        "email": user.email,
        "role": role_of(user) or "",
        "is_active": user.is_active,
        "on_duty": on_duty().filter(pk=user.pk).exists(),
    }
    typed = {"username": user.username, "email": "", "role": "coordinator", "is_active": "on"}
    return {f"initial-{name}": str(value) for name, value in shown.items()} | typed | changes


def test_somebody_new_gets_a_role_and_then_a_link(client, boss, events):
    response = client.post(
        ADD, {"username": "dan", "email": "dan@clinic.example", "role": "clinical lead", "on_duty": "on"}
    )
    dan = User.objects.get(username="dan")
    assert response["Location"] == link_url(dan)
    assert (dan.is_staff, dan.is_superuser, dan.is_active, role_of(dan)) == (True, False, True, Role.LEAD)
    assert not dan.has_usable_password()
    assert StaffMember.objects.get(user=dan).on_duty
    page = client.post(link_url(dan)).content.decode()
    link = re.search(r"http://testserver(/staff/set-up/\S+/)<", page)[1]
    assert Client().get(link).status_code == 200
    assert events[-1] == ("factor_reset", f"user {dan.pk}")


@pytest.mark.parametrize(
    "field", ["is_superuser", "is_staff", "user_permissions", "password", "groups", "last_login"]
)
def test_person_form_ignores_fields_it_does_not_show(field, client, ida):
    before = User.objects.filter(pk=ida.pk).values().get()
    value = {"user_permissions": "1", "groups": "3", "password": "x"}.get(field, "on")
    assert client.post(person_url(ida), form(ida, **{field: value})).status_code == 302
    assert User.objects.filter(pk=ida.pk).values().get() == before
    assert not ida.user_permissions.exists()
    assert role_of(ida) == Role.COORDINATOR


def test_a_role_is_changed_and_nothing_is_left_of_the_old_one(client, ida):
    ida.user_permissions.add(Permission.objects.get(codename="view_case"))
    client.post(person_url(ida), form(ida, role="administrator"))
    ida = User.objects.get(pk=ida.pk)
    assert role_of(ida) == Role.ADMINISTRATOR
    assert not ida.has_perm("desk.view_case")


def test_a_made_up_role_is_refused(client, ida):
    response = client.post(person_url(ida), form(ida, role="superuser"))
    assert response.status_code == 200
    assert role_of(ida) == Role.COORDINATOR


def test_person_form_opened_earlier_does_not_reactivate_a_user(client, ida):
    page = client.get(person_url(ida)).content.decode()
    stale = dict(re.findall(r'<input type="hidden" name="(initial-\w+)"(?: value="([^"]*)")?', page))
    names = ("username", "email", "role", "is_active", "on_duty", "away_from", "away_until")
    assert set(stale) == {f"initial-{name}" for name in names}
    client.post(person_url(ida), form(ida, is_active="", role="clinical lead"))
    typed = {"username": "ida", "email": MAIL, "role": "coordinator", "is_active": "on"}
    assert client.post(person_url(ida), stale | typed).status_code == 302
    ida.refresh_from_db()
    assert (ida.email, ida.is_active, role_of(ida)) == (MAIL, False, Role.LEAD)


def test_inactive_person_is_signed_out(client, ida):
    hers = Client()
    sign_in(hers, name="ida")
    client.post(person_url(ida), form(ida, is_active=""))
    assert hers.get("/staff/").status_code == 302


def test_person_without_a_role_can_be_made_inactive(client, boss):
    bare = User.objects.create_user("bare", is_staff=True)
    bare.user_permissions.add(Permission.objects.get(codename="view_case"))
    assert client.post(person_url(bare), form(bare, role="", is_active="")).status_code == 302
    bare.refresh_from_db()
    assert (bare.is_active, role_of(bare)) == (False, None)
    response = client.post(person_url(bare), form(bare, role="", email=MAIL, on_duty="on"))
    assert "sees no cases" in response.context["adminform"].form.errors["on_duty"][0]


def test_person_with_a_role_must_keep_one(client, ida):
    response = client.post(person_url(ida), form(ida, role=""))
    assert response.context["adminform"].form.errors["role"] == ["This field is required."]


def test_nobody_changes_their_own_role_or_access(client, boss):
    page = client.get(person_url(boss)).content.decode()
    assert 'name="role"' not in page
    assert 'name="is_active"' not in page
    assert link_url(boss) not in page
    client.post(person_url(boss), form(boss, role="clinical lead", is_active="", email="boss@clinic.example"))
    boss.refresh_from_db()
    assert boss.email == "boss@clinic.example"
    assert (role_of(boss), boss.is_active) == (Role.ADMINISTRATOR, True)


def test_nobody_resets_their_own_sign_in(client, boss):
    assert client.get(link_url(boss)).status_code == 403
    assert client.post(link_url(boss)).status_code == 403
    assert Authenticator.objects.filter(user=boss).exists()


def test_a_reset_ends_sessions_and_devices_at_once(client, ida, events):
    hers = Client()
    sign_in(hers, name="ida")
    assert hers.get("/staff/").status_code == 200
    assert client.get(link_url(ida)).status_code == 200
    assert hers.get("/staff/").status_code == 200  # only looking changes nothing
    client.post(link_url(ida))
    assert hers.get("/staff/").status_code == 302
    assert not Authenticator.objects.filter(user=ida).exists()
    assert Invitation.objects.get().user == ida
    assert events[-1] == ("factor_reset", f"user {ida.pk}")


def test_the_page_of_a_person_says_whether_their_sign_in_is_set_up(client, ida):
    assert "Set up. " in client.get(person_url(ida)).content.decode()
    Authenticator.objects.filter(user=ida).delete()
    assert "Not set up yet. " in client.get(person_url(ida)).content.decode()


def test_link_page_of_an_inactive_person_says_it_opens_nothing(client, ida):
    words = "the link opens nothing until they are"
    assert words not in client.post(link_url(ida)).content.decode()
    User.objects.filter(pk=ida.pk).update(is_active=False)
    page = client.post(link_url(ida)).content.decode()
    assert words in page
    link = re.search(r"http://testserver(/staff/set-up/\S+/)<", page)[1]
    assert Client().get(link).status_code == 404
    User.objects.filter(pk=ida.pk).update(is_active=True)
    assert Client().get(link).status_code == 200


def test_a_reset_needs_a_fresh_code(client, boss, ida, clock):
    clock.forward(6 * 60)
    assert 'name="step_up_code"' in client.post(link_url(ida)).content.decode()
    assert Authenticator.objects.filter(user=ida).exists()


def test_superusers_are_not_listed_or_editable(client, boss):
    root = User.objects.create_superuser("root")
    assert "root" not in client.get("/staff/auth/user/").content.decode()
    assert client.get(person_url(root)).status_code == 302  # to the list: there is none
    assert client.get(link_url(root)).status_code == 404
    assert client.post(link_url(root)).status_code == 404
    assert not Invitation.objects.exists()


def test_people_cannot_be_deleted(client, ida):
    assert client.get(f"/staff/auth/user/{ida.pk}/delete/").status_code == 403
    client.post("/staff/auth/user/", {"action": "delete_selected", "_selected_action": ida.pk, "post": "yes"})
    assert User.objects.filter(pk=ida.pk).exists()


def test_the_list_shows_role_duty_and_who_has_not_set_up_yet(client, ida, django_assert_max_num_queries):
    comes_on_duty(ida)
    User.objects.create_user("bare", is_staff=True)  # of no role, made by other means
    for number in range(20):
        staff_user("clinical lead", f"lead-{number}")
    with django_assert_max_num_queries(16):
        page = client.get("/staff/auth/user/").content.decode()
    assert "Coordinator" in page
    assert "Clinical lead" in page
    [row] = [row for row in page.split("<tr>") if ">ida<" in row]
    assert 'field-on_duty"><img src="/static/admin/img/icon-yes.svg"' in row


def test_the_password_change_page_keeps_the_rules(client, ida):
    hers = Client()
    sign_in(hers, name="ida")
    short = {"old_password": PASSWORD, "new_password1": "short", "new_password2": "short"}
    assert "at least 12" in hers.post("/staff/password_change/", short).content.decode()
    wrong = {"old_password": "x", "new_password1": "another long way", "new_password2": "another long way"}
    assert hers.post("/staff/password_change/", wrong).status_code == 200
    ida.refresh_from_db()
    assert ida.check_password(PASSWORD)


# ---- on duty


def comes_on_duty(user):
    user.email = "ida@clinic.example"
    user.save()
    StaffMember.objects.filter(user=user).update(on_duty=True)


def told():
    return [user.username for user in on_duty()]


@pytest.fixture
def ida_on_duty(ida):
    comes_on_duty(ida)
    assert told() == ["ida"]
    return ida


MAIL = "ida@clinic.example"


@pytest.mark.parametrize("role", ["coordinator", "clinical lead"])
def test_others_are_put_on_duty_and_taken_off_and_both_are_recorded(role, client, ida):
    for tick, after in ({"on_duty": "on"}, ["ida"]), ({}, []):
        client.post(person_url(ida), form(ida, role=role, email=MAIL, **tick))
        assert told() == after
        event = AccessEvent.objects.first()
        assert (event.who.username, event.verb) == ("boss", "change")
        assert event.what == f"admin:auth_user_change {ida.pk}"
    history = client.get(f"/staff/auth/user/{ida.pk}/history/").content.decode()
    assert history.index("On duty: yes") < history.index("On duty: no")


REFUSED = {
    "disabled": ({"is_active": ""}, "Who is not active cannot be on duty."),
    "sees no cases": ({"role": "administrator"}, "This role sees no cases"),
    "no e-mail address": ({"email": ""}, "Without an e-mail address nothing could tell them."),
}


@pytest.mark.parametrize("why", REFUSED)
def test_nobody_comes_on_duty_who_cannot_work_on_cases(why, client, ida):
    changes, words = REFUSED[why]
    response = client.post(person_url(ida), form(ida, **{"email": MAIL, "on_duty": "on"} | changes))
    assert response.status_code == 200
    assert response.context["adminform"].form.errors["on_duty"][0].startswith(words)
    ida.refresh_from_db()
    assert (ida.is_active, role_of(ida), ida.email) == (True, Role.COORDINATOR, "")  # nothing is half saved
    assert not StaffMember.objects.get(user=ida).on_duty


@pytest.mark.parametrize("why", REFUSED)
def test_person_who_loses_case_access_goes_off_duty_with_a_notice(why, client, ida_on_duty):
    changes, _ = REFUSED[why]
    changed = form(ida_on_duty, **{"email": MAIL, "on_duty": "on"} | changes)
    page = client.post(person_url(ida_on_duty), changed, follow=True).content.decode()
    assert "Off duty now, and told of no case any more: ida." in page
    assert told() == []
    assert not StaffMember.objects.get(user=ida_on_duty).on_duty
    assert "On duty: no" in client.get(f"/staff/auth/user/{ida_on_duty.pk}/history/").content.decode()
    # nor do they come back by themselves
    client.post(person_url(ida_on_duty), form(ida_on_duty, email=MAIL))
    assert told() == []


def test_somebody_new_of_a_role_without_cases_is_not_put_on_duty(client, boss):
    response = client.post(
        ADD, {"username": "dan", "email": "dan@clinic.example", "role": "administrator", "on_duty": "on"}
    )
    assert "This role sees no cases" in response.content.decode()
    assert not User.objects.filter(username="dan").exists()


@pytest.mark.parametrize("field", ["is_active", "is_staff"])
def test_person_who_can_get_no_mail_is_shown_off_duty(field, client, ida_on_duty):
    """Whatever is stored: they were disabled past this page."""
    User.objects.filter(pk=ida_on_duty.pk).update(**{field: False})
    assert not client.get(person_url(ida_on_duty)).context["adminform"].form.initial["on_duty"]
    assert names(client.get("/staff/auth/user/?duty=on")) == []


def names(response):
    assert response.status_code == 200
    return [person.username for person in response.context["cl"].result_list]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("duty=on", ["ida"]),
        ("duty=off", ["boss", "zoe"]),
        ("duty=maybe", ["boss", "ida", "zoe"]),
        ("duty=on&_facets=True", ["ida"]),
        ("", ["boss", "ida", "zoe"]),
    ],
)
def test_the_list_is_filtered_by_duty(query, found, client, ida_on_duty):
    staff_user("coordinator", "zoe")
    assert names(client.get(f"/staff/auth/user/?{query}")) == found


def test_no_address_reads_off_the_hash_of_a_password(client, ida):
    found = "/staff/auth/user/?password__startswith="
    for start in (ida.password[:9], "x"):
        response = client.get(f"{found}{start}")
        assert response.status_code == 400
        assert b"988" in response.content
    assert client.get("/staff/auth/user/?is_active__exact=1&groups__id__exact=1&duty=off").status_code == 200


def test_own_page_offers_no_duty(client, boss):
    """An administrator sees no cases; who does goes on duty at the desk."""
    assert "on_duty" not in client.get(person_url(boss)).content.decode()
    client.post(person_url(boss), form(boss, email=MAIL, on_duty="on"))
    assert told() == []
